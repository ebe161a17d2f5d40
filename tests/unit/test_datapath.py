"""What forwards on a node, the kernel or Open vSwitch itself, and what follows from that."""

from pathlib import Path

import pytest

from components import steps
from tests.unit.test_scripts import bash

NEUTRON = "controller/iaas-install-neutron-controller.sh"


@pytest.mark.parametrize(
    ("loaded", "loads", "found"),
    [(True, False, "system"), (False, True, "system"), (False, False, "netdev")],
    ids=["loaded", "can be loaded", "no module"],
)
def test_the_kernel_forwards_where_it_has_the_module(
    loaded: bool, loads: bool, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "openvswitch"
    if loaded:
        module.touch()
    text = steps.text("lib/bridge.sh").replace("/sys/module/openvswitch", str(module))
    monkeypatch.setattr(steps, "text", lambda _: text)
    before = f"modprobe() {{ {str(loads).lower()}; }}"
    assert bash("lib/bridge.sh", "datapath", before=before, run="datapath").strip() == found


@pytest.mark.parametrize(("forwards", "told"), [("system", "true"), ("netdev", "false")])
def test_who_sends_too_much_is_told_so_where_the_kernel_forwards(forwards: str, told: str) -> None:
    stubs = "set +u\nmerge() { cat; }\nslim() { :; }\nput() { :; }\npolicy() { :; }\n"
    stubs += "own_folder() { :; }\ntoken_cache() { :; }\n"
    stubs += "size() { :; }\ndatabase_pool() { :; }\n"
    stubs += f"keystone_authtoken() {{ :; }}\naccount() {{ :; }}\ndatapath() {{ echo {forwards}; }}"
    said = bash(NEUTRON, "configure", before=stubs, run="configure")
    assert f"ovn_emit_need_to_frag = {told}\n" in said
