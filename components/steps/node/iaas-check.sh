#!/usr/bin/env bash
# Checks a node before anything on it is changed, and changes nothing: system, root,
# memory and disk, the provider NIC and its MTU, who reaches the APIs, the mirror. It gets the
# settings of openrc.sh as variables, and reports all problems.
set -eu -o pipefail

PROBLEMS=0

wrong() {
  PROBLEMS=$((PROBLEMS + 1))
  echo "$HOSTNAME: $*" >&2
}

# GIB_MEMORY GIB_DISK: what the services of its roles need at least; on a controller that runs servers, too,
# more than what Nova keeps for its services.
needs() {
  if [[ $INTERFACE_IP != "$HOST_IP" ]]; then
    echo 1 3
  elif [[ $RUNS_SERVERS == true ]]; then
    echo 6 8
  else
    echo 3 5
  fi
}

# Whether a node has its packages already: then their disk space and mirror are not
# checked again.
is_ours() {
  [[ -e /etc/xiandian/openrc.sh ]] &&
    [[ $(dpkg-query -W -f '${db:Status-Status}' ovn-host 2>/dev/null) == installed ]]
}

check_system() {
  local id version
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "$ID")
  # shellcheck source=/dev/null
  version=$(. /etc/os-release && echo "${VERSION_ID:-none}")
  [[ $id == debian && $version == 13 ]] || wrong "runs $id $version; it must be Debian 13"
  [[ $(uname -m) == x86_64 ]] || wrong "is of $(uname -m); it must be x86_64"
  [[ -d /run/systemd/system ]] || wrong "was not started by systemd"
  if [[ $(id -u) != 0 ]] && ! sudo -n true 2>/dev/null; then
    wrong "$(id -un) is not root and has no sudo without a password"
  fi
}

check_room() {
  local memory disk have
  read -r memory disk < <(needs)
  have=$(awk '/^MemTotal/ {print $2}' /proc/meminfo)
  ((have > memory * 950000)) || wrong "has $((have / 1024)) MiB of memory; it needs $memory GiB"
  have=$(df --output=avail -k /var | tail -n 1)
  ((have > disk * 1048576)) || wrong "has $((have / 1024)) MiB free in /var; it needs $disk GiB"
}

check_addresses() {
  local address nic=/sys/class/net/$INTERFACE_NAME upper routes ssh_address="" used=""
  if [[ -n ${SSH_CONNECTION:-} ]]; then read -r _ _ ssh_address _ <<<"$SSH_CONNECTION"; fi
  [[ -n $(ip -o -4 address show to "$INTERFACE_IP") ]] ||
    wrong "has no interface with $INTERFACE_IP, its address in the settings"
  if [[ ! -e $nic ]]; then
    wrong "has no interface $INTERFACE_NAME, the provider NIC in the settings; it has" \
      "$(find /sys/class/net -mindepth 1 -printf '%f\n' | sort | paste -sd' ')"
    return
  fi
  for address in $INTERFACE_IP $ssh_address; do
    [[ -z $(ip -o address show dev "$INTERFACE_NAME" to "$address") ]] || used=" $address"
  done
  if [[ $used ]]; then
    wrong "is reached by$used on $INTERFACE_NAME; the provider NIC must be another one"
    return
  fi
  # What a router on the wire has announced (ra, dynamic) disappears at the setup.
  for address in $(ip -o -4 address show dev "$INTERFACE_NAME" | awk '{print $4}') \
    $(ip -o -6 address show dev "$INTERFACE_NAME" scope global | awk '!/ dynamic / {print $4}'); do
    used+=", the address $address"
  done
  routes=$(
    ip -4 route show default dev "$INTERFACE_NAME"
    ip -6 route show default dev "$INTERFACE_NAME" | sed '/ proto ra /d'
  )
  if [[ $routes ]]; then used+=", a default route"; fi
  for upper in "$nic"/upper_*; do
    [[ -e $upper && $upper != */upper_ovs-system ]] || continue
    used+=", ${upper##*/upper_} on top of it"
  done
  [[ -z $used ]] || wrong "uses $INTERFACE_NAME: it has${used#,}; the provider NIC must be free"
}

check_mtu() {
  local carries nic=/sys/class/net/$INTERFACE_NAME
  [[ -e $nic ]] || return 0
  carries=$(<"$nic/mtu")
  ((carries >= MTU)) ||
    wrong "has an MTU of $carries on $INTERFACE_NAME, the provider NIC; provider.mtu in the" \
      "settings is $MTU: set mtu $MTU where the node configures this NIC (such as" \
      "/etc/network/interfaces), or provider.mtu: $carries"
}

# Who runs this comes by ssh, and then asks the APIs.
check_apis() {
  local from=""
  if [[ -n ${SSH_CONNECTION:-} ]]; then read -r from _ <<<"$SSH_CONNECTION"; fi
  if [[ -z $API_NETWORKS || -z $from ]] || ! command -v python3 >/dev/null; then return; fi
  # shellcheck disable=SC2086  # a list of words
  python3 - "$from" $API_NETWORKS <<'EOF' ||
import sys
from ipaddress import ip_address, ip_network
sys.exit(all(ip_address(sys.argv[1]) not in ip_network(network) for network in sys.argv[2:]))
EOF
    wrong "would shut its APIs to $from, where this comes from: add a network with it to" \
      "api.allowFrom in the settings, such as $from/32"
}

check_mirror() {
  local release folder said answered=0
  folder=$(mktemp -d)
  while read -r release; do
    # apt itself asks, as it may need its proxy to reach the mirror.
    if said=$(/usr/lib/apt/apt-helper -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 \
      -o Acquire::Retries=1 download-file "$release" "$folder/InRelease" 2>&1); then
      answered=1
    else
      wrong "gets no answer from its package mirror: $release" \
        "($(grep '^E: ' <<<"$said" | head -n 1 | cut -c4-))"
    fi
  done < <(apt-get update --print-uris | sed -nE "s|^'(https?://[^']*/InRelease)'.*|\1|p")
  rm -r "$folder"
  ((answered || PROBLEMS)) || wrong "has no package mirror in its apt sources"
}

main() {
  check_system
  check_addresses
  check_mtu
  check_apis
  if ! is_ours; then
    check_room
    check_mirror
  fi
  if ((PROBLEMS)); then
    echo "$HOSTNAME: nothing was changed" >&2
    exit 1
  fi
  echo "$HOSTNAME is a Debian 13 node with $INTERFACE_NAME for the provider networks"
}

# Read whole before it runs: it comes by stdin.
main </dev/null
