#!/usr/bin/env bash
# Controller: the cell takes in the compute named as the argument, or all that
# report to it.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh

# HOST SECONDS: Nova lists the host's hypervisor within that time.
listed() {
  prove compute /os-hypervisors ${1:+hypervisor_hostname="$1"} --within "$2"
}

step discover-hosts
as_service nova "$NOVA_PASS"
if [[ -z ${1:-} ]] || ! listed "$1" 0; then
  doing "discovering hosts"
  as nova nova-manage cell_v2 discover_hosts --by-service
  listed "${1:-}" 30
  changed "${1:-every host} is in the cell"
fi
