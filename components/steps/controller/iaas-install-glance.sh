#!/usr/bin/env bash
# Controller: Glance, the images.
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
  merge /etc/glance/glance-api.conf glance:glance <<EOF
[DEFAULT]
bind_host = $HOST_IP
enabled_backends = file:file
workers = $(size glance)
[database]
$(database_pool)
connection = mysql+pymysql://glance:$GLANCE_DBPASS@$HOST_IP/glance
$(keystone_authtoken glance "$GLANCE_PASS")
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
migrate glance python3-glance glance as glance glance-manage db_sync
doing "loading the metadata definitions"
once_for python3-glance glance.metadefs as glance glance-manage db load_metadefs \
  --path /usr/share/glance-common/metadefs --merge --prefer_new
outdated glance-api.service /etc/glance/glance-api.conf "$STATE/glance.migrated"
refresh
as_service glance "$GLANCE_PASS"
prove image /v2/images
