#!/usr/bin/env bash
# Controller: Nova's API, conductor, scheduler and console proxy, and its cells.
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
# shellcheck source=consoles.sh
. /usr/local/lib/iaas/consoles.sh
# shellcheck source=nova_service.sh
. /usr/local/lib/iaas/nova_service.sh

# The package's file, and in it the filter that logs who asked for what. Requests that only read are left
# out: services and a preview's refresh send them all the time.
audited() {
  sed 's/ authtoken keystonecontext / authtoken keystonecontext audit /' /etc/nova/api-paste.ini
  cat <<EOF

[filter:audit]
paste.filter_factory = keystonemiddleware.audit:filter_factory
audit_map_file = /etc/pycadf/nova_api_audit_map.conf
ignore_req_list = GET, HEAD
EOF
}

# The scheduler itself adds a compute that comes later than iaas-discover-hosts.sh, as its own steps failed
# before. Of computes that are alike, as in a new cloud, it would choose the same one for all servers that are
# asked for at once: what it has chosen counts only when the compute has written it.
configure() {
  local filters=api-paste.ini logs=api-paste-audit.ini
  own_folder /etc/nova nova
  if [[ $API_AUDIT == true ]]; then
    filters=$logs
    audited | put /etc/nova/$logs root:nova 0640
  elif [[ -e /etc/nova/$logs ]] && differs "/etc/nova/$logs is there"; then
    rm /etc/nova/$logs
    changed "removed /etc/nova/$logs"
  fi
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
[audit_middleware_notifications]
driver = log
[conductor]
workers = $(size novaConductor)
[scheduler]
workers = $(size novaScheduler)
discover_hosts_in_cells_interval = 60
[filter_scheduler]
shuffle_best_same_weighed_hosts = true
[vnc]
enabled = true
server_listen = $HOST_IP
server_proxyclient_address = $HOST_IP
novncproxy_host = 127.0.0.1
$(vnc_options)
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
  merge /etc/nova/nova-api-uwsgi.ini root:nova <<EOF
[uwsgi]
import = $NOVA_SERVICE
EOF
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
export OS_NOVA_CONFIG_FILES="$filters;nova.conf"
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
  console_proxy
  by_nova_service nova-conductor
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

# The package has three proxies of consoles. A node that restarts before this step starts all of them, open to
# the other nodes; the file above only keeps two from the next start.
stop_other_proxies() {
  local proxy
  for proxy in nova-serialproxy nova-spicehtml5proxy; do
    if systemctl is-active --quiet "$proxy.service" && differs "$proxy.service runs, and nobody needs it"; then
      systemctl stop "$proxy.service"
      changed "stopped $proxy.service, which nobody needs"
    fi
  done
}

step nova-controller
configure
stop_other_proxies
outdated nova-api.service /etc/nova/nova.conf /etc/nova/nova-api-uwsgi.ini /etc/default/nova-api \
  /etc/nova/policy.d/iaas.yaml "$NOVA_SERVICE" "$STATE/nova.migrated"
outdated nova-api-metadata.service /etc/nova/nova.conf /etc/nova/nova-api-metadata-uwsgi.ini \
  /etc/default/nova-api-metadata "$STATE/nova.migrated"
outdated nova-conductor.service /etc/nova/nova.conf /etc/default/nova-conductor "$NOVA_SERVICE" "$STATE/nova.migrated"
outdated nova-scheduler.service /etc/nova/nova.conf "$STATE/nova.migrated"
outdated nova-novncproxy.service /etc/nova/nova.conf /etc/default/nova-consoleproxy \
  "${CONSOLE_FILES[@]}" "$STATE/nova.migrated"
if [[ $RUNS_SERVERS == true ]]; then reserve; fi
refresh
expose nova 8774
# What the agents say of a server is for Nova alone.
expose metadata 8775 tcp
expose novnc 6080
as_service nova "$NOVA_PASS"
prove compute /os-services state=up --each binary "nova-conductor nova-scheduler"
