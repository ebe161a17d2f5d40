# shellcheck shell=bash
# The frame of a step: one log, one lock, the settings, and an end that says what was done.
#
#   step NAME [WORD]      begin: log, lock, settings; the step knows this argument, too
#   say TEXT              one short line for people who wait
#   doing TEXT            what starts now, for the log and for a failure's message
#   changed TEXT          one thing was changed
#   restarted UNIT...     these were restarted: if one fails, its journal is shown
#   differs TEXT          whether to change what differs: true; with `compare` TEXT is said, and false
#   comparing             whether this is a run with `compare`
#   die TEXT              end as failed
#   await SECONDS WHAT COMMAND...   COMMAND succeeds within SECONDS
#   as USER COMMAND       runs as a service's own user
#   on_controller         whether this node is the controller
#
# Other files: services.sh (files and units), migrate.sh (databases), cloud.sh (the cloud's API and
# accounts), bridge.sh (the provider bridge), and a service's own. A step sources what it uses:
# when one of these files changes, the steps that use it run again.
#
# A step reads, compares, and changes what differs: so the next run finds and finishes
# what was cut off. Called with the argument `compare` the same code changes nothing: it prints
# what differs, a line each, with the lines of a file below it (`  - ` is, `  + ` should be).
# Passwords go by stdin, file or environment, never argv.
set -eEu -o pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

readonly STATE=/var/lib/iaas
readonly LOGS=/var/log/iaas
# The node's certificate and key, and whom it trusts.
# shellcheck disable=SC2034  # for steps
readonly TLS_FILES=/etc/xiandian/tls
readonly MODE=${1-change}
DOING=starting
RESTARTED=()
WORK=

step() {
  STEP=$1
  if [[ $EUID != 0 ]]; then
    echo "$STEP must run as root" >&2
    exit 1
  fi
  case $MODE in
    change | "${2-change}")
      LOG=$LOGS/$STEP.log
      install -d -m 0750 "$LOGS"
      install -d -m 0700 "$STATE"
      ;;
    compare) LOG=$(mktemp "/run/iaas-$STEP.XXXXXX") ;;
    *)
      echo "$STEP knows no $MODE, only compare" >&2
      exit 1
      ;;
  esac
  exec 3>&1 4>&2 >>"$LOG" 2>&1 </dev/null
  trap 'status=$?; FAILED_AT="${BASH_SOURCE[0]##*/}:$LINENO"; exit $status' ERR
  trap 'exit 143' TERM INT HUP
  trap finish EXIT
  # A file, as changes in pipelines and background jobs count too.
  CHANGES=$(mktemp "/run/iaas-$STEP.XXXXXX")
  printf '\n=== %s, %s\n' "$STEP" "$(date -u +%FT%TZ)"
  exec 9>"/run/lock/iaas-$STEP"
  if ! flock -n 9; then
    if comparing; then die "another run of this step is under way"; fi
    say "another run of this step is under way: waiting for it"
    flock 9
  fi
  # In memory, for root alone: a killed step cleans nothing up, so its next run does.
  WORK=/run/iaas-$STEP.d
  rm -rf "$WORK"
  mkdir -m 0700 "$WORK"
  # shellcheck source=/dev/null
  . /etc/xiandian/openrc.sh
  # shellcheck source=/dev/null
  . /etc/xiandian/passwords.sh
}

finish() {
  local status=$? changes
  trap - ERR EXIT
  changes=$(wc -l <"$CHANGES")
  rm "$CHANGES"
  if [[ $WORK ]]; then rm -rf "$WORK"; fi
  # A service that a step starts must not inherit the lock.
  exec 9>&-
  if [[ $status != 0 ]]; then
    {
      if [[ $status == 143 ]]; then
        echo "$STEP was stopped after $SECONDS s, while: $DOING"
      else
        echo "$STEP failed after $SECONDS s, while: $DOING${FAILED_AT:+ ($FAILED_AT)}"
      fi
      echo "the last lines of $LOG on $(hostname):"
      for unit in "${RESTARTED[@]}"; do
        systemctl is-active --quiet "$unit" || journalctl -q -n 4 -o cat -u "$unit"
      done >>"$LOG"
      tail -n 12 "$LOG" | cut -c1-300 | sed 's/^/  | /'
    } >&4
  elif comparing; then
    :
  elif [[ $changes == 0 ]]; then
    say "$STEP: nothing to change"
  else
    say "$STEP: done, $changes changed"
  fi
  if comparing; then rm "$LOG"; fi
}

say() {
  comparing || printf '[%3d s] %s\n' "$SECONDS" "$*" >&3
  printf '[%3d s] %s\n' "$SECONDS" "$*"
}

doing() {
  DOING=$*
  printf '[%3d s] ... %s\n' "$SECONDS" "$*"
}

changed() {
  echo "$*" >>"$CHANGES"
  say "$*"
}

comparing() {
  [[ $MODE == compare ]]
}

differs() {
  if comparing; then
    printf '%s\n' "$*" >&3
    return 1
  fi
}

# UNIT...: if the step fails, the journals of those that do not run are shown.
restarted() {
  RESTARTED+=("$@")
  changed "restarted $*"
}

die() {
  echo "$*"
  DOING="$DOING: $*"
  exit 1
}

await() {
  local seconds=$1 what=$2 until said
  shift 2
  doing "waiting for $what"
  if comparing; then
    "$@" || differs "it would wait for $what" || true
    return
  fi
  until=$((SECONDS + seconds))
  until said=$("$@" 2>&1); do
    if ((SECONDS >= until)); then
      printf '%s\n' "$said"
      die "not within $seconds s"
    fi
    sleep 0.3
  done
}

# USER COMMAND: as a service's own user, so that its log and its files stay its own.
as() {
  runuser -u "$1" -- "${@:2}"
}

on_controller() {
  [[ $INTERFACE_IP == "$HOST_IP" ]]
}
