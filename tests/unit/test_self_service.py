"""What self-service promises: members make networks of their own only where the settings say so."""

from pathlib import Path

import yaml

from tests.unit.configs import Change, changed, check_taken, problems
from tests.unit.examples import as_pulumi, good_config
from tests.unit.test_scripts import bash

ON: Change = {"provider.selfService": True}
TUNNELS: Change = {"provider.tunnels": {"cidr": "10.99.0.0/24"}}


def policy(self_service: str) -> dict[str, str]:
    """Return what the step changes in Neutron's policy."""
    text = bash(
        "controller/iaas-install-neutron-controller.sh",
        "policy",
        before=f"put() {{ cat; }}\nSELF_SERVICE={self_service}\n",
        run="policy",
    )
    rules: dict[str, str] = yaml.safe_load(text)
    return rules


def test_only_the_admin_makes_networks_without_self_service() -> None:
    assert policy("false")["create_network"] == "rule:admin_only"


def test_self_service_leaves_networks_to_neutrons_own_policy_and_changes_nothing_else() -> None:
    without = policy("false")
    del without["create_network"]
    assert policy("true") == without


def test_self_service_without_tunnels_is_refused(tmp_path: Path) -> None:
    config = changed(good_config(tmp_path), ON, tmp_path)
    assert problems(as_pulumi(config)) == [
        "provider.selfService: is true, but the networks that members make need the tunnels between"
        " the nodes; give `tunnels`, or leave it out"
    ]


def test_self_service_with_tunnels_is_taken(tmp_path: Path) -> None:
    check_taken(("with tunnels", TUNNELS | ON), tmp_path)
