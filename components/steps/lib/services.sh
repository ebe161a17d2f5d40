# shellcheck shell=bash
# Functions to change files and packages and to restart services, for the steps of a node.
#
#   put FILE OWNER MODE   stdin becomes FILE, if it differs
#   merge FILE OWNER      stdin, an ini fragment, goes into FILE, if it differs
#   own_folder FOLDER GROUP   FOLDER is root's, and its GROUP may read it
#   slim FILE USER PROCESSES THREADS   writes a uwsgi service's file
#   must_last CERTIFICATE TEXT   where it ends within a month, TEXT says what differs
#   sandbox               prints the lines of a unit's [Service] that keep it from what it needs not
#   outdated UNIT FILE... UNIT must run with the present content of these FILEs
#   refresh               restarts the units that are outdated
#   await_apt             waits for another run of apt to end
#   apt_get WORDS...      apt-get without questions; files that somebody changed stay
#   get_lists             the packages' lists of all sources
#   with_progress COMMAND...   runs it, and says now and then how many packages are done
#
# What a file holds is said line by line, but for what could be a password: such a value is left out,
# and of a key, and of a file that only its owner may read, nothing is said.
OUTDATED=()

# The text on stdin becomes FILE, at once or not at all.
put() {
  local file=$1 owner=$2 mode=$3 new
  doing "writing $file"
  new=$(mktemp "$WORK/XXXXXX")
  cat >"$new"
  place "$new" "$file" "$owner" "$mode"
}

# The ini fragment on stdin sets its keys in FILE; the other lines stay.
merge() {
  local file=$1 owner=$2 mode=${3:-0640} new
  doing "writing $file"
  new=$(mktemp "$WORK/XXXXXX")
  if [[ -e $file ]]; then cat "$file" >"$new"; fi
  crudini --merge "$new"
  # It leaves a blank after a key without value, but only the first time.
  sed -i 's/[ \t]*$//' "$new"
  place "$new" "$file" "$owner" "$mode"
}

place() {
  local new=$1 file=$2 owner=$3 mode=$4 beside
  chown "$owner" "$new"
  chmod "$mode" "$new"
  if [[ -e $file && $(stat -c '%U:%G %a' "$file") == "$(stat -c '%U:%G %a' "$new")" ]] &&
    cmp -s "$new" "$file"; then
    rm "$new"
  elif ! comparing || differs "$(difference "$file" "$new")"; then
    # Between file systems nothing is moved at once. Services that read a whole folder skip such a name.
    beside=${file%/*}/.${file##*/}.iaas
    # It would give a folder that is there another mode.
    [[ -d ${file%/*} ]] || install -d "${file%/*}"
    mv -f "$new" "$beside"
    mv "$beside" "$file"
    changed "wrote $file"
  else
    rm "$new"
  fi
}

# FILE NEW: how they differ, without passwords.
difference() {
  local file=$1 new=$2 is wanted
  if [[ ! -e $file ]]; then
    echo "$file is not there"
    return
  fi
  is=$(stat -c '%U:%G %a' "$file") wanted=$(stat -c '%U:%G %a' "$new")
  if [[ $is != "$wanted" ]]; then echo "$file is of $is, not of $wanted"; fi
  if cmp -s "$new" "$file"; then return; fi
  echo "$file differs"
  if [[ $wanted == *" 600" || $file == *.key ]]; then return; fi
  # A value may hold a password by its name, as a URL with one, or as the digits of a derived one.
  { diff --unchanged-line-format= --old-line-format='  - %L' --new-line-format='  + %L' \
    "$file" "$new" || true; } |
    sed -E 's/^(  [-+] [^=:]*(pass|secret|token|key|connection|transport_url)[^=:]*[=:]).*/\1 …/I
      s/[0-9a-f]{40}/…/g; s|(://[^:/@]*:)[^@]*@|\1…@|g' | cut -c1-200
}

# The files in it are root's, but a service that owned their folder could put others in their place.
own_folder() {
  local folder=$1 wanted="root:$2 750" is
  is=$(stat -c '%U:%G %a' "$folder")
  if [[ $is != "$wanted" ]] && differs "$folder is of $is, not of $wanted"; then
    chown "root:$2" "$folder"
    chmod 0750 "$folder"
    changed "$folder is of $wanted"
  fi
}

# FILE USER PROCESSES THREADS: so many of them, and a quick stop: the package's own file starts up to a
# dozen and waits a minute for them. uwsgi closes each connection and says so: a client that sends on it
# once more loses its request. It does not start where it lets more wait than the kernel does. No service
# needs a request of more than a mebibyte, which would be read whole.
slim() {
  local waiting kernel
  waiting=$(size backlog) kernel=$(</proc/sys/net/core/somaxconn)
  merge "$1" "root:$2" <<EOF
[uwsgi]
add-header = Connection: close
limit-post = 1048576
processes = $3
threads = $4
listen = $((waiting < kernel ? waiting : kernel))
worker-reload-mercy = 3
EOF
}

must_last() {
  openssl x509 -in "$1" -noout -checkend $((31 * 86400)) || differs "$2" || true
}

# What it may read, write and connect to besides is the unit's own to say.
sandbox() {
  cat <<EOF
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0077
EOF
}

# The time that a unit was last started at, in microseconds; 0 if it does not run.
# The file's time is compared with it, so a change whose restart was cut off is
# still seen by the next run.
started() {
  local at=""
  if systemctl is-active --quiet "$1"; then
    at=$(systemctl show --timestamp=us+utc -P InactiveExitTimestamp "$1")
  fi
  if [[ -n $at ]]; then date -d "${at#* }" +%s%6N; else echo 0; fi
}

# Notes that UNIT is to be restarted if it does not run or a FILE is newer than it.
outdated() {
  local unit=$1 since why file
  shift
  if ! systemctl is-enabled --quiet "$unit" && differs "$unit is not enabled"; then
    systemctl enable --quiet "$unit"
  fi
  since=$(started "$unit") why="does not run"
  for file in "$@"; do
    if ((since)) && [[ -e $file ]] && (($(date -r "$file" +%s%6N) > since)); then
      since=0 why="runs since before the last change of $file"
    fi
  done
  if ((since == 0)) && differs "$unit $why"; then OUTDATED+=("$unit"); fi
}

# Restarts what is outdated, in parallel.
refresh() {
  if ((${#OUTDATED[@]} == 0)); then return; fi
  doing "restarting ${OUTDATED[*]}"
  # Otherwise systemd refuses one that failed too often in a row.
  systemctl reset-failed "${OUTDATED[@]}"
  systemctl restart "${OUTDATED[@]}"
  restarted "${OUTDATED[@]}"
  OUTDATED=()
}

# Whether nobody holds apt's locks. apt itself waits for dpkg's alone.
apt_is_free() {
  [[ $(lslocks --notruncate --noheadings --output PATH) != *@(/dpkg/lock|/apt/lists/lock)* ]]
}

await_apt() {
  apt_is_free || say "waiting for another run of apt to end"
  await 900 "another run of apt to end" apt_is_free
}

apt_get() {
  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

get_lists() {
  doing "getting the packages' lists"
  # By itself apt goes on with what it has where a mirror does not answer.
  apt_get --error-on=any update
}

# APT DPKG: how far a transaction is, by what apt has said of it and dpkg's log since it began. Each
# package is unpacked, then set up; triggers set up others, too.
how_far() {
  awk '
    / newly installed, / { all = $1 + $3 }
    $3 == "status" && $4 == "unpacked" { unpacked[$5] }
    $3 == "status" && $4 == "installed" { installed[$5] }
    END {
      percent = all ? int(50 * (length(unpacked) + length(installed)) / all) : 0
      if (all) printf "%d %%: ", percent < 100 ? percent : 100
      printf "%d packages unpacked, %d set up\n", length(unpacked), length(installed)
    }' "$@"
}

with_progress() {
  local from began job next=$((SECONDS + 15))
  touch /var/log/dpkg.log
  from=$(wc -l </var/log/dpkg.log)
  began=$(wc -l <"$LOG")
  "$@" &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 1
    if ((SECONDS >= next)); then
      next=$((SECONDS + 15))
      say "$(how_far <(tail -n "+$((began + 1))" "$LOG") <(tail -n "+$((from + 1))" /var/log/dpkg.log))"
    fi
  done
  wait "$job"
}
