#!/usr/bin/env bash
# Controller: Placement, what each compute has left.
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

configure() {
  merge /etc/placement/placement.conf placement:placement <<EOF
[placement_database]
$(database_pool)
connection = mysql+pymysql://placement:$PLACEMENT_DBPASS@$HOST_IP/placement
[api]
auth_strategy = keystone
$(keystone_authtoken placement "$PLACEMENT_PASS")
EOF
  slim /etc/placement/placement-api-uwsgi.ini placement "$(size placement)" 32
}

step placement
configure
migrate placement python3-placement placement as placement placement-manage db sync
outdated placement-api.service /etc/placement/placement.conf /etc/placement/placement-api-uwsgi.ini \
  "$STATE/placement.migrated"
refresh
as_service placement "$PLACEMENT_PASS"
prove placement /resource_providers
