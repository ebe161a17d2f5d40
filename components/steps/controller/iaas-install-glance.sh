#!/usr/bin/env bash
# Controller: Glance, the images.
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

# The images of one project leave a fifth of their disk to the others, and to MariaDB where that is on
# the same one. Glance fetches nothing by itself: who names the address could have it ask this network.
configure() {
  local images=/var/lib/glance/images most
  [[ -d $images ]] || images=${images%/*}
  most=$(($(df --output=size -B1G "$images" | tail -n 1) * 4 / 5))
  own_folder /etc/glance glance
  merge /etc/glance/glance-api.conf root:glance <<EOF
[DEFAULT]
bind_host = 127.0.0.1
enabled_backends = file:file
enabled_import_methods = [glance-direct]
user_storage_quota = ${most}GB
workers = $(size glance)
[database]
$(database_pool)
connection = mysql+pymysql://glance:$GLANCE_DBPASS@127.0.0.1/glance
$(keystone_authtoken glance "$GLANCE_PASS")
$(token_cache)
[paste_deploy]
flavor = keystone
[glance_store]
default_backend = file
[file]
filesystem_store_datadir = /var/lib/glance/images/
EOF
}

step glance
configure
outdated glance-api.service /etc/glance/glance-api.conf "$STATE/glance.migrated"
refresh
expose glance 9292
as_service glance "$GLANCE_PASS"
prove image /v2/images
