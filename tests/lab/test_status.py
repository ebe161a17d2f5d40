"""The status of the lab's cloud: nothing is broken, and what breaks is told with what helps."""

import json
import sys
import time
from typing import Any

from tests.lab.conftest import COMPUTES, NODES, PATIENCE, on, run

AGENT = "neutron-ovn-metadata-agent"


def status() -> tuple[int, dict[str, Any]]:
    """Return the exit status and what is found."""
    done = run("agent", sys.executable, "-m", "tools.status", "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def broken(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is broken: the rule and the node."""
    return [(f["rule"], f["where"]) for f in found["findings"] if f["severity"] == "broken"]


def test_the_status_reads_all_of_the_lab_and_finds_nothing_broken() -> None:
    ended, found = status()
    assert broken(found) == []
    assert ended == bool(found["findings"])
    assert [node["name"] for node in found["nodes"]] == [*NODES]
    assert [node["reading"]["unread"] for node in found["nodes"]] == [{} for _ in NODES]
    assert found["cloud"]["unanswered"] == {}
    assert {room["compute"] for room in found["cloud"]["room"]} == {*COMPUTES}


def test_a_service_that_is_stopped_is_told_with_the_command_that_helps() -> None:
    node = COMPUTES[-1]
    on(node, f"systemctl stop {AGENT}")
    try:
        ended, found = status()
        assert (ended, broken(found)) == (1, [("service", node)])
        (finding,) = (f for f in found["findings"] if f["rule"] == "service")
        assert finding["commands"][-1].endswith(f"systemctl restart {AGENT}")
    finally:
        on(node, f"systemctl restart {AGENT}")
    until = time.monotonic() + PATIENCE
    while broken(status()[1]) and time.monotonic() < until:
        time.sleep(5)
    assert broken(status()[1]) == []
