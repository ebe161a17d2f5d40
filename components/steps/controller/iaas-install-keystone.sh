#!/usr/bin/env bash
# Controller: Keystone, and the catalogue of the whole cloud: its services, their
# endpoints and their accounts.
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

# ACCOUNT TYPE PORT of each service.
services() {
  cat <<EOF
keystone identity 5000/v3
glance image 9292
placement placement 8778
nova compute 8774/v2.1
neutron network 9696
EOF
}

# Where the nodes ask a port.
own_url() {
  echo "$(scheme)://$HOST_IP:$1"
}

# Where users ask it. Without a public name that is the controller's address: where Pulumi runs, its
# host name may mean nothing.
public_url() {
  echo "$(scheme)://${PUBLIC_NAME:-$HOST_IP}:$1"
}

# ACCOUNT TYPE URL PUBLIC_URL of each service.
catalogue() {
  local account type port
  services | while read -r account type port; do
    echo "$account $type $(own_url "$port") $(public_url "$port")"
  done
}

# After ten wrong passwords a user waits for half an hour (as PCI DSS 4.0 asks, 8.3.4), but for the
# accounts that the cloud itself needs: cloud.py. A password's length counts, its kinds of characters
# do not. Passwords neither expire nor are remembered: projects' users have derived ones, and an earlier
# secret gives the earlier ones.
#
# A process that loses memcached, as when it restarts, would do without it for five minutes, and others go
# on with what it has changed: so none waits before it tries again. What it tells memcached just then may be
# lost all the same, and rights that were taken must not count for long: so roles are read anew after two
# seconds. Each request reads its user's six times.
#
# Each login takes the time of one slow hash. The cloud's own passwords have 160 bits, which no hash has to
# protect; for those that users choose, ten rounds of bcrypt are the least that OWASP asks for, and take a
# quarter of the time of Keystone's own twelve.
configure() {
  own_folder /etc/keystone keystone
  merge /etc/keystone/keystone.conf root:keystone <<EOF
[DEFAULT]
log_file = /var/log/keystone/keystone.log
notification_format = cadf
notification_opt_out = identity.authenticate.pending
[database]
$(database_pool)
connection = mysql+pymysql://keystone:$KEYSTONE_DBPASS@127.0.0.1/keystone
[identity]
max_password_length = 72
password_hash_rounds = 10
[oslo_messaging_notifications]
driver = $(if [[ $API_AUDIT == true ]]; then echo log; else echo noop; fi)
[token]
provider = fernet
[fernet_tokens]
max_active_keys = 5
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:11211
memcache_dead_retry = 0
[role]
caching = true
cache_time = 2
[security_compliance]
lockout_failure_attempts = 10
lockout_duration = 1800
password_regex = .{12}
password_regex_description = a password has at least 12 characters
[oslo_middleware]
enable_proxy_headers_parsing = true
max_request_body_size = 114688
EOF
  slim /etc/keystone/keystone-uwsgi.ini keystone "$(size keystone)" 32
  put /etc/default/keystone root:root 0644 <<EOF
# Of iaas-install-keystone.sh.
$(behind_proxy 5000 /etc/keystone/keystone-uwsgi.ini)
EOF
  admin_openrc | put /etc/keystone/admin-openrc.sh root:root 0600
}

admin_openrc() {
  cat <<EOF
# Of iaas-install-keystone.sh: the cloud's admin, for \`. /etc/keystone/admin-openrc.sh\`.
export OS_AUTH_URL=$(public_url 5000/v3)
export OS_IDENTITY_API_VERSION=3
export OS_IMAGE_API_VERSION=2
export OS_USERNAME=admin
export OS_PASSWORD=$ADMIN_PASS
export OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_NAME=$DOMAIN_NAME
export OS_PROJECT_DOMAIN_NAME=$DOMAIN_NAME
export OS_REGION_NAME=$REGION
export OS_CACERT=$TLS_FILES/${PUBLIC_CERTIFICATE:+public-}ca.crt
EOF
}

make_keys() {
  local kind folder commands=()
  for kind in fernet credential; do
    folder=/etc/keystone/$kind-keys
    if [[ -e $folder/0 ]] && compgen -G "$folder/[1-9]*"; then continue; fi
    differs "there are no keys in $folder" || continue
    install -d -o keystone -g keystone -m 0700 "$folder"
    commands+=("${kind}_setup --keystone-user keystone --keystone-group keystone")
  done
  if ((${#commands[@]} == 0)); then return; fi
  doing "making keys"
  manage keystone "${commands[@]}"
  changed "made Keystone's keys"
}

# New keys each week. A token is taken for 49 hours at most, of which 48 are for requests that go on
# when it has expired: its key must outlive the next rotation, and with five it outlives three. Keystone
# reads the keys at each use, so nothing restarts. Credentials are encrypted anew for the new key; a
# rotation refuses to begin while some are not, so that is done before it, too.
rotate_keys() {
  local of="--keystone-user keystone --keystone-group keystone" unit=/etc/systemd/system/iaas-keys
  put $unit.service root:root 0644 <<EOF
# Of iaas-install-keystone.sh.
[Unit]
Description=New keys for Keystone's tokens and credentials
After=mariadb.service

[Service]
Type=oneshot
User=keystone
ExecStart=/usr/bin/keystone-manage fernet_rotate $of
ExecStart=/usr/bin/keystone-manage credential_migrate $of
ExecStart=/usr/bin/keystone-manage credential_rotate $of
ExecStart=/usr/bin/keystone-manage credential_migrate $of
$(sandbox)
CapabilityBoundingSet=
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=/etc/keystone/fernet-keys /etc/keystone/credential-keys /var/log/keystone
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
EOF
  put $unit.timer root:root 0644 <<EOF
# Of iaas-install-keystone.sh.
[Unit]
Description=New keys for Keystone each week

[Timer]
OnCalendar=weekly
RandomizedDelaySec=6h
Persistent=true

[Install]
WantedBy=timers.target
EOF
  comparing || systemctl daemon-reload
  outdated iaas-keys.timer $unit.timer
}

nobody() {
  [[ $(mariadb -N -e "SELECT count(*) FROM keystone.local_user") == 0 ]]
}

# The admin's account and Keystone's own service: the one entry that needs the
# database, since nobody can log in before it.
bootstrap() {
  differs "Keystone does not let the admin in" || return 0
  doing "making the admin's account"
  OS_BOOTSTRAP_PASSWORD=$ADMIN_PASS as keystone keystone-manage bootstrap \
    --bootstrap-region-id "$REGION" \
    --bootstrap-public-url "$(public_url 5000/v3)" \
    --bootstrap-internal-url "$(own_url 5000/v3)" \
    --bootstrap-admin-url "$(own_url 5000/v3)"
  changed "made the admin's account"
}

fill_catalogue() {
  local filled
  doing "filling the catalogue"
  filled=$(GLANCE_PASS=$GLANCE_PASS PLACEMENT_PASS=$PLACEMENT_PASS NOVA_PASS=$NOVA_PASS \
    NEUTRON_PASS=$NEUTRON_PASS cloud catalogue "$MODE" < <(catalogue))
  if [[ -n $filled ]] && differs "$filled"; then changed "$filled"; fi
}

step keystone
configure
make_keys &
keys=$!
migrate keystone python3-keystone keystone as keystone keystone-manage db_sync
wait "$keys"
outdated keystone.service /etc/keystone/keystone.conf /etc/keystone/keystone-uwsgi.ini \
  /etc/default/keystone \
  "$STATE/keystone.migrated"
rotate_keys
# shellcheck source=/dev/null
. <(admin_openrc)
admin=""
# In a new cloud it is made while Keystone starts.
if nobody; then
  bootstrap &
  admin=$!
fi
refresh
# Each login costs the time of a slow hash, and Keystone itself has no limit.
expose keystone 5000 http "$(login_limit "path /v3/auth/tokens" "$API_LOGINS")"
if [[ $admin ]]; then
  wait "$admin"
elif ! cloud token; then
  bootstrap
  admin=again
fi
if [[ $admin ]] && ! comparing; then await 30 "Keystone to let the admin in" cloud token; fi
fill_catalogue
prove identity /projects name=service
if comparing && [[ $PUBLIC_CERTIFICATE ]]; then
  must_last "$TLS_FILES/public.pem" "the certificate of $PUBLIC_NAME ends within a month; give tls.certificateFile the next one"
fi
