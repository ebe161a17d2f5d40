#!/usr/bin/env bash
# Controller: the computes are added to Nova's cell. One whose own steps have failed keeps the others from
# nothing: it is missing then, and nova-scheduler adds it once it is there (iaas-install-nova-controller.sh).
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh

# SECONDS NAMES: Nova lists the hypervisor of each of these computes within that time.
listed() {
  prove compute /os-hypervisors --each hypervisor_hostname "$2" --within "$1"
}

some_listed() {
  local name
  for name in $HOST_NAME_NODE; do
    if listed 0 "$name"; then return; fi
  done
  return 1
}

step discover-hosts
as_service nova "$NOVA_PASS"
if ! listed 0 "$HOST_NAME_NODE" && differs "a compute is not in Nova's cell"; then
  doing "discovering hosts"
  as nova nova-manage cell_v2 discover_hosts --by-service
  if listed 30 "$HOST_NAME_NODE"; then
    changed "each compute is in the cell"
  elif some_listed; then
    changed "computes are in the cell, but not all: see the steps of the others, which have failed"
  else
    die "no compute is in the cell"
  fi
fi
