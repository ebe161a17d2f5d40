"""Sets of numbers that the controller's services are measured with, one after the other."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

UNITS: Mapping[str, str] = {
    "/etc/keystone/keystone-uwsgi.ini": "keystone",
    "/etc/placement/placement-api-uwsgi.ini": "placement-api",
    "/etc/nova/nova-api-uwsgi.ini": "nova-api",
    "/etc/nova/nova-api-metadata-uwsgi.ini": "nova-api-metadata",
    "/etc/neutron/neutron-api-uwsgi.ini": "neutron-api",
}
"""The services of uWSGI by their files."""
OTHERS = ("glance-api", "nova-conductor", "nova-scheduler", "neutron-rpc-server")
RESTARTED = (*UNITS.values(), *OTHERS)
STEPS = ("keystone", "placement", "glance", "nova-controller", "neutron-controller")
"""The steps that write these files as they were."""
SCRIPTS = tuple(f"/usr/local/bin/iaas-install-{step}.sh" for step in STEPS)


class Uwsgi(NamedTuple):
    """Numbers of a service of uWSGI."""

    processes: int
    threads: int
    listen: int


class Numbers(NamedTuple):
    """Numbers of all services; where one is None, it is the service's own choice."""

    uwsgi: Mapping[str, Uwsgi]
    workers: int | None
    """Of the services in OTHERS."""


NUMBERS: Mapping[str, Numbers] = {
    "fixed": Numbers(
        {
            "keystone": Uwsgi(2, 32, 100),
            "placement-api": Uwsgi(1, 32, 100),
            "nova-api": Uwsgi(2, 1, 100),
            "nova-api-metadata": Uwsgi(2, 1, 100),
            "neutron-api": Uwsgi(1, 1, 100),
        },
        1,
    ),
    "package": Numbers(
        {
            "keystone": Uwsgi(8, 32, 100),
            "placement-api": Uwsgi(8, 32, 100),
            "nova-api": Uwsgi(16, 1, 100),
            "nova-api-metadata": Uwsgi(8, 32, 100),
            "neutron-api": Uwsgi(8, 1, 100),
        },
        None,
    ),
}
"""`fixed` is what the steps wrote before sizes followed from the machine; `package` is what
Debian's packages of OpenStack 2025.1 have in their files. MariaDB, RabbitMQ and memcached stay as
they are.

With the package's 32 threads of metadata, requests for it may hang."""
SIZED = "sized"
"""What the steps write."""
NAMES = (*NUMBERS, SIZED)

SET = r"""
set -eu -o pipefail
while read -r file section key value; do
  if [[ $value ]]; then
    crudini --inplace --set "$file" "$section" "$key" "$value"
  else
    crudini --inplace --del "$file" "$section" "$key"
  fi
done
systemctl reset-failed "$@"
systemctl restart "$@"
"""
"""Sets what stdin says, `FILE SECTION KEY [VALUE]` a line, and restarts units."""
POOLS = (
    ("/etc/keystone/keystone.conf", "database"),
    ("/etc/placement/placement.conf", "placement_database"),
    ("/etc/glance/glance-api.conf", "database"),
    ("/etc/nova/nova.conf", "database"),
    ("/etc/nova/nova.conf", "api_database"),
    ("/etc/neutron/neutron.conf", "database"),
)
"""Where services say how many connections to a database they keep; none: oslo.db's own."""
WORKERS = (
    ("/etc/glance/glance-api.conf", "DEFAULT", "workers"),
    ("/etc/nova/nova.conf", "conductor", "workers"),
    ("/etc/nova/nova.conf", "scheduler", "workers"),
    ("/etc/neutron/neutron.conf", "DEFAULT", "rpc_workers"),
)


def lines(numbers: Numbers) -> Iterator[str]:
    """Yield what SET reads for these numbers."""
    for file, unit in UNITS.items():
        for key, number in numbers.uwsgi[unit]._asdict().items():
            yield f"{file} uwsgi {key} {number}"
    workers = "" if numbers.workers is None else numbers.workers
    for file, section, key in WORKERS:
        yield f"{file} {section} {key} {workers}".rstrip()
    api = numbers.uwsgi["neutron-api"].processes
    yield f"/etc/neutron/neutron.conf DEFAULT api_workers {api}"
    for file, section in POOLS:
        for key in ("max_pool_size", "max_overflow"):
            yield f"{file} {section} {key}"
