"""How large the controller's services are on machines of several sizes, and what always holds."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from components import steps
from components.settings.sizes import NUMBERS, PROCESSES
from tests.unit.test_scripts import bash

FILE = "lib/sizes.sh"
PRE_HOST = "node/iaas-pre-host.sh"
FUNCTIONS = tuple(re.findall(r"^(\w+)\(\) \{$", steps.text(FILE), re.MULTILINE))
DOCS = Path(__file__).parents[2] / "docs" / "sizes.md"
SCRIPTS = {
    str(path.relative_to(steps.FOLDER)): path.read_text(encoding="utf-8")
    for path in steps.FOLDER.glob("*/*.sh")
}

LEAST = {
    "keystone": 2,
    "placement": 1,
    "glance": 1,
    "novaApi": 2,
    "novaMetadata": 2,
    "novaConductor": 1,
    "novaScheduler": 1,
    "neutronApi": 1,
    "neutronRpc": 1,
    "dashboard": 1,
    "backlog": 1024,
    "databaseConnections": 4096,
    "databaseMemory": 128,
    "queueMemory": 1024,
    "cacheMemory": 64,
    "cacheConnections": 4096,
}
"""What a small machine has."""
Machine = tuple[int, int]
"""Cores, and memory in GiB."""
MACHINES: dict[Machine, dict[str, int]] = {
    (1, 3): {},
    (2, 4): {},
    (2, 256): {},
    (64, 4): {},
    (4, 8): {"keystone": 4, "placement": 2, "novaApi": 4, "novaConductor": 2, "neutronApi": 2,
             "dashboard": 2, "databaseMemory": 256, "cacheMemory": 128},
    (8, 16): {"keystone": 8, "placement": 4, "glance": 2, "novaApi": 8, "novaMetadata": 4,
              "novaConductor": 4, "novaScheduler": 2, "neutronApi": 4, "dashboard": 4,
              "databaseMemory": 512, "queueMemory": 2048, "cacheMemory": 256},
    (16, 64): {"keystone": 16, "placement": 8, "glance": 4, "novaApi": 16, "novaMetadata": 8,
               "novaConductor": 8, "novaScheduler": 4, "neutronApi": 8, "dashboard": 8,
               "databaseConnections": 6144, "databaseMemory": 1024, "queueMemory": 4096,
               "cacheMemory": 512},
    (64, 256): {"keystone": 16, "placement": 8, "glance": 8, "novaApi": 16, "novaMetadata": 16,
                "novaConductor": 16, "novaScheduler": 4, "neutronApi": 16, "dashboard": 16,
                "databaseConnections": 6144, "databaseMemory": 4096, "queueMemory": 8192,
                "cacheMemory": 1024},
}  # fmt: skip
"""What differs from the least."""
SHOWN = ((2, 4), (4, 8), (8, 16), (16, 64), (64, 256))
"""Those of the docs."""
KERNELS_SHARE = 160 * 1024
"""KiB that a kernel has taken from 4 GiB before it counts; of more memory it takes more."""


def script(machine: Machine, run: str, settings: str = "", more: int = 0) -> str:
    """Return what a script prints with the functions, on a machine with so many KiB more."""
    cores, memory = machine
    kib = memory * 2**20 - KERNELS_SHARE * memory // 4 + more
    before = f"SIZES={settings!r}\ngetconf() {{ echo {cores}; }}\n{meminfo(kib)}"
    return bash(FILE, *FUNCTIONS, before=before, run=run)


def meminfo(kib: int) -> str:
    """Return a function of a shell that lets awk read a machine's memory."""
    fake = f"command awk \"$1\" <<<'MemTotal: {kib} kB'"
    return (
        f'awk() {{ if [[ ${{2-}} == /proc/meminfo ]]; then {fake}; else command awk "$@"; fi; }}\n'
    )


@cache
def values(machine: Machine, settings: str = "", more: int = 0) -> dict[str, int]:
    """Return all numbers on a machine; `stay` and `overflow` are those of each pool."""
    said = script(machine, "sizes; database_pool", settings, more)
    *rows, stay, overflow = said.splitlines()
    found = {name: int(number) for name, number, *_ in map(str.split, rows)}
    pool = {"stay": int(stay.split()[-1]), "overflow": int(overflow.split()[-1])}
    assert stay.startswith("max_pool_size = ") and overflow.startswith("max_overflow = ")
    return found | pool


def rows(found: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of the table alone."""
    return {name: number for name, number in found.items() if name not in ("stay", "overflow")}


def connections(found: Mapping[str, int]) -> int:
    """Return how many connections all services together may open."""
    one = found["keystone"] + found["placement"] + found["glance"]
    vnc = reports = maintenance = 1
    neutron = found["neutronApi"] + found["neutronRpc"] + reports + maintenance
    nova = sum(found[f"nova{name}"] for name in ("Api", "Metadata", "Conductor", "Scheduler"))
    databases = len(("nova_api", "nova", "nova_cell0", "cell1's nova"))
    return (one + neutron + (nova + vnc) * databases) * (found["stay"] + found["overflow"])


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_a_machine_has_the_numbers_of_its_size(machine: Machine) -> None:
    assert rows(values(machine)) == LEAST | MACHINES[machine]


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_all_pools_together_stay_below_what_the_database_takes(machine: Machine) -> None:
    found = values(machine)
    assert connections(found) < found["databaseConnections"]
    assert found["stay"] == 5
    assert found["overflow"] >= 15, "a conductor's green threads wait for these"


def test_a_small_machine_has_the_pools_that_oslo_db_has_by_itself() -> None:
    found = values((2, 4))
    assert (found["stay"], found["overflow"]) == (5, 50)


def test_no_settings_let_the_pools_take_more_than_the_database_has() -> None:
    low, high = NUMBERS["databaseConnections"][0], PROCESSES[1]
    most = [f"{name}={high}" for name, limits in NUMBERS.items() if limits == PROCESSES]
    found = values((2, 4), " ".join([*most, f"databaseConnections={low}"]))
    assert connections(found) < low
    assert found["stay"] >= 1, "0 is no limit to SQLAlchemy"


def test_settings_count_instead_of_the_machine() -> None:
    assert rows(values((2, 4), "cores=8 memory=16")) == LEAST | MACHINES[8, 16]
    assert rows(values((64, 256), "cores=2")) == LEAST
    assert rows(values((64, 256), "memory=4")) == LEAST
    assert rows(values((2, 4), "keystone=7 cores=2")) == LEAST | {"keystone": 7}


@pytest.mark.parametrize("machine", [(2, 4), (4, 8), (8, 16), (16, 64)], ids=str)
def test_another_kernel_changes_nothing(machine: Machine) -> None:
    """It may count some MiB more or less of the same memory."""
    for more in (-100 * 1024, 100 * 1024):
        assert values(machine, more=more) == values(machine)


def test_each_row_is_used_and_what_is_used_is_a_row() -> None:
    """What a step asks for in a file's text, and is not there, would be an empty word."""
    used = {
        n for text in SCRIPTS.values() for n in re.findall(r"\bsize (?!NAME)([a-zA-Z]+)\b", text)
    }
    assert used == rows(values((2, 4))).keys()


def test_the_settings_know_the_rows_and_take_the_tables_numbers() -> None:
    for machine in MACHINES:
        found = rows(values(machine))
        assert found.keys() == NUMBERS.keys()
        for name, number in found.items():
            assert NUMBERS[name][0] <= number <= NUMBERS[name][1]


def test_only_services_without_green_threads_have_threads() -> None:
    call = re.compile(r'^\s*slim \S+/(\S+)-uwsgi\.ini \w+ "\$\(size \w+\)" (\d+)$', re.MULTILINE)
    calls = [found for text in SCRIPTS.values() for found in call.findall(text)]
    assert {name: int(threads) for name, threads in calls} == {
        "keystone": 32,
        "placement-api": 32,
        "nova-api": 1,
        "nova-api-metadata": 1,
        "neutron-api": 1,
    }


@pytest.mark.parametrize(
    ("memory", "entries"),
    [(1, 2**16), (2, 2**17), (4, 2**18), (8, 2**19), (16, 2**20), (64, 2**20)],
)
def test_a_node_remembers_more_connections_with_more_memory(memory: int, entries: int) -> None:
    """And never fewer than by itself: 2**16 from 1 GiB on, 2**18 from more than 4 GiB on."""
    for kernels_share in (60, 160):
        kib = memory * (2**20 - kernels_share * 2**10 // 4)
        name = "remembered"
        assert int(bash(PRE_HOST, name, before=meminfo(kib), run=name)) == entries


def test_both_ends_of_a_connection_to_ovns_databases_wait_equally_long() -> None:
    agent = re.search(
        r"external_id ovn-remote-probe-interval (\d+)$", SCRIPTS["lib/bridge.sh"], re.M
    )
    databases = re.findall(r"--inactivity-probe=(\d+)", "".join(SCRIPTS.values()))
    assert agent and {*databases} == {agent[1]}


@pytest.mark.parametrize(("wanted", "found"), [(7, "7"), (2**30, "kernel")])
def test_a_service_lets_no_more_wait_than_the_kernel_does(wanted: int, found: str) -> None:
    kernel = Path("/proc/sys/net/core/somaxconn").read_text(encoding="utf-8").strip()
    before = f"merge() {{ echo $*; cat; }}; size() {{ echo {wanted}; }}"
    said = bash("lib/services.sh", "slim", before=before, run="slim a-file me 3 4").splitlines()
    assert said[0] == "a-file root:me"
    assert {"processes = 3", "threads = 4"} < {*said}
    assert f"listen = {kernel if found == 'kernel' else found}" in said


def test_the_docs_have_the_numbers_of_each_machine() -> None:
    lines = re.findall(r"^\| `(\w+)` \| (.+) \| (\d+) to (\d+) \|$", DOCS.read_text(), re.MULTILINE)
    said = {name: [int(n) for n in cells.split(" | ")] for name, cells, _, _ in lines}
    assert said == {name: [values(machine)[name] for machine in SHOWN] for name in NUMBERS}
    assert {name: (int(low), int(high)) for name, _, low, high in lines} == NUMBERS
