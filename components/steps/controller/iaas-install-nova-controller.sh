#!/usr/bin/env bash
# Controller: Nova's API, conductor, scheduler and console proxy, and its cells.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=sizes.sh
. /usr/local/lib/iaas/sizes.sh
# shellcheck source=migrate.sh
. /usr/local/lib/iaas/migrate.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh
# shellcheck source=proxy.sh
. /usr/local/lib/iaas/proxy.sh

# The scheduler itself adds a compute that comes later than iaas-discover-hosts.sh, as its own steps failed
# before.
configure() {
  own_folder /etc/nova nova
  merge /etc/nova/nova.conf root:nova <<EOF
[DEFAULT]
allow_resize_to_same_host = true
my_ip = $HOST_IP
transport_url = $(queue_url nova "$NOVA_RABBIT_PASS")
osapi_compute_workers = 1
metadata_workers = 1
[api_database]
$(database_pool)
connection = mysql+pymysql://nova:$NOVA_DBPASS@127.0.0.1/nova_api
[database]
$(database_pool)
connection = mysql+pymysql://nova:$NOVA_DBPASS@127.0.0.1/nova
[conductor]
workers = $(size novaConductor)
[scheduler]
workers = $(size novaScheduler)
discover_hosts_in_cells_interval = 60
[vnc]
enabled = true
server_listen = $HOST_IP
server_proxyclient_address = $HOST_IP
novncproxy_host = 127.0.0.1
[spice]
enabled = false
[oslo_concurrency]
lock_path = /var/lib/nova/tmp
$(keystone_authtoken nova "$NOVA_PASS")
$(token_cache)
$(nova_clients)
service_metadata_proxy = true
metadata_proxy_shared_secret = $METADATA_SECRET
EOF
  # Nova's green threads belong to one thread: with more, two that wait for the same lock end in
  # "cannot switch to a different thread", and no server gets an answer.
  slim /etc/nova/nova-api-uwsgi.ini nova "$(size novaApi)" 1
  slim /etc/nova/nova-api-metadata-uwsgi.ini nova "$(size novaMetadata)" 1
  # Its green threads stop between requests, and so do the queue's heartbeats: RabbitMQ
  # closes the connection. Heartbeats in their own thread do not stop.
  # Who may say which compute a server is made on, and see it: the admin, and users of projects that
  # have such servers in the settings. The scheduler's filters still hold.
  put /etc/nova/policy.d/iaas.yaml root:nova 0640 <<EOF
"compute:servers:create:requested_destination": "rule:context_is_admin or role:placer"
"os_compute_api:os-extended-server-attributes": "rule:context_is_admin or role:placer"
EOF
  put /etc/default/nova-api root:root 0644 <<EOF
# Of iaas-install-nova-controller.sh.
export OS_OSLO_MESSAGING_RABBIT__HEARTBEAT_IN_PTHREAD=true
$(behind_proxy 8774 /etc/nova/nova-api-uwsgi.ini)
EOF
  put /etc/default/nova-api-metadata root:root 0644 <<EOF
# Of iaas-install-nova-controller.sh.
$(behind_proxy 8775 /etc/nova/nova-api-metadata-uwsgi.ini)
EOF
  put /etc/default/nova-consoleproxy root:root 0644 <<EOF
# Of iaas-install-nova-controller.sh.
NOVA_CONSOLE_PROXY_TYPE=novnc
NOVA_SERIAL_PROXY_START=false
EOF
}

# What no server gets where this node runs some: the memory of its services, and a fifth of the disk, which
# images and the database share with servers. nova-compute has a file of its own.
reserve() {
  local servers=/var/lib/nova/instances
  [[ -d $servers ]] || servers=${servers%/*}
  merge /etc/nova/nova-compute.conf root:nova <<EOF
[DEFAULT]
reserved_host_memory_mb = $(services_memory)
reserved_host_disk_mb = $(df --output=size -k "$servers" | awk 'END { printf "%d", $1 / 5120 }')
EOF
  # At first its own step starts it.
  if systemctl is-active --quiet nova-compute.service; then
    outdated nova-compute.service /etc/nova/nova-compute.conf
  fi
}

# The cells are mapped by templates: each service fills in the accounts of its own
# configuration, so no password stands in the mapping or in argv.
sync_databases() {
  local template='{scheme}://{username}:{password}@{hostname}' cell1=""
  as nova nova-manage api_db sync
  if [[ $(mariadb -N -e "SELECT count(*) FROM nova_api.cell_mappings WHERE name = 'cell1'") == 0 ]]; then
    as nova nova-manage cell_v2 create_cell --name cell1 --database_connection "$template/nova" \
      --transport-url '{scheme}://{username}:{password}@{hostname}:{port}/' &
    cell1=$!
  fi
  as nova nova-manage cell_v2 map_cell0 --database_connection "$template/nova_cell0"
  as nova nova-manage db sync
  if [[ -n $cell1 ]]; then wait "$cell1"; fi
}

step nova-controller
configure
migrate nova python3-nova "nova_api nova nova_cell0" sync_databases
outdated nova-api.service /etc/nova/nova.conf /etc/nova/nova-api-uwsgi.ini /etc/default/nova-api \
  /etc/nova/policy.d/iaas.yaml "$STATE/nova.migrated"
outdated nova-api-metadata.service /etc/nova/nova.conf /etc/nova/nova-api-metadata-uwsgi.ini \
  /etc/default/nova-api-metadata "$STATE/nova.migrated"
for unit in nova-conductor nova-scheduler; do
  outdated "$unit.service" /etc/nova/nova.conf "$STATE/nova.migrated"
done
outdated nova-novncproxy.service /etc/nova/nova.conf /etc/default/nova-consoleproxy \
  "$STATE/nova.migrated"
if [[ $RUNS_SERVERS == true ]]; then reserve; fi
refresh
expose nova 8774
# What the agents say of a server is for Nova alone.
expose metadata 8775 tcp
expose novnc 6080
as_service nova "$NOVA_PASS"
prove compute /os-services binary=nova-conductor state=up
prove compute /os-services binary=nova-scheduler state=up
