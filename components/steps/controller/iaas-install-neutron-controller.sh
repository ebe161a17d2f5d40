#!/usr/bin/env bash
# Controller: Neutron over OVN, with the provider's VLANs and its untagged network.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=sizes.sh
. /usr/local/lib/iaas/sizes.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh
# shellcheck source=proxy.sh
. /usr/local/lib/iaas/proxy.sh
# shellcheck source=bridge.sh
. /usr/local/lib/iaas/bridge.sh

UNITS="neutron-api neutron-rpc-server neutron-ovn-maintenance-worker neutron-periodic-workers"

configure() {
  # Whoever sends more than a tunnel carries is told so. In user space Open vSwitch would say it of
  # the packets, too, that a server's NIC cuts up later (TSO): TCP stalls.
  local tell=true
  if [[ $(datapath) == netdev ]]; then tell=false; fi
  own_folder /etc/neutron neutron
  merge /etc/neutron/neutron.conf root:neutron <<EOF
[DEFAULT]
auth_strategy = keystone
core_plugin = ml2
service_plugins = ovn-router
transport_url = $(queue_url neutron "$NEUTRON_RABBIT_PASS" neutron)
bind_host = 127.0.0.1
global_physnet_mtu = $MTU
graceful_shutdown_timeout = 3
api_workers = $(size neutronApi)
rpc_workers = $(size neutronRpc)
[database]
$(database_pool)
connection = mysql+pymysql://neutron:$NEUTRON_DBPASS@127.0.0.1/neutron
[oslo_concurrency]
lock_path = /var/lib/neutron/tmp
$(queue_options)
$(keystone_authtoken neutron "$NEUTRON_PASS")
$(token_cache)
[nova]
endpoint_type = internal
$(account nova "$NOVA_PASS")
EOF
  # shellcheck disable=SC2154  # minvlan, maxvlan: openrc.sh
  merge /etc/neutron/plugins/ml2/ml2_conf.ini root:neutron <<EOF
[ml2]
type_drivers = flat,vlan,geneve
tenant_network_types = ${TUNNEL_IP:+geneve}
mechanism_drivers = ovn
extension_drivers = port_security
[ml2_type_flat]
flat_networks = $Physical_NAME
[ml2_type_vlan]
network_vlan_ranges = $Physical_NAME:$minvlan:$maxvlan
[ml2_type_geneve]
vni_ranges = 1:65536
max_header_size = 38
[ovn]
ovn_nb_connection = tcp:127.0.0.1:6641
ovn_sb_connection = tcp:127.0.0.1:6642
ovn_metadata_enabled = true
enable_distributed_floating_ip = false
ovn_emit_need_to_frag = $tell
EOF
  slim /etc/neutron/neutron-api-uwsgi.ini neutron "$(size neutronApi)" 1
  put /etc/default/neutron-server root:root 0644 <<EOF
# Of iaas-install-neutron-controller.sh.
$(behind_proxy 9696 /etc/neutron/neutron-api-uwsgi.ini)
EOF
  policy
}

# Where it differs from Neutron's own policy, by which members make networks. Without self-service
# these are the settings' to declare: a member who makes one without tunnels would get a 503. On a
# shared network every member may choose its ports' addresses, as the owner of a network may, and
# on an external one its floating addresses.
policy() {
  local networks='"create_network": "rule:admin_only"'
  [[ $SELF_SERVICE != true ]] || networks="# Members make networks."
  put /etc/neutron/policy.d/iaas.yaml root:neutron 0640 <<EOF
# Of iaas-install-neutron-controller.sh.
$networks
"create_floatingip:floating_ip_address": "rule:admin_only or role:member"
"create_port:fixed_ips:ip_address": "rule:admin_only or rule:service_api or role:member and (rule:network_owner or rule:shared)"
"update_port:fixed_ips": "rule:admin_only or rule:service_api or role:member and (rule:network_owner or rule:shared)"
"update_port:fixed_ips:ip_address": "rule:admin_only or rule:service_api or role:member and (rule:network_owner or rule:shared)"
EOF
}

# DATABASE TARGET...: where one of OVN's databases listens.
listen() {
  local which=$1 is
  shift
  is=$(ovn-"$which"ctl get-connection | awk '{ print $NF }' | sort | paste -sd' ')
  if [[ $is != "$*" ]] && differs "OVN's $which database does not listen on $*, but on ${is:-nothing}"; then
    ovn-"$which"ctl --inactivity-probe=60000 set-connection "$@"
    changed "OVN's $which database listens on $*"
  fi
}

# Neutron asks both from this node; the agents of all nodes ask the southbound one.
listen_to_agents() {
  local files=("$TLS_FILES/node.key" "$TLS_FILES/node.crt" "$TLS_FILES/ca.crt")
  listen nb ptcp:6641:127.0.0.1
  if [[ ! $TLS ]]; then
    listen sb ptcp:6642:127.0.0.1 "ptcp:6642:$HOST_IP"
    return
  fi
  if [[ $(ovn-sbctl get-ssl | sed -n 's/^.*: *\(\/.*\)/\1/p' | paste -sd' ') != "${files[*]}" ]] &&
    differs "OVN's sb database has another certificate"; then
    ovn-sbctl set-ssl "${files[@]}"
    changed "OVN's sb database has this node's certificate"
  fi
  listen sb "pssl:6642:$HOST_IP" ptcp:6642:127.0.0.1
}

databases_answer() {
  ovn-nbctl get-connection && ovn-sbctl get-connection
}

step neutron-controller
outdated ovn-ovsdb-server-nb.service
outdated ovn-ovsdb-server-sb.service
outdated ovn-northd.service
refresh
await 20 "OVN's databases" databases_answer
listen_to_agents
configure
for unit in $UNITS; do
  outdated "$unit.service" /etc/neutron/neutron.conf /etc/neutron/plugins/ml2/ml2_conf.ini \
    /etc/neutron/neutron-api-uwsgi.ini /etc/default/neutron-server /etc/neutron/policy.d/iaas.yaml "$STATE/neutron.migrated"
done
refresh
expose neutron 9696
provider_bridge
external_id ovn-cms-options enable-chassis-as-gw
as_service neutron "$NEUTRON_PASS"
prove network /v2.0/networks
prove_bridge "$HOST_NAME"
