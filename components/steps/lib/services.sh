# shellcheck shell=bash
# Functions to change files and to restart services, for the steps of a node.
#
#   put FILE OWNER MODE   stdin becomes FILE, if it differs
#   merge FILE OWNER      stdin, an ini fragment, goes into FILE, if it differs
#   slim FILE USER PROCESSES [THREADS]   writes a uwsgi service's file with few processes
#   outdated UNIT FILE... UNIT must run with the present content of these FILEs
#   refresh               restarts the units that are outdated
OUTDATED=()

# The text on stdin becomes FILE, at once or not at all.
put() {
  local file=$1 owner=$2 mode=$3 new
  doing "writing $file"
  install -d "$(dirname "$file")"
  new=$(mktemp "$file.XXXXXX")
  cat >"$new"
  place "$new" "$file" "$owner" "$mode"
}

# The ini fragment on stdin sets its keys in FILE; the other lines stay.
merge() {
  local file=$1 owner=$2 mode=${3:-0640} new
  doing "writing $file"
  new=$(mktemp "$file.XXXXXX")
  cat "$file" >"$new"
  crudini --merge "$new"
  # It leaves a blank after a key without value, but only the first time.
  sed -i 's/[ \t]*$//' "$new"
  place "$new" "$file" "$owner" "$mode"
}

place() {
  local new=$1 file=$2 owner=$3 mode=$4
  chown "$owner" "$new"
  chmod "$mode" "$new"
  if [[ -e $file && $(stat -c '%U:%G %a' "$file") == "$(stat -c '%U:%G %a' "$new")" ]] &&
    cmp -s "$new" "$file"; then
    rm "$new"
  else
    mv "$new" "$file"
    changed "wrote $file"
  fi
}

# As few processes as a small cloud needs, and a quick stop: the package's own
# file starts a dozen and waits a minute for them. uwsgi closes each connection
# and says so: a client that sends on it once more loses its request. FILE USER
# PROCESSES [THREADS]
slim() {
  merge "$1" "$2:$2" 0644 <<EOF
[uwsgi]
add-header = Connection: close
processes = $3
worker-reload-mercy = 3
${4:+threads = $4}
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
  local unit=$1 since file
  shift
  systemctl is-enabled --quiet "$unit" || systemctl enable --quiet "$unit"
  since=$(started "$unit")
  for file in "$@"; do
    if (($(date -r "$file" +%s%6N) > since)); then since=0; fi
  done
  if ((since == 0)); then OUTDATED+=("$unit"); fi
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
