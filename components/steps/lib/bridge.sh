# shellcheck shell=bash
# Open vSwitch and OVN's agent on a node: the integration bridge, and the provider bridge with the
# provider NIC. It uses services.sh and cloud.sh.
#
#   datapath              prints what forwards on this node: system (the kernel) or netdev
#   provider_bridge       sets all of it up as the settings say
#   prove_bridge HOST     Neutron knows that this host carries the provider network
#   external_id KEY VALUE sets a value that OVN reads about this node
#   southbound_address    prints where OVN's southbound database is

# Without the kernel's module Open vSwitch forwards in user space, which needs more settings.
datapath() {
  local dry=""
  if comparing; then dry=--dry-run; fi
  if [[ -e /sys/module/openvswitch ]] || modprobe $dry openvswitch; then
    echo system
  else
    echo netdev
  fi
}

# The integration bridge's agent (OVN) and the provider bridge with the provider NIC.
provider_bridge() {
  local datapath port
  datapath=$(datapath)
  outdated openvswitch-switch.service
  outdated ovn-controller.service
  refresh
  doing "setting Open vSwitch"
  if [[ $datapath == netdev ]]; then
    # Without it servers answer to ping, but their TCP has no checksums. It is read only
    # at the start, so the file's time says since when it is needed.
    if [[ $(ovs-vsctl --if-exists get Open_vSwitch . other_config:userspace-tso-enable) != *true* ]] &&
      differs "Open vSwitch: userspace-tso-enable is not true"; then
      ovs-vsctl set Open_vSwitch . other_config:userspace-tso-enable=true
    fi
    echo "Open vSwitch forwards by itself: this kernel has no module for it" |
      put "$STATE/open-vswitch" root:root 0644
    outdated openvswitch-switch.service "$STATE/open-vswitch"
    # When it adds a server's NIC it may write back the flags from before libvirt
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
  if [[ $(ovs-vsctl get-manager) != ptcp:6640:127.0.0.1 ]] &&
    differs "Open vSwitch does not listen to the agents of this node"; then
    ovs-vsctl set-manager ptcp:6640:127.0.0.1
    changed "Open vSwitch listens to the agents of this node"
  fi
  if { [[ $(ovs-vsctl --if-exists get Bridge br-provider datapath_type) != "$datapath" ]] ||
    ! ovs-vsctl list-ports br-provider | grep -xF "$INTERFACE_NAME"; } &&
    differs "$INTERFACE_NAME is no port of br-provider"; then
    ovs-vsctl --may-exist add-br br-provider -- set Bridge br-provider datapath_type="$datapath" -- \
      --may-exist add-port br-provider "$INTERFACE_NAME"
    changed "$INTERFACE_NAME is a port of br-provider"
  fi
  southbound
  external_id ovn-encap-type geneve
  tunnel_end
  external_id ovn-bridge br-int
  external_id ovn-bridge-datapath-type "$datapath"
  # shellcheck disable=SC2154  # Physical_NAME: openrc.sh
  external_id ovn-bridge-mappings "$Physical_NAME:br-provider"
  # By itself it gives a database up that is silent for 5 s, as one is that sends to a hundred computes, and
  # then asks for all of it anew.
  external_id ovn-remote-probe-interval 60000
  other_ports | while read -r port; do
    differs "$port is a port of br-provider" || continue
    ovs-vsctl del-port br-provider "$port"
    changed "$port is no longer a port of br-provider"
  done
  raise_provider_nic
}

external_id() {
  local is
  is=$(ovs-vsctl --if-exists get Open_vSwitch . "external_ids:$1")
  if [[ ${is//\"/} != "$2" ]] && differs "Open vSwitch: $1 is ${is:-not there}, not $2"; then
    ovs-vsctl set Open_vSwitch . "external_ids:$1=\"$2\""
    changed "Open vSwitch: $1=$2"
  fi
}

southbound_address() {
  if [[ $TLS ]]; then echo "ssl:$HOST_IP:6642"; else echo "tcp:$HOST_IP:6642"; fi
}

# OVN's southbound database: each node shows it its certificate.
southbound() {
  local files=("$TLS_FILES/node.key" "$TLS_FILES/node.crt" "$TLS_FILES/ca.crt")
  if [[ $(ovs-vsctl get-ssl | sed -n 's/^.*: *\(\/.*\)/\1/p' | paste -sd' ') != "${files[*]}" ]] &&
    differs "Open vSwitch has another certificate"; then
    ovs-vsctl set-ssl "${files[@]}"
    changed "Open vSwitch has this node's certificate"
  fi
  external_id ovn-remote "$(southbound_address)"
}

# HOST: its agent is alive, and OVN's southbound database has its mapping. Without that Neutron
# binds no port of a VLAN there, and a server on one fails; nor is it a router's gateway.
prove_bridge() {
  prove network /v2.0/agents binary=ovn-controller host="$1" alive=True \
    "configurations.bridge-mappings=$Physical_NAME:br-provider"
}

# The VLAN of the provider bridge's own port, which has the node's end of the tunnels, and OVN's
# knowledge of it: in user space Open vSwitch sends them only from an address of a bridge.
tunnel_end() {
  local vlan address=${TUNNEL_IP%/*}
  vlan=$(ovs-vsctl --if-exists get Port br-provider tag | tr -d '[]')
  if [[ $vlan != "$TUNNEL_VLAN" ]] &&
    differs "the tunnels are ${vlan:+on VLAN }${vlan:-untagged}, not ${TUNNEL_VLAN:-untagged}"; then
    if [[ $TUNNEL_VLAN ]]; then
      ovs-vsctl set Port br-provider tag="$TUNNEL_VLAN"
    else
      ovs-vsctl clear Port br-provider tag
    fi
    changed "the tunnels are ${TUNNEL_VLAN:+on VLAN }${TUNNEL_VLAN:-untagged}"
  fi
  external_id ovn-encap-ip "${address:-$INTERFACE_IP}"
}

# Network cards on the provider bridge that the settings no longer name.
other_ports() {
  local port
  ovs-vsctl br-exists br-provider || return 0
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
Description=The provider NIC $INTERFACE_NAME and its bridge are up; the bridge has the tunnels' address
After=openvswitch-switch.service
Wants=openvswitch-switch.service
# Its restart, as by an update, makes the bridge anew where it forwards in user space.
PartOf=openvswitch-switch.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/usr/sbin/sysctl -qw net.ipv6.conf.$INTERFACE_NAME.disable_ipv6=1
ExecStart=/usr/sbin/ip link set dev $INTERFACE_NAME up
ExecStart=/usr/sbin/ip link set dev br-provider up
ExecStart=/usr/sbin/ip -4 address flush dev br-provider
${TUNNEL_IP:+ExecStart=/usr/sbin/ip address add $TUNNEL_IP dev br-provider}

[Install]
WantedBy=multi-user.target
EOF
  comparing || systemctl daemon-reload
  outdated iaas-provider-nic.service /etc/systemd/system/iaas-provider-nic.service
  if ((${#OUTDATED[@]} == 0)) && ! is_raised &&
    differs "$INTERFACE_NAME or br-provider is down, or has other addresses than ${TUNNEL_IP:-none}"; then
    OUTDATED+=(iaas-provider-nic.service)
  fi
  refresh
}

is_raised() {
  [[ $(ip -o link show up dev "$INTERFACE_NAME") && $(ip -o link show up dev br-provider) ]] &&
    [[ $(ip -o -4 address show dev br-provider | awk '{print $4}') == "${TUNNEL_IP:-}" ]]
}
