#!/usr/bin/env bash
# Controller: the tables of the services' databases. Making them takes longer than the services take to start,
# and needs no Keystone: it is done meanwhile. Keystone's own are of its own step.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=migrate.sh
. /usr/local/lib/iaas/migrate.sh

# USER PASSWORD DATABASE
connection() {
  echo "mysql+pymysql://$1:$2@127.0.0.1/$3"
}

# The services' own files may not be there yet: what stands in the environment counts before them.
glance() {
  OS_DATABASE__CONNECTION=$(connection glance "$GLANCE_DBPASS" glance)
  export OS_DATABASE__CONNECTION
  migrate glance python3-glance glance as glance glance-manage db_sync
  once_for python3-glance glance.metadefs as glance glance-manage db load_metadefs \
    --path /usr/share/glance-common/metadefs --merge --prefer_new
}

placement() {
  OS_PLACEMENT_DATABASE__CONNECTION=$(connection placement "$PLACEMENT_DBPASS" placement)
  export OS_PLACEMENT_DATABASE__CONNECTION
  migrate placement python3-placement placement as placement placement-manage db sync
}

neutron() {
  OS_DATABASE__CONNECTION=$(connection neutron "$NEUTRON_DBPASS" neutron)
  export OS_DATABASE__CONNECTION
  migrate neutron python3-neutron neutron as neutron neutron-db-manage \
    --config-file /etc/neutron/neutron.conf upgrade head
}

nova() {
  OS_API_DATABASE__CONNECTION=$(connection nova "$NOVA_DBPASS" nova_api)
  OS_DATABASE__CONNECTION=$(connection nova "$NOVA_DBPASS" nova)
  # Nothing is sent: it only has to fit into the template of a cell.
  export OS_DEFAULT__TRANSPORT_URL=rabbit://nova:-@localhost:5672/
  export OS_API_DATABASE__CONNECTION OS_DATABASE__CONNECTION
  migrate nova python3-nova "nova_api nova nova_cell0" sync_nova
}

# The cells are mapped by templates: each service fills in the accounts of its own
# configuration, so no password stands in the mapping or in argv.
sync_nova() {
  local template='{scheme}://{username}:{password}@{hostname}' commands=("api_db sync")
  if [[ $(tables nova_api cell_mappings) == 0 ||
  $(mariadb -N -e "SELECT count(*) FROM nova_api.cell_mappings WHERE name = 'cell1'") == 0 ]]; then
    commands+=("cell_v2 create_cell --name cell1 --database_connection $template/nova
      --transport-url {scheme}://{username}:{password}@{hostname}:{port}/")
  fi
  manage nova "${commands[@]}" "cell_v2 map_cell0 --database_connection $template/nova_cell0" "db sync"
}

# All to their end, so that the next run finds none at work.
side_by_side() {
  local service jobs="" failed=""
  for service in "$@"; do
    "$service" &
    jobs+=" $service:$!"
  done
  for service in $jobs; do
    wait "${service#*:}" || failed+=" ${service%:*}"
  done
  doing "migrating the databases"
  [[ ! $failed ]] || die "failed:$failed"
}

step databases
# Nova takes longest.
side_by_side nova neutron glance placement
