#!/usr/bin/env bash
# Compute: Nova's agent over libvirt, by KVM where it works and QEMU elsewhere. On a controller that runs
# servers, too, it follows the controller's own steps.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=sshkey.sh
. /usr/local/lib/iaas/sshkey.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh
# shellcheck source=rabbitmq.sh
. /usr/local/lib/iaas/rabbitmq.sh
# shellcheck source=qemu.sh
. /usr/local/lib/iaas/qemu.sh
# shellcheck source=nova_service.sh
. /usr/local/lib/iaas/nova_service.sh

# KVM works where the processor has it and its device opens.
virt_type() {
  if grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo && python3 -c 'open("/dev/kvm", "r+b", 0)'; then
    printf 'virt_type = kvm\ncpu_mode = host-model\n'
  else
    printf 'virt_type = qemu\ncpu_mode = none\ntb_cache_size = 128\n'
  fi
}

# To Nova a node whose clock is wrong is dead, so the clock is checked here, where the
# controller is ready. The node may have asked for the time too early: it asks again. The controller's
# own is the cloud's.
clock_is_set() {
  on_controller || [[ $(chronyc -n -c sources) == *"^,*,$HOST_IP,"* ]]
}

# The first one gets all of the settings. On a controller nova.conf is of its services, which would restart
# with each change, and names their databases, which are nothing for nova-compute: there it does not read it.
SETTINGS=(/etc/nova/nova.conf /etc/nova/nova-compute.conf)

configure() {
  local more=""
  own_folder /etc/nova nova
  merge "${SETTINGS[0]}" root:nova <<EOF
[DEFAULT]
allow_resize_to_same_host = true
my_ip = $INTERFACE_IP
transport_url = $(queue_url nova "$NOVA_RABBIT_PASS")
compute_driver = libvirt.LibvirtDriver
resume_guests_state_on_host_boot = true
[vnc]
enabled = true
server_listen = $INTERFACE_IP
server_proxyclient_address = $INTERFACE_IP
novncproxy_base_url = $(scheme)://${PUBLIC_NAME:-$HOST_IP}:6080/vnc_lite.html
[spice]
enabled = false
[oslo_concurrency]
lock_path = /var/lib/nova/tmp
$(keystone_authtoken nova "$NOVA_PASS")
$(nova_clients)
[libvirt]
live_migration_uri = $(other_libvirt)
live_migration_inbound_addr = $INTERFACE_IP
live_migration_permit_auto_converge = true
live_migration_with_native_tls = $(if [[ $TLS ]]; then echo true; else echo false; fi)
$(virt_type)
EOF
  if on_controller; then
    # What Debian's nova.conf says.
    merge "${SETTINGS[0]}" root:nova <<EOF
[DEFAULT]
state_path = /var/lib/nova
EOF
    # Without nova.conf.
    more='DAEMON_ARGS="--config-file=/etc/nova/nova-compute.conf"'
  elif [[ -e ${SETTINGS[-1]} ]]; then
    # On a node of its own, nova-compute reads this file too.
    merge "${SETTINGS[-1]}" root:nova <<EOF
[libvirt]
$(virt_type)
EOF
  fi
  by_nova_service nova-compute "$more"
}

# How libvirt, which is root, asks the libvirt of another compute: as nova, with its key and the host
# keys that it knows. What a live move sends goes from QEMU to QEMU.
other_libvirt() {
  local home=/var/lib/nova/.ssh
  echo "qemu+libssh://nova@%s:$SSH_PORT/system?sshauth=privkey&keyfile=$home/id_ed25519" \
    "known_hosts=$home/known_hosts" known_hosts_verify=auto | tr ' ' '&'
}

# A server may end on another compute, by a resize or a move: Nova copies its disk there by ssh, as the
# user nova, with a key that all computes have.
let_computes_log_in() {
  local home=/var/lib/nova/.ssh
  comparing || install -d -o nova -g nova -m 0700 "$home"
  ssh_key private "$NOVA_SSH_KEY" | put $home/id_ed25519 nova:nova 0600
  echo "restrict $(ssh_key public "$NOVA_SSH_KEY") nova" | put $home/authorized_keys nova:nova 0600
  if [[ ! -e $home/known_hosts ]] && differs "$home/known_hosts is not there"; then
    install -o nova -g nova -m 0600 /dev/null $home/known_hosts
  fi
  put $home/config nova:nova 0600 <<EOF
# Of iaas-install-nova-compute.sh.
Port $SSH_PORT
ConnectTimeout 10
StrictHostKeyChecking accept-new
EOF
}

# A reinstalled node has lost the id by which Nova knows it, and nova-compute would not start. It
# comes back as itself; what was on its servers' disks is lost.
come_back() {
  local id=/var/lib/nova/compute_id found servers
  [[ ! -e $id ]] || return 0
  doing "asking Nova for $NODE_NAME"
  found=$(cloud compute "$NODE_NAME")
  [[ $found ]] || return 0
  differs "Nova knows $NODE_NAME, but this node has lost its id" || return 0
  head -n 1 <<<"$found" | put "$id" nova:nova 0644
  servers=$(tail -n +2 <<<"$found" | paste -sd' ')
  if [[ $servers ]]; then
    say "this node was reinstalled, and has lost the disks of $servers:" \
      "'openstack server rebuild --image IMAGE SERVER' on the controller makes each anew"
  fi
}

# Nova logs a change of any domain, so a tiny one is created and removed.
sees_events() {
  local id seen=1 virsh="virsh -q -c qemu:///system"
  id=$(</proc/sys/kernel/random/uuid)
  # Left by a run that was cut off.
  $virsh destroy iaas-events || true
  $virsh create /dev/stdin --paused <<EOF
<domain type='qemu'>
  <name>iaas-events</name>
  <uuid>$id</uuid>
  <memory unit='MiB'>16</memory>
  <os><type>hvm</type></os>
</domain>
EOF
  (await 60 "nova-compute to see an event of libvirt" \
    grep -q "$id.*(Lifecycle Event)" /var/log/nova/nova-compute.log) || seen=0
  $virsh destroy iaas-events
  ((seen))
}

step nova-compute
if on_controller; then SETTINGS=(/etc/nova/nova-compute.conf); fi
as_service nova "$NOVA_PASS"
# Nova takes as long to answer as libvirt to start.
come_back &
known=$!
configure
let_computes_log_in
# It needs three answers before it follows.
comparing || clock_is_set || chronyc burst 4/4
encrypt_qemu
outdated virtlogd.service
outdated libvirtd.service "$LIBVIRT_SETTINGS" "$CIPHERS" "$LIBVIRT_UNIT"
refresh
await 30 "libvirt" virsh -c qemu:///system version
prove_qemu
reload_consoles
wait "$known"
outdated nova-compute.service "${SETTINGS[@]}" /etc/default/nova-compute "$NOVA_SERVICE"
rejoin nova-compute.service compute /os-services binary=nova-compute host="$NODE_NAME"
refresh
# While it starts, it takes servers that wait to be built for leftovers and breaks
# them; only then does it listen on its queue.
await 90 "nova-compute to take orders" rabbit listens "$HOST_IP" nova "compute.$NODE_NAME"
if ! comparing; then
  doing "proving that nova-compute sees events of libvirt"
  sees_events
fi
forget_qemus
await 150 "the controller's time" clock_is_set
prove placement /resource_providers name="$NODE_NAME" &
placement=$!
prove compute /os-services binary=nova-compute host="$NODE_NAME" state=up
doing "proving that placement has $NODE_NAME"
wait "$placement"
say "servers run by $(crudini --get "${SETTINGS[0]}" libvirt virt_type)"
