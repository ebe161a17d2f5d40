#!/usr/bin/env bash
# Controller: Placement, what each compute has left.
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

configure() {
  own_folder /etc/placement placement
  merge /etc/placement/placement.conf root:placement <<EOF
[placement_database]
$(database_pool)
connection = mysql+pymysql://placement:$PLACEMENT_DBPASS@127.0.0.1/placement
[api]
auth_strategy = keystone
$(keystone_authtoken placement "$PLACEMENT_PASS")
$(token_cache)
EOF
  slim /etc/placement/placement-api-uwsgi.ini placement "$(size placement)" 32
  put /etc/default/placement-api root:root 0644 <<EOF
# Of iaas-install-placement.sh.
$(behind_proxy 8778 /etc/placement/placement-api-uwsgi.ini)
EOF
}

step placement
configure
outdated placement-api.service /etc/placement/placement.conf /etc/placement/placement-api-uwsgi.ini \
  /etc/default/placement-api "$STATE/placement.migrated"
refresh
expose placement 8778
as_service placement "$PLACEMENT_PASS"
prove placement /resource_providers
