# shellcheck shell=bash
# How large the controller's services are, by one table from its cores and memory. On the controller
# `. /etc/xiandian/openrc.sh; . /usr/local/lib/iaas/sizes.sh; sizes` prints what comes of it there.
#
#   size NAME             the number of that row
#   database_pool         the ini lines of a service's connections to a database
#   sizes                 each row's name, number and reason
#   services_memory       the MiB that services of these numbers take
#
# A core counts if it has 2 GiB of memory: a process of a service takes 0.1 to 0.2 GiB, and with all
# services about five come to a core. So a machine of 2 cores is small whatever its memory is.
# $SIZES, of the settings, has `cores=N` and `memory=GIB`, which count instead of the machine's own,
# and `NAME=N` for a row's number.

# NAME, how many for each core, at least, at most, and why. Memory is in MiB. The least is what 2 cores
# need. Keystone and Placement wait for the database in threads; Nova's green threads belong to one
# thread, and Neutron's API has one in its package: there a process is all that works at a time.
sizes_table() {
  cat <<'EOF'
keystone            1    2    16   processes of 32 threads: each request to any service begins with a token
placement           1/2  1    8    processes of 32 threads: asked for each new server, and by each compute once a minute
glance              1/4  1    8    processes: they wait for disks and wires, not for cores
novaApi             1    2    16   processes of one thread
novaMetadata        1/2  2    16   processes of one thread: servers ask as they start, a rack of them at once
novaConductor       1/2  1    16   processes: each writes what all computes report
novaScheduler       1/4  1    4    processes: more of them choose the same compute, and choose again
neutronApi          1/2  1    16   processes of one thread
neutronRpc          0    1    1    processes: OVN's agents ask its databases and not the queue
dashboard           1/2  1    16   processes of 8 threads, where it is on: people ask, not programs
backlog             0    1024 1024 requests that wait for a process: they take memory only as they come
databaseConnections 384  4096 6144 connections: five files for each, of the 32768 that MariaDB may open
databaseMemory      64   128  4096 MiB of tables and indexes that MariaDB need not read again; 128 is its own
queueMemory         256  1024 8192 MiB from which RabbitMQ lets senders wait; its own would be 0.6 of what all share
cacheMemory         32   64   1024 MiB of tokens and catalogues in memcached
cacheConnections    0    4096 4096 connections to memcached: one for each thread of Keystone, ten for each other process
EOF
}

# A machine has a little less memory than its modules: what its kernel takes before it counts.
sizes() {
  local memory
  memory=$(awk '/^MemTotal/ { print $2 / 1048576 }' /proc/meminfo)
  sizes_table | awk -v settings="$SIZES" -v cores="$(getconf _NPROCESSORS_ONLN)" -v memory="$memory" '
    BEGIN {
      words = split(settings, word, " ")
      for (i = 1; i <= words; i++) {
        split(word[i], pair, "=")
        given[pair[1]] = pair[2]
      }
      if ("cores" in given) cores = given["cores"]
      most = int("memory" in given ? given["memory"] / 2 : memory / 2 + 0.5)
      if (cores > most) cores = most
    }
    {
      name = $1
      split($2, each, "/")
      value = int(cores * each[1] / (each[2] ? each[2] : 1))
      if (value < $3) value = $3
      if (value > $4) value = $4
      if (name in given) value = given[name]
      sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +/, "")
      printf "%-20s %5d  %s\n", name, value, $0
    }'
}

size() {
  sizes | awk -v name="$1" '$1 == name { print $2 }'
}

# MiB for the kernel, OVN and libvirt, for each process, and for what the database and memcached hold.
services_memory() {
  sizes | awk '
    $3 == "processes" || $3 == "processes:" { processes += $2 }
    $1 == "databaseMemory" || $1 == "cacheMemory" { held += $2 }
    END { printf "%d\n", 1024 + 150 * (processes + 8) + held }'
}

# All pools together stay below what the database takes; a tenth is left for people and backups. 5 that
# stay open and 50 more are oslo.db's own. A process has a pool for each database that it uses: Nova's
# have four, for nova_api, nova and the two cells. Besides those of the table there are Nova's console
# proxy, and Neutron's workers for reports, OVN and what is periodic.
database_pool() {
  sizes | awk '
    { number[$1] = $2 }
    END {
      nova = number["novaApi"] + number["novaMetadata"] + number["novaConductor"] + number["novaScheduler"] + 1
      neutron = number["neutronApi"] + number["neutronRpc"] + 6
      pools = number["keystone"] + number["placement"] + number["glance"] + 4 * nova + neutron
      share = int(number["databaseConnections"] * 9 / 10 / pools)
      if (share > 55) share = 55
      stay = share < 5 ? share : 5
      printf "max_pool_size = %d\nmax_overflow = %d\n", stay, share - stay
    }'
}
