"""What the setting `dashboard` brings, and that without it there is nothing of it."""

import re
from pathlib import Path
from typing import Any

import pytest

from components.steps import DASHBOARD
from pull_requests.page import comment
from tests.unit.configs import Change, changed
from tests.unit.examples import good_config
from tests.unit.mocks import Deployment, fresh
from tests.unit.previews import component, read, shown, step, urn
from tests.unit.readings import reading
from tests.unit.test_program import CONTROLLER as NAMES
from tests.unit.test_steps import settings
from tools.status.seen import Reading
from tools.status.units import needed
from wording.nodes import CONTROLLER, MARK

NEW = {"controller-dashboard", "controller-dashboard-removal", "controller-dashboard.sh",
       "controller-dashboard.py"}  # fmt: skip


@pytest.fixture(scope="module")
def there(files: Path) -> Deployment:
    """The program with a dashboard."""
    return fresh(changed(good_config(files), {"dashboard": True}, files))


def test_it_adds_its_step_and_what_takes_that_away(there: Deployment, whole: Deployment) -> None:
    assert set(there.names()) - set(whole.names()) == NEW
    assert not [name for name in NAMES.split() if "dashboard" in name]
    step = there.named("controller-dashboard")
    assert {f"controller-{name}" for name in DASHBOARD.waits_for} <= step.after


def test_nothing_in_the_cloud_waits_for_it(there: Deployment) -> None:
    for resource in there:
        if resource.name not in NEW:
            assert "controller-dashboard" not in there.before(resource.name), resource.name


def test_only_with_it_the_controller_has_its_secret(there: Deployment, whole: Deployment) -> None:
    assert "DASHBOARD_SECRET" in settings(there, "controller", "passwords.sh")
    assert "DASHBOARD_SECRET" not in settings(whole, "controller", "passwords.sh")
    assert "DASHBOARD_SECRET" not in settings(there, "compute", "passwords.sh")


def test_what_removes_it_does_nothing_before_and_goes_with_the_controller(
    there: Deployment,
) -> None:
    removal = there.named("controller-dashboard-removal")
    assert not {"create", "update", "stdin"} & removal.inputs.keys()
    assert removal.inputs["delete"] == (
        "timeout 30m /usr/local/bin/iaas-install-dashboard.sh remove"
    )
    assert removal.deleted_with == "controller"
    assert "delete" not in there.named("controller-dashboard").inputs, "a repair replaces it"


@pytest.mark.parametrize(
    ("change", "openings"),
    [
        ({}, "tcp/443/0.0.0.0_0"),
        ({"tls": {"enabled": False}}, "tcp/80/0.0.0.0_0"),
        (
            {"api": {"allowFrom": ["10.1.0.0/16", "192.168.100.0/24"]}},
            "tcp/443/10.1.0.0_16 tcp/443/192.168.100.0_24",
        ),
    ],
)
def test_its_port_is_open_to_whom_the_apis_are(change: Change, openings: str, files: Path) -> None:
    config = good_config(files)
    config.pop("nodeOpenings", None)
    config.pop("api", None)
    deployed = fresh(changed(config, {"dashboard": True, **change}, files))
    assert settings(deployed, "controller", "openrc.sh")["OPENINGS"] == openings
    assert settings(deployed, "compute", "openrc.sh")["OPENINGS"] == ""


def test_the_comment_says_that_it_goes() -> None:
    parent = urn(CONTROLLER, "controller")
    values: dict[str, Any] = {"create": "install", "stdin": f"text\n{MARK}\n#   TLS=1\n"}
    kind = "command:remote:Command"
    steps = (
        component("same", CONTROLLER, "controller"),
        step("delete", kind, "controller-dashboard", values, {}, parent=parent),
        step("delete", kind, "controller-dashboard.sh", values, {}, parent=parent),
        step("delete", kind, "controller-dashboard-removal", {"delete": "x"}, {}, parent=parent),
    )
    text = comment(read(shown(*steps)))
    assert "`controller: dashboard goes, with its packages`" in text
    assert not re.search("removal|is deleted", text.partition("<details>")[0])


def test_the_status_misses_its_service_only_where_its_step_has_run() -> None:
    found = reading("controller", "controller")
    steps = {name: run for name, run in found["steps"].items() if name != "dashboard"}
    assert "iaas-dashboard" in needed("controller", Reading.model_validate(found))
    without = Reading.model_validate({**found, "steps": steps})
    assert "iaas-dashboard" not in needed("controller", without)
    assert "keystone" in needed("controller", without)
