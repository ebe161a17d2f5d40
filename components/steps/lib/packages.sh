# shellcheck shell=bash
# Packages of a node, for what installs or updates them.
#
#   await_apt             waits for another run of apt to end
#   apt_get WORDS...      apt-get without questions; files that somebody changed stay
#   with_progress COMMAND...   runs it, and says now and then how many packages are done

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

with_progress() {
  local from job next=$((SECONDS + 15))
  touch /var/log/dpkg.log
  from=$(wc -l </var/log/dpkg.log)
  "$@" &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 1
    if ((SECONDS >= next)); then
      next=$((SECONDS + 15))
      tail -n "+$((from + 1))" /var/log/dpkg.log | awk '
        $3 == "status" && $4 == "unpacked" { unpacked[$5] }
        $3 == "status" && $4 == "installed" { installed[$5] }
        END { printf "%d packages unpacked, %d set up\n", length(unpacked), length(installed) }' |
        while read -r line; do say "$line"; done
    fi
  done
  wait "$job"
}
