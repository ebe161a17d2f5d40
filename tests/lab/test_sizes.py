"""The controller's services have the sizes of the table, and run with them."""

from tests.lab.conftest import on

SERVICES = {
    "keystone": "keystone",
    "placement-api": "placement",
    "nova-api": "novaApi",
    "nova-api-metadata": "novaMetadata",
    "neutron-api": "neutronApi",
}
"""The services of uWSGI, and the rows of their processes."""
LIBRARY = ". /etc/xiandian/openrc.sh; . /usr/local/lib/iaas/sizes.sh;"


def sizes() -> dict[str, int]:
    """Return what the table says on the controller."""
    rows = map(str.split, on("controller", f"{LIBRARY} sizes").splitlines())
    return {name: int(number) for name, number, *_ in rows}


def test_services_run_as_many_processes_as_the_table_says() -> None:
    script = "cat /sys/fs/cgroup$(systemctl show -P ControlGroup {}.service)/cgroup.procs | wc -l"
    wanted = sizes()
    for unit, row in SERVICES.items():
        master = 1
        assert int(on("controller", script.format(unit))) == wanted[row] + master, unit


def test_the_base_has_the_memory_and_connections_of_the_table() -> None:
    wanted = sizes()
    asked = "mariadb -N -e 'SELECT @@max_connections, @@innodb_buffer_pool_size'"
    connections, memory = map(int, on("controller", asked).split())
    assert connections == wanted["databaseConnections"]
    assert memory == wanted["databaseMemory"] * 2**20
    queue = on("controller", "rabbitmqctl eval 'vm_memory_monitor:get_vm_memory_high_watermark().'")
    assert f"{wanted['queueMemory']}MiB" in queue or str(wanted["queueMemory"] * 2**20) in queue
    started = on("controller", "tr '\\0' ' ' <\"/proc/$(pgrep -o memcached)/cmdline\"")
    assert f"-m {wanted['cacheMemory']} " in started
    assert f"-c {wanted['cacheConnections']} " in started


def test_no_service_had_to_wait_for_a_connection_to_the_database() -> None:
    """The most that there were at once, of those that the database takes."""
    asked = "mariadb -N -e \"SHOW GLOBAL STATUS LIKE 'Max_used_connections'\""
    _, most = on("controller", asked).split()
    assert int(most) < sizes()["databaseConnections"]
    logs = "/var/log/{keystone,nova,neutron,placement,glance}/*.log"
    assert not on("controller", f"grep -l 'QueuePool limit' {logs} || true")
