# shellcheck shell=bash
# Requests of steps to the cloud's API, and the logins of services to each other.
#
#   scheme                prints how the APIs are asked: https, or http
#   cloud ARGS            asks the cloud's API (cloud.py)
#   prove TYPE PATH [KEY=VALUE...]   the service of that type answers so
#   rejoin UNIT TYPE PATH KEY=VALUE...   the unit is restarted if that service does not have it
#   as_service USER PASSWORD   later requests use this account
#   keystone_authtoken USER PASSWORD   the ini fragment of a service with this account
#   token_cache           the lines that follow it where the service answers requests
#   account USER PASSWORD the lines by which a service logs in
#   queue_url USER PASSWORD [VIRTUAL HOST]   prints where RabbitMQ takes this account
#   queue_options         the ini fragment of how it is connected to
#   nova_clients          the ini fragment of Nova for the other services

scheme() {
  if [[ $TLS ]]; then echo https; else echo http; fi
}

cloud() {
  python3 /usr/local/lib/iaas/cloud.py "$@"
}

# TYPE PATH [KEY=VALUE...]: the service answers so.
prove() {
  doing "proving that $1 answers for $2 ${*:3}"
  if comparing; then
    cloud prove "$@" --within 0 || differs "$1 does not answer so: $2 ${*:3}" || true
  else
    cloud prove "$@"
  fi
}

# A compute that was taken out of the cloud, and comes back, may still run: it joins as it starts.
rejoin() {
  local unit=$1
  shift
  if [[ " ${OUTDATED[*]} " == *" $unit "* ]] || ! systemctl is-active --quiet "$unit"; then return; fi
  if ! cloud prove "$@" --within 0 && differs "$unit runs, but the cloud has lost it"; then
    OUTDATED+=("$unit")
  fi
}

# The credentials of a service's own account, for what this step asks the API.
as_service() {
  OS_AUTH_URL=$(scheme)://$HOST_IP:5000/v3
  export OS_AUTH_URL OS_USERNAME=$1 OS_PASSWORD=$2
  export OS_PROJECT_NAME=service OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default
  export OS_REGION_NAME=$REGION
}

# [service_user] and [keystone_authtoken] of a service with this account; the latter comes last, so
# that token_cache can add to it.
keystone_authtoken() {
  cat <<EOF
[oslo_middleware]
enable_proxy_headers_parsing = true
max_request_body_size = 114688
[service_user]
send_service_user_token = true
$(account "$1" "$2")
[keystone_authtoken]
www_authenticate_uri = $(scheme)://$HOST_IP:5000
service_token_roles = service
service_token_roles_required = true
$(account "$1" "$2")
EOF
}

# What a service has seen of a token is kept for some minutes: encrypted, as any account of the
# controller may read and write memcached.
token_cache() {
  cat <<EOF
memcached_servers = 127.0.0.1:11211
memcache_security_strategy = ENCRYPT
memcache_secret_key = $MEMCACHE_SECRET
EOF
}

# The lines by which a service logs in as this account.
account() {
  cat <<EOF
auth_type = password
auth_url = $(scheme)://$HOST_IP:5000
username = $1
password = $2
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = $REGION
EOF
}

queue_url() {
  echo "rabbit://$1:$2@$HOST_IP:$(if [[ $TLS ]]; then echo 5671; else echo 5672; fi)/${3-}"
}

queue_options() {
  cat <<EOF
[oslo_messaging_rabbit]
ssl = $(if [[ $TLS ]]; then echo true; else echo false; fi)
ssl_ca_file = $TLS_FILES/ca.crt
ssl_enforce_hostname_verification = true
EOF
}

# Nova's connections to the other services; the same on every node. [neutron]
# comes last, so that the controller can add to it.
nova_clients() {
  cat <<EOF
$(queue_options)
[glance]
api_servers = $(scheme)://$HOST_IP:9292
[placement]
$(account nova "$NOVA_PASS")
[neutron]
$(account neutron "$NEUTRON_PASS")
EOF
}
