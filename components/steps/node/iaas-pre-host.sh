#!/usr/bin/env bash
# Every node: names, packages, time, firewall.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=before.sh
. /usr/local/lib/iaas/before.sh

# Ports of the controller for machines that are not nodes: Keystone, Nova, Placement,
# Glance, Neutron and the servers' consoles. On every node: ssh.
CLOUD_PORTS="5000 8774 8778 9292 9696 6080"

# The other nodes, as lines `ADDRESS NAME`.
others() {
  local node
  for node in $NODES; do
    [[ ${node#*=} == "$INTERFACE_IP" ]] || echo "${node#*=} ${node%%=*}"
  done
}

# What others are found by, as lines `ADDRESS NAME`: the other nodes, and the name that users know.
hosts() {
  others
  [[ ! $PUBLIC_NAME ]] || echo "$HOST_IP $PUBLIC_NAME"
}

set_names() {
  local name=$HOST_NAME_NODE all
  if on_controller; then name=$HOST_NAME; fi
  echo "$name" | put /etc/hostname root:root 0644
  if [[ $(hostname) != "$name" ]] && differs "its name is $(hostname), not $name"; then
    hostname "$name"
    changed "this node's name is $name"
  fi
  all=$(
    echo "$INTERFACE_IP $name"
    hosts
  )
  {
    # Other lines lose the nodes' names: the installer's own, `127.0.1.1 name.domain name`,
    # would lead services to 127.0.1.1.
    awk -v names="$(awk '{print $2}' <<<"$all")" '
      BEGIN { split(names, list); for (i in list) node[list[i]] }
      /^# nodes of the cloud/ { ours = 1 }
      !ours {
        line = $1; lost = 0; left = 0; comment = $1 ~ /^#/
        for (i = 2; i <= NF; i++) {
          if ($i ~ /^#/) comment = 1
          if (!comment && $i in node) { lost = 1; continue }
          if (!comment) left++
          line = line " " $i
        }
        if (!lost) print; else if (left) print line
      }
      /^# end of nodes/ { ours = 0 }' /etc/hosts
    echo "# nodes of the cloud"
    sort -u <<<"$all"
    echo "# end of nodes"
  } | put /etc/hosts root:root 0644
}

# The user nova of a compute has met others by ssh. A machine that comes under the name or the address
# of one that is gone has another key.
forget_gone() {
  local known=/var/lib/nova/.ssh/known_hosts address name one
  [[ -e $known ]] || return 0
  comm -23 <(sed -n '/^# nodes of the cloud/,/^# end of nodes/ { /^#/! p }' /etc/hosts | sort) \
    <(hosts | sort) |
    while read -r address name; do
      if [[ $address == "$INTERFACE_IP" ]]; then continue; fi
      for one in "$name" "$address" "[$name]:$SSH_PORT" "[$address]:$SSH_PORT"; do
        if as nova ssh-keygen -q -F "$one" -f "$known" >/dev/null; then
          differs "nova knows a host key of $name, which is gone" || break
          as nova ssh-keygen -q -R "$one" -f "$known"
          rm -f "$known.old"
          changed "nova forgets the host key of $one"
        fi
      done
    done
}

# unattended-upgrades would restart OVN and Open vSwitch, one without the other, and stop the servers'
# traffic. It alone is told: `apt-mark hold` would keep them from every update, and a pin from the
# list of what waits.
keep_data_plane() {
  put /etc/apt/apt.conf.d/60iaas root:root 0644 <<'EOF'
// Of iaas-pre-host.sh. `make update` updates these, all of them together.
Unattended-Upgrade::Package-Blacklist { "ovn-"; "openvswitch-"; "python3-openvswitch"; };
EOF
}

# What a person does to a service's packages, and no step undoes: held back, or not of the archives.
odd_packages() {
  local sources ours name
  doing "reading the packages' states"
  # shellcheck disable=SC2086  # a list of words
  sources=$(dpkg-query -W -f '${source:Package} ' $PACKAGES)
  ours=$(dpkg-query -W -f '${source:Package} ${Package}\n' |
    awk -v list="$sources" '
      BEGIN { split(list, words, " "); for (i in words) source[words[i]] }
      $1 in source { print $2 }' | sort)
  for name in $(apt-mark showhold | sort | comm -12 - <(echo "$ours")); do
    differs "package $name is held back; 'apt-mark unhold $name' undoes it" || true
  done
  # Not as root: apt would write its cache.
  for name in $(runuser -u nobody -- apt list --installed 2>/dev/null |
    sed -nE 's|^([^/]+)/.*,local\].*|\1|p' | sort | comm -12 - <(echo "$ours")); do
    differs "package $name is of no archive of this node; 'apt-get install --reinstall" \
      "--allow-downgrades $name=VERSION' takes one that 'apt-cache policy $name' lists" || true
  done
}

# The packages' logs have rules of their own.
rotate_logs() {
  put /etc/logrotate.d/iaas root:root 0644 <<EOF
# Of iaas-pre-host.sh.
$LOGS/*.log {
  monthly
  maxsize 10M
  rotate 6
  compress
  missingok
  notifempty
}
EOF
}

set_time() {
  local address
  if on_controller; then
    {
      echo "local stratum 8"
      for address in $HOST_IP_NODE; do echo "allow $address"; done
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

# The ports of the node's ssh service: the settings' one, and those on which it listens
# or will listen. So ssh can move to another port without being locked out.
ssh_ports() {
  echo "$SSH_PORT"
  ss -Hltnp | awk '/"sshd"/ && $4 !~ /^(127\.|\[::1\])/ {sub(/.*:/, "", $4); print $4}'
  { sshd -T || true; } | awk '$1 == "port" {print $2}'
  if systemctl is-active --quiet ssh.socket; then
    systemctl show -P Listen ssh.socket | sed -nE 's/.*:([0-9]+) \(Stream\).*/\1/p'
  fi
}

# WORDS on stdin, as nft lists them.
listed() {
  xargs -n 1 | sort -un -t . -k 1,1 -k 2,2 -k 3,3 -k 4,4 | paste -sd, | sed 's/,/, /g'
}

# What the settings let in besides: an opening is a word PROTOCOL/PORTS/NETWORK_LENGTH.
openings() {
  local opening protocol ports network family
  for opening in $OPENINGS; do
    IFS=/ read -r protocol ports network <<<"$opening"
    family=ip
    if [[ $network == *:* ]]; then family=ip6; fi
    echo "    $family saddr ${network/_//} $protocol dport { ${ports//,/, } } accept"
  done
}

# To whom the APIs are open where that is not everybody.
apis() {
  local network ports
  ports=$(listed <<<"$CLOUD_PORTS")
  for network in $API_NETWORKS; do
    echo "    ip saddr $network tcp dport { $ports } accept"
  done
}

firewall() {
  local members ports foreign
  members=$(others | awk '{print $1}' | listed)
  if [[ $members ]]; then members="ip saddr { $members } accept"; fi
  ports=$({
    ssh_ports
    if on_controller && [[ -z $API_NETWORKS ]]; then echo "$CLOUD_PORTS"; fi
  } | listed)
  # Where Open vSwitch forwards in user space it reads copies: the node itself gets what servers
  # send, and what is on the provider wire, too.
  foreign=$(printf '    iifname "%s" drop\n' "tap*" "$INTERFACE_NAME")
  cat <<EOF
# Of iaas-pre-host.sh. Tables of its own: other tables of this node stay.
table arp iaas
delete table arp iaas
table arp iaas {
  chain input {
    type filter hook input priority filter; policy accept;
$foreign
  }
}
table inet iaas
delete table inet iaas
table inet iaas {
  chain input {
    type filter hook input priority filter; policy drop;
$foreign
    ct state established,related accept
    ct state invalid drop
    iif lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    iifname br-provider udp dport 6081 accept
    iifname br-provider drop
    tcp dport { $ports } accept
$(apis)
    $members
$(openings)
    udp sport 67 udp dport 68 accept
  }
}
EOF
}

# The tables as they were loaded, to compare them with the kernel's.
loaded() {
  nft --stateless list table arp iaas && nft --stateless list table inet iaas
}

# How many connections the kernel remembers, servers' too: with a full table new ones are lost. Its own
# number is the same for 4 GiB and for 400; each takes a third of a KiB.
remembered() {
  awk '/^MemTotal/ {
    entries = 131072 * int($2 / 2097152 + 0.5)
    if (entries < 65536) entries = 65536
    printf "%d\n", entries < 1048576 ? entries : 1048576
  }' /proc/meminfo
}

# Loaded alone and as a whole: nftables.service would first flush all other tables.
set_firewall() {
  local file=/etc/nftables.d/iaas.nft unit=/etc/systemd/system/iaas-firewall.service new
  doing "setting the firewall"
  new=$(mktemp "$WORK/XXXXXX")
  firewall >"$new"
  if ! nft --check --file "$new"; then
    rm "$new"
    die "nft refuses the firewall's rules"
  fi
  put $file root:root 0644 <"$new"
  rm "$new"
  put $unit root:root 0644 <<EOF
# Of iaas-pre-host.sh.
[Unit]
Description=The firewall of a node of the cloud
DefaultDependencies=no
After=local-fs.target nftables.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
# Its start, restart and reload flush all tables.
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft --file $file
# In a container it is the host's own to set.
ExecStartPost=-/usr/sbin/sysctl -qw net.netfilter.nf_conntrack_max=$(remembered)
ExecReload=/usr/sbin/nft --file $file
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
ProtectHome=yes
ProtectSystem=strict

[Install]
WantedBy=multi-user.target nftables.service
EOF
  comparing || systemctl daemon-reload
  if { [[ $file -nt $STATE/firewall ]] || ! loaded | cmp -s - "$STATE/firewall"; } &&
    differs "the firewall is not loaded as it is in $file"; then
    nft --file $file
    loaded >"$STATE/firewall"
    changed "loaded the firewall"
  fi
  outdated iaas-firewall.service $unit
}

step pre-host
comparing || keep_before
forget_gone
set_names
PACKAGES=$(packages)
# One transaction for the whole node.
install_packages "$PACKAGES"
keep_data_plane
rotate_logs
set_firewall
set_time
refresh

if comparing; then
  odd_packages
  exit
fi
doing "proving names, firewall and time"
[[ $(getent ahostsv4 "$HOST_NAME" | awk '{print $1; exit}') == "$HOST_IP" ]] ||
  die "$HOST_NAME does not resolve to $HOST_IP"
loaded | cmp -s - "$STATE/firewall" || die "the firewall is not loaded"
chronyc -n tracking >/dev/null || die "chronyd does not answer"
