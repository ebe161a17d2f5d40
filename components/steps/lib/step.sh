# shellcheck shell=bash
# What all steps of a node share: one log, one lock, one way to change a file,
# restart a service, migrate a database and prove a result.
#
#   step NAME             begin: log, lock, settings
#   say TEXT              one short line for whoever waits
#   put FILE OWNER MODE   stdin becomes FILE, if it differs
#   merge FILE OWNER      stdin, an ini fragment, goes into FILE, if it differs
#   outdated UNIT FILE... UNIT must run, with these FILEs as they are now
#   refresh               restarts the units that are outdated
#   once_for PACKAGE NAME COMMAND...   COMMAND has ended well for this version of PACKAGE
#   migrate NAME PACKAGE DATABASES COMMAND...   so for the migration of NAME's databases
#   await SECONDS WHAT COMMAND...   COMMAND succeeds within SECONDS
#   as USER COMMAND       runs as a service's own user
#   prove TYPE PATH [KEY=VALUE...]  the service of that type answers so
#   cloud, rabbit ARGS    ask the cloud's API and the queue (cloud.py, rabbit.py)
#
# A step reads, compares, and changes what differs: whatever was cut off is found
# to differ the next time. Passwords go by stdin, file or environment, never argv.
set -eEu -o pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

readonly LIBRARY=/usr/local/lib/iaas
readonly STATE=/var/lib/iaas
readonly LOGS=/var/log/iaas
DOING=starting
OUTDATED=()
RESTARTED=()

step() {
  STEP=$1
  if [[ $EUID != 0 ]]; then
    echo "$STEP must run as root" >&2
    exit 1
  fi
  install -d -m 0750 "$LOGS"
  install -d -m 0700 "$STATE"
  exec 3>&1 4>&2 >>"$LOGS/$STEP.log" 2>&1 </dev/null
  trap 'status=$?; FAILED_AT="${BASH_SOURCE[0]##*/}:$LINENO"; exit $status' ERR
  trap 'exit 143' TERM INT HUP
  trap finish EXIT
  # A file, since what is changed in a pipeline or beside the rest counts too.
  CHANGES=$(mktemp "/run/iaas-$STEP.XXXXXX")
  printf '\n=== %s, %s\n' "$STEP" "$(date -u +%FT%TZ)"
  exec 9>"/run/lock/iaas-$STEP"
  if ! flock -n 9; then
    say "another run of this step is under way: waiting for it"
    flock 9
  fi
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
  # A service's start inside a step must not leave the lock in its hands.
  exec 9>&-
  if [[ $status != 0 ]]; then
    {
      if [[ $status == 143 ]]; then
        echo "$STEP was stopped after $SECONDS s, while: $DOING"
      else
        echo "$STEP failed after $SECONDS s, while: $DOING${FAILED_AT:+ ($FAILED_AT)}"
      fi
      echo "the last lines of $LOGS/$STEP.log on $(hostname):"
      for unit in "${RESTARTED[@]}"; do
        systemctl is-active --quiet "$unit" || journalctl -q -n 4 -o cat -u "$unit"
      done >>"$LOGS/$STEP.log"
      tail -n 12 "$LOGS/$STEP.log" | cut -c1-300 | sed 's/^/  | /'
    } >&4
  elif [[ $changes == 0 ]]; then
    say "$STEP: nothing to change"
  else
    say "$STEP: done, $changes changed"
  fi
}

say() {
  printf '[%3d s] %s\n' "$SECONDS" "$*" >&3
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

die() {
  echo "$*"
  DOING="$DOING: $*"
  exit 1
}

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
  # It leaves a blank behind a key without value, but only the first time.
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

# Restarts what is outdated, all side by side.
refresh() {
  if ((${#OUTDATED[@]} == 0)); then return; fi
  doing "restarting ${OUTDATED[*]}"
  # One that failed too often in a row is refused otherwise.
  systemctl reset-failed "${OUTDATED[@]}"
  systemctl restart "${OUTDATED[@]}"
  RESTARTED+=("${OUTDATED[@]}")
  changed "restarted ${OUTDATED[*]}"
  OUTDATED=()
}

# What takes seconds even where nothing is left to do: the version of the package that
# it last ended well for is kept.
once_for() {
  local package=$1 name=$2 mark version
  shift 2
  mark=$STATE/$name
  version=$(dpkg-query -W -f '${Version}' "$package")
  if [[ -e $mark && $(cat "$mark") == "$version" ]]; then return; fi
  "$@"
  echo "$version" >"$mark"
  sync "$mark"
  changed "$name: done for $package $version"
}

# MariaDB does not take back a migration that was cut off, and the first one, from empty
# databases, can't go on ("Table already exists"). Nothing has used what it made, so it
# begins anew. Only databases that were empty then, and never migrated to the end, are
# emptied; ones that lost their tables are migrated whatever was kept.
migrate() {
  local name=$1 package=$2 databases=$3 begun=$STATE/$1.migrating done=$STATE/$1.migrated database
  shift 3
  doing "migrating the database of $name"
  if [[ -e $begun && ! -e $done ]]; then
    for database in $databases; do
      mariadb -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database"
    done
    changed "emptied the database of $name: its first migration was cut off"
  fi
  if [[ $(tables "$databases") == 0 ]]; then
    rm -f "$done"
    touch "$begun"
    sync "$begun" "$STATE"
  elif [[ $(tables "$databases" alembic_version) != $(wc -w <<<"$databases") ]]; then
    rm -f "$done"
  fi
  once_for "$package" "$name.migrated" "$@"
  rm -f "$begun"
}

# DATABASES [NAME]: how many tables these have, or how many of that name.
tables() {
  mariadb -N -e "SELECT count(*) FROM information_schema.tables
    WHERE FIND_IN_SET(table_schema, '${1// /,}') AND table_name LIKE '${2-%}'"
}

await() {
  local seconds=$1 what=$2 until said
  shift 2
  doing "waiting for $what"
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

cloud() {
  python3 "$LIBRARY/cloud.py" "$@"
}

rabbit() {
  python3 "$LIBRARY/rabbit.py" "$@"
}

# TYPE PATH [KEY=VALUE...]: the service answers so.
prove() {
  doing "proving that $1 answers for $2 ${*:3}"
  cloud prove "$@"
}

# The credentials of a service's own account, for what this step asks the API.
as_service() {
  export OS_AUTH_URL="http://$HOST_IP:5000/v3" OS_USERNAME=$1 OS_PASSWORD=$2
  export OS_PROJECT_NAME=service OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default
  export OS_REGION_NAME=$REGION
}

on_controller() {
  [[ $INTERFACE_IP == "$HOST_IP" ]]
}

# [keystone_authtoken] and [service_user] of a service with this account.
keystone_authtoken() {
  cat <<EOF
[keystone_authtoken]
www_authenticate_uri = http://$HOST_IP:5000
memcached_servers = $HOST_IP:11211
service_token_roles = service
service_token_roles_required = true
$(account "$1" "$2")
[service_user]
send_service_user_token = true
$(account "$1" "$2")
EOF
}

# The lines by which a service logs in as this account.
account() {
  cat <<EOF
auth_type = password
auth_url = http://$HOST_IP:5000
username = $1
password = $2
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = $REGION
EOF
}

# What Nova tells and asks the other services by; the same on every node. [neutron]
# comes last, so that the controller can add to it.
nova_clients() {
  cat <<EOF
$(keystone_authtoken nova "$NOVA_PASS")
[glance]
api_servers = http://$HOST_IP:9292
[placement]
$(account nova "$NOVA_PASS")
[neutron]
$(account neutron "$NEUTRON_PASS")
EOF
}

# As few processes as a small cloud needs, and a quick stop: the package's own
# file starts a dozen and waits a minute for them. FILE USER PROCESSES [THREADS]
slim() {
  merge "$1" "$2:$2" 0644 <<EOF
[uwsgi]
processes = $3
worker-reload-mercy = 3
${4:+threads = $4}
EOF
}

# The integration bridge's agent (OVN) and the provider bridge with the provider NIC.
# Without the kernel's module Open vSwitch forwards by itself, which asks for more.
provider_bridge() {
  local datapath=system port
  if [[ ! -e /sys/module/openvswitch ]] && ! modprobe openvswitch; then datapath=netdev; fi
  outdated openvswitch-switch.service
  outdated ovn-controller.service
  refresh
  doing "setting Open vSwitch"
  if [[ $datapath == netdev ]]; then
    # Without it servers answer to ping, but their TCP has no checksums. It is read at
    # the start alone, so the file says since when it must be known.
    ovs-vsctl set Open_vSwitch . other_config:userspace-tso-enable=true
    echo "Open vSwitch forwards by itself: this kernel has no module for it" |
      put "$STATE/open-vswitch" root:root 0644
    outdated openvswitch-switch.service "$STATE/open-vswitch"
    # When it takes in a server's NIC it may write back the flags from before libvirt
    # raised it, and the server is cut off: networkd raises it again.
    put /etc/systemd/network/iaas-taps.network root:root 0644 <<EOF
# Of the neutron steps.
[Match]
Name=tap*

[Link]
ActivationPolicy=always-up
RequiredForOnline=no

[Network]
LinkLocalAddressing=no
EOF
    outdated systemd-networkd.service /etc/systemd/network/iaas-taps.network
    refresh
  fi
  if [[ $(ovs-vsctl get-manager) != ptcp:6640:127.0.0.1 ]]; then
    ovs-vsctl set-manager ptcp:6640:127.0.0.1
    changed "Open vSwitch listens to the agents of this node"
  fi
  if [[ $(ovs-vsctl --if-exists get Bridge br-provider datapath_type) != "$datapath" ]] ||
    ! ovs-vsctl list-ports br-provider | grep -xF "$INTERFACE_NAME"; then
    ovs-vsctl --may-exist add-br br-provider -- set Bridge br-provider datapath_type=$datapath -- \
      --may-exist add-port br-provider "$INTERFACE_NAME"
    changed "$INTERFACE_NAME is a port of br-provider"
  fi
  external_id ovn-remote "tcp:$HOST_IP:6642"
  external_id ovn-encap-type geneve
  external_id ovn-encap-ip "$INTERFACE_IP"
  external_id ovn-bridge br-int
  external_id ovn-bridge-datapath-type $datapath
  # shellcheck disable=SC2154  # Physical_NAME: openrc.sh
  external_id ovn-bridge-mappings "$Physical_NAME:br-provider"
  other_ports | while read -r port; do
    ovs-vsctl del-port br-provider "$port"
    changed "$port is no longer a port of br-provider"
  done
  raise_provider_nic
}

external_id() {
  local is
  is=$(ovs-vsctl --if-exists get Open_vSwitch . "external_ids:$1")
  if [[ ${is//\"/} != "$2" ]]; then
    ovs-vsctl set Open_vSwitch . "external_ids:$1=\"$2\""
    changed "Open vSwitch: $1=$2"
  fi
}

# Network cards on the provider bridge that the settings no longer name.
other_ports() {
  local port
  for port in $(ovs-vsctl list-ports br-provider); do
    if [[ $port != "$INTERFACE_NAME" && $(ovs-vsctl get Interface "$port" type) != patch ]]; then
      echo "$port"
    fi
  done
}

# Nothing else raises a NIC without an address after a reboot.
raise_provider_nic() {
  put /etc/systemd/system/iaas-provider-nic.service root:root 0644 <<EOF
# Of the neutron steps.
[Unit]
Description=The provider NIC $INTERFACE_NAME and its bridge are up, without addresses
After=openvswitch-switch.service
Wants=openvswitch-switch.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/usr/sbin/sysctl -qw net.ipv6.conf.$INTERFACE_NAME.disable_ipv6=1
ExecStart=/usr/sbin/ip link set dev $INTERFACE_NAME up
ExecStart=/usr/sbin/ip link set dev br-provider up

[Install]
WantedBy=multi-user.target
EOF
  systemctl daemon-reload
  outdated iaas-provider-nic.service /etc/systemd/system/iaas-provider-nic.service
  refresh
}
