#!/usr/bin/env bash
# Compute: the node's part of OVN, the provider bridge, and the servers' metadata.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh
# shellcheck source=bridge.sh
. /usr/local/lib/iaas/bridge.sh

# A reinstalled node has another name in OVN. Its chassis of before has the same end of the tunnels, which
# OVN gives to one chassis alone: the new one would never be there.
forget_former_self() {
  local known database=(ovn-sbctl --timeout=20 --db="$(southbound_address)")
  if [[ $TLS ]]; then
    database+=(-p "$TLS_FILES/node.key" -c "$TLS_FILES/node.crt" -C "$TLS_FILES/ca.crt")
  fi
  doing "looking for a chassis of before this node was reinstalled"
  for known in $("${database[@]}" --bare --columns=name find Chassis hostname="$NODE_NAME"); do
    if [[ $known == "$(</etc/openvswitch/system-id.conf)" ]]; then continue; fi
    differs "OVN knows this node as chassis $known, of before it was reinstalled" || continue
    "${database[@]}" --if-exists chassis-del "$known" -- --if-exists destroy Chassis_Private "$known"
    changed "removed the chassis $known, of before this node was reinstalled"
  done
}

configure() {
  own_folder /etc/neutron neutron
  put /etc/neutron/node.key root:neutron 0640 <"$TLS_FILES/node.key"
  merge /etc/neutron/neutron_ovn_metadata_agent.ini root:neutron <<EOF
[DEFAULT]
nova_metadata_host = $HOST_IP
metadata_proxy_shared_secret = $METADATA_SECRET
metadata_workers = 1
nova_metadata_protocol = $(scheme)
auth_ca_cert = $TLS_FILES/ca.crt
[ovs]
ovsdb_connection = tcp:127.0.0.1:6640
[ovn]
ovn_sb_connection = $(southbound_address)
ovn_sb_private_key = /etc/neutron/node.key
ovn_sb_certificate = $TLS_FILES/node.crt
ovn_sb_ca_cert = $TLS_FILES/ca.crt
EOF
}

step neutron-compute
provider_bridge
forget_former_self
# The largest packet of the wire, in one piece: what a tunnel needs. 28 bytes are headers.
if [[ $HOST_TUNNEL_IP ]]; then
  await 30 "the controller's end of the tunnels, with packets of $MTU bytes" \
    ping -c 1 -W 1 -M 'do' -s $((MTU - 28)) -I br-provider "$HOST_TUNNEL_IP"
fi
configure
as_service neutron "$NEUTRON_PASS"
outdated neutron-ovn-metadata-agent.service /etc/neutron/neutron_ovn_metadata_agent.ini \
  ${TLS:+/etc/neutron/node.key "$TLS_FILES/node.crt" "$TLS_FILES/ca.crt"}
rejoin neutron-ovn-metadata-agent.service network /v2.0/agents \
  binary=neutron-ovn-metadata-agent host="$NODE_NAME"
refresh
prove_bridge "$NODE_NAME"
prove network /v2.0/agents binary=neutron-ovn-metadata-agent host="$NODE_NAME" alive=True
