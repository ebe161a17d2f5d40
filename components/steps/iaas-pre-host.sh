#!/usr/bin/env bash
# Every node: names, packages, time, firewall.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh

BOTH="chrony crudini nftables openvswitch-switch ovn-host python3-keystoneauth1 python3-pymysql"
CONTROLLER="mariadb-server rabbitmq-server memcached python3-memcache python3-amqp
  python3-openstackclient keystone glance-api placement-api
  nova-api nova-conductor nova-scheduler nova-consoleproxy
  neutron-server neutron-api neutron-rpc-server neutron-ovn-maintenance-worker
  neutron-periodic-workers ovn-central uwsgi-plugin-python3"
COMPUTE="nova-compute nova-compute-kvm libvirt-daemon-system libvirt-clients qemu-system-x86
  qemu-utils neutron-ovn-metadata-agent haproxy"

# What others than the nodes may reach: ssh, and of the controller Keystone,
# Nova, Glance, Neutron and the servers' consoles.
CLOUD_PORTS="5000, 8774, 9292, 9696, 6080"

# The other nodes, as lines `ADDRESS NAME`.
others() {
  local addresses names i
  if ! on_controller; then
    echo "$HOST_IP $HOST_NAME"
    return
  fi
  read -ra addresses <<<"$HOST_IP_NODE"
  read -ra names <<<"$HOST_NAME_NODE"
  for i in "${!addresses[@]}"; do echo "${addresses[i]} ${names[i]}"; done
}

set_names() {
  local name=$HOST_NAME_NODE
  if on_controller; then name=$HOST_NAME; fi
  echo "$name" | put /etc/hostname root:root 0644
  if [[ $(hostname) != "$name" ]]; then
    hostname "$name"
    changed "this node's name is $name"
  fi
  {
    # The installer's own line for this name would lead services to 127.0.1.1.
    awk -v name="$name" '
      /^# nodes of the cloud/ { ours = 1 }
      !ours && !($1 == "127.0.1.1" && $2 == name)
      /^# end of nodes/ { ours = 0 }' /etc/hosts
    echo "# nodes of the cloud"
    {
      echo "$INTERFACE_IP $name"
      others
    } | sort -u
    echo "# end of nodes"
  } | put /etc/hosts root:root 0644
}

missing() {
  # shellcheck disable=SC2086  # a list of words
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' $PACKAGES 2>/dev/null || true; } |
    awk '$2 == "installed" {print $1}' | sort -u |
    comm -13 - <(printf '%s\n' $PACKAGES | sort -u)
}

# Whether nobody holds apt's locks. apt itself waits for dpkg's alone.
apt_is_free() {
  [[ $(lslocks --notruncate --noheadings --output PATH) != *@(/dpkg/lock|/apt/lists/lock)* ]]
}

# COMMAND: runs apt and says now and then how many packages it has done.
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

# One transaction for the whole node, nothing started during it: services that
# cannot start yet would wait for minutes.
install_packages() {
  local policy=/usr/sbin/policy-rc.d apt absent
  PACKAGES="$BOTH $COMPUTE"
  if on_controller; then PACKAGES="$BOTH $CONTROLLER"; fi
  absent=$(missing)
  # Something must be left of a transaction that was cut off, or all is well.
  if [[ -z $absent && ! -e $STATE/installing ]]; then return; fi
  apt="apt-get -q -y -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0"
  apt_is_free || say "waiting for another run of apt to end"
  await 900 "another run of apt to end" apt_is_free
  touch "$STATE/installing"
  [[ -e $policy ]] || printf '#!/bin/sh\n# of iaas-pre-host.sh\nexit 101\n' >"$policy"
  chmod 0755 "$policy"
  dpkg --configure -a --force-confdef --force-confold
  say "installing $(wc -w <<<"$absent") packages and what they need"
  doing "getting the packages' lists"
  $apt update
  doing "installing packages"
  apt="$apt --no-install-recommends -o Dpkg::Options::=--force-confdef
    -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io install"
  # shellcheck disable=SC2086  # lists of words
  with_progress $apt $PACKAGES
  sync
  if grep -q 'of iaas-pre-host.sh' "$policy"; then rm "$policy"; fi
  # The reload that polkit needs for its name on the bus was refused with the starts.
  systemctl daemon-reload
  systemctl reload dbus
  rm "$STATE/installing"
  changed "installed the packages of the node"
}

set_time() {
  if on_controller; then
    {
      echo "local stratum 8"
      others | awk '{print "allow " $1}'
    } | put /etc/chrony/conf.d/iaas.conf root:root 0644
  else
    echo "server $HOST_IP iburst prefer" | put /etc/chrony/conf.d/iaas.conf root:root 0644
  fi
  # In a container the clock is the host's own to set.
  local options="-F 1"
  if systemd-detect-virt --quiet --container; then options="-F 1 -x"; fi
  echo "DAEMON_OPTS=\"$options\"" | put /etc/default/chrony root:root 0644
  outdated chrony.service /etc/chrony/conf.d/iaas.conf /etc/default/chrony
}

set_firewall() {
  local open="$SSH_PORT"
  if on_controller; then open="$SSH_PORT, $CLOUD_PORTS"; fi
  put /etc/nftables.d/iaas.nft root:root 0644 <<EOF
# Of iaas-pre-host.sh. A table of its own: other tables of this node stay.
table inet iaas
delete table inet iaas
table inet iaas {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iif lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport { $open } accept
    ip saddr { $(others | awk '{print $1}' | paste -sd, | sed 's/,/, /g') } accept
    udp sport 67 udp dport 68 accept
  }
}
EOF
  if ! grep -qF 'include "/etc/nftables.d/*.nft"' /etc/nftables.conf; then
    {
      cat /etc/nftables.conf
      echo 'include "/etc/nftables.d/*.nft"'
    } | put /etc/nftables.conf root:root 0755
  fi
  outdated nftables.service /etc/nftables.d/iaas.nft /etc/nftables.conf
}

step pre-host
set_names
install_packages
set_firewall
set_time
refresh

doing "proving names, firewall and time"
[[ $(getent ahostsv4 "$HOST_NAME" | awk '{print $1; exit}') == "$HOST_IP" ]] ||
  die "$HOST_NAME does not resolve to $HOST_IP"
[[ $(nft list chain inet iaas input) == *"policy drop"* ]] || die "the firewall is not loaded"
chronyc -n tracking >/dev/null || die "chronyd does not answer"
