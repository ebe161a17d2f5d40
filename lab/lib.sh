# shellcheck shell=bash disable=SC2034
# What the lab's commands share; sourced by each of them.
set -eu -o pipefail

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
checkout=${lab%/*}
# Another file of settings makes a second lab.
# shellcheck source=settings.sh
. "${LAB_SETTINGS:-$lab/settings.sh}"

nodes=()
declare -A address=()
while read -r name ip; do
  [[ $name ]] || continue
  nodes+=("$name")
  address[$name]=$ip
done <<<"$node_table"

mirror=http://$host_address:$mirror_port

say() { printf '%s\n' "$*"; }

fail() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

# Every process of the lab lives in one control group. Ending the group ends
# them all and nothing else, whoever started them and however that ended.
group_root() {
  local mount
  mount=$(findmnt --noheadings --raw --output TARGET --types cgroup2 | head -n 1)
  [[ $mount ]] || fail 'no cgroup2 file system is mounted on this machine'
  printf '%s/%s' "$mount" "$mark"
}

# group_alive [GROUP]: some process in it, or in any of them, lives.
group_alive() {
  grep -qs 'populated 1' "$groups${1:+/$1}/cgroup.events"
}

# end_group [GROUP]: kills what lives in it, or in all of them, and removes it.
end_group() {
  local path=$groups${1:+/$1}
  [[ -d $path ]] || return 0
  echo 1 >"$path/cgroup.kill"
  while group_alive "${1-}"; do sleep 0.02; done
  find "$path" -depth -type d -exec rmdir {} +
}

# join GROUP: this process and what it starts belong to the group from now on.
join() {
  mkdir -p "$groups/$1"
  echo "$BASHPID" >"$groups/$1/cgroup.procs"
}

# mac_of NAME: an address made from the name, so that a NIC stays the same one
# when its node reboots, and a bridge when its ports come and go.
mac_of() {
  local sum
  sum=$(printf '%s' "$1" | sha256sum)
  printf '02:%s:%s:%s:%s:%s' "${sum:0:2}" "${sum:2:2}" "${sum:4:2}" "${sum:6:2}" "${sum:8:2}"
}

# is_ours BRIDGE: it exists and the lab made it.
is_ours() {
  [[ $(cat "/sys/class/net/$1/ifalias" 2>/dev/null) == "$mark" ]]
}

# require_management: nothing may be sent to the nodes' addresses unless the
# lab's own bridge carries them; elsewhere they belong to strangers.
require_management() {
  if is_ours "$management_bridge" &&
    ip -4 -oneline address show dev "$management_bridge" up | grep -qF " $host_address/"; then
    return
  fi
  fail "$management_bridge with $host_address isn't up; run lab/up"
}

# require_free_network: the nodes' network must not be one that this machine has already.
require_free_network() {
  local network=$host_address/$prefix_length taken
  taken=$({
    ip -4 route show table main root "$network"
    ip -4 route show table main match "$network"
  } | sort -u | grep -Ev "^default | dev $management_bridge( |\$)" || true)
  [[ ! $taken ]] || fail "this machine already has the network of the nodes' addresses, $network:
$taken
take another one: node_table and host_address in lab/settings.sh, and the hosts in Pulumi.dev.yaml"
}

# take_lock: one command at a time changes the lab, from whichever checkout.
take_lock() {
  [[ $(id -u) == 0 ]] || fail 'this needs root'
  exec 9>"/run/lock/$mark"
  if ! flock --nonblock 9; then
    say 'waiting for another lab command to end'
    flock 9
  fi
  trap end_phase EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  end_group phase
}

seconds_since() {
  local now=${EPOCHREALTIME/./} then=${1/./}
  printf '%d.%d' $(((now - then) / 1000000)) $(((now - then) / 100000 % 10))
}

# end_phase: ends what a phase that was cut off has started; that it was killed is
# nothing to tell.
end_phase() {
  {
    end_group phase
    [[ ! ${job-} ]] || wait "$job" || true
  } 2>/dev/null
}

# phase NAME TEXT COMMAND…: runs the command in the group "phase" with its
# output in .lab/log/NAME.log; says how long it takes, and the log's end if it fails.
phase() {
  local name=$1 text=$2 log=$store/log/$1.log start=$EPOCHREALTIME beat=$((SECONDS + 10)) job took
  shift 2
  mkdir -p "$store/log"
  (
    join phase
    "$@"
  ) </dev/null >"$log" 2>&1 9>&- &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.05
    if ((SECONDS >= beat)); then
      took=$(seconds_since "$start")
      say "$text … $took s"
      beat=$((SECONDS + (${took%.*} < 60 ? 10 : 60)))
    fi
  done
  if ! wait "$job"; then
    tail -n 20 "$log" >&2
    fail "failed after $(seconds_since "$start") s: $text; all of it in $log"
  fi
  end_group phase
  say "$text: $(seconds_since "$start") s"
}

# need_packages COMMAND=PACKAGE…: installs the packages whose command, or file with
# its whole path, is missing.
need_packages() {
  local pair what missing=()
  for pair in "$@"; do
    what=${pair%%=*}
    [[ $(type -P "$what") || ($what == /* && -e $what) ]] || missing+=("${pair#*=}")
  done
  ((${#missing[@]} == 0)) || phase packages "installing ${missing[*]}" "$checkout/tools/install" "${missing[@]}"
}

# take_down SECONDS: powers the nodes off, kills what isn't off by then, and
# removes all that the lab, of whichever checkout, has on this machine.
take_down() {
  local until=$((SECONDS + $1)) link lower key old
  { cat "$groups"/*/machine/{,supervisor/}cgroup.procs || true; } 2>/dev/null |
    xargs --no-run-if-empty kill -TERM
  while ((SECONDS < until)) && grep -qs 'populated 1' "$groups"/*/machine/cgroup.events; do sleep 0.05; done
  end_group
  for link in /sys/class/net/*; do
    is_ours "${link##*/}" || continue
    # The wires go with the networks of the nodes, but at their own pace.
    for lower in "$link"/lower_*; do
      ip link delete "${lower##*/lower_}" 2>/dev/null || true
    done
    ip link delete "${link##*/}"
  done
  while read -r old key; do echo "$old" >"$key"; done < <(cat "$state/sysctl" 2>/dev/null)
  rm -rf --one-file-system "$state"
}

groups=$(group_root)
