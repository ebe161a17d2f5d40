#!/usr/bin/env bash
# Controller: the computes are added to Nova's cell.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh

# SECONDS: Nova lists the hypervisor of each compute within that time.
listed() {
  prove compute /os-hypervisors --each hypervisor_hostname "$HOST_NAME_NODE" --within "$1"
}

step discover-hosts
as_service nova "$NOVA_PASS"
if ! listed 0 && differs "a compute is not in Nova's cell"; then
  doing "discovering hosts"
  as nova nova-manage cell_v2 discover_hosts --by-service
  listed 30
  changed "each compute is in the cell"
fi
