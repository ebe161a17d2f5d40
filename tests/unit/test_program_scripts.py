"""What the program promises of a changed script: just the steps that use it run again."""

import shutil
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from components import steps
from tests.unit.mocks import Deployment, deploy, main


def differences(one: Deployment, other: Deployment) -> set[str]:
    """Return the names of resources with other inputs: the engine runs such a command again."""
    before, after = ({r.name: r.inputs for r in d if r.parent} for d in (one, other))
    return {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}


USE_THE_API = (
    "controller-keystone controller-glance controller-placement controller-nova-controller"
    " controller-neutron-controller hosts-discover compute*-nova-compute"
    " compute*-neutron-compute "
)
APIS = (
    "controller-keystone controller-glance controller-placement controller-nova-controller"
    " controller-neutron-controller"
)


def expect(found: set[str], patterns: str) -> None:
    """Fail unless each name is one of the patterns', and each pattern has one."""
    for pattern in patterns.split():
        assert any(fnmatch(name, pattern) for name in found), f"nothing is {pattern}"
    for name in found:
        assert any(fnmatch(name, pattern) for pattern in patterns.split()), f"{name} changed too"


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """A function that changes a script of a copy, which the program then takes."""
    folder = tmp_path / "steps"
    shutil.copytree(steps.FOLDER, folder)
    monkeypatch.setattr(steps, "FOLDER", folder)

    def change(name: str) -> None:
        with (folder / name).open("a", encoding="utf-8") as script:
            script.write("# changed\n")
        forget()

    def forget() -> None:
        steps.text.cache_clear()
        steps.library.cache_clear()

    yield change
    forget()


USE_SERVICES = USE_THE_API.replace("hosts-discover", "controller-backup")
EVERY_STEP = (
    "*-pre-host *-tls controller-mysql controller-databases controller-backup"
    " compute*-mysql-client " + USE_THE_API
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("node/iaas-check.sh", "*-check"),
        ("node/iaas-pre-host.sh", "*-pre-host"),
        ("controller/iaas-install-glance.sh", "controller-glance"),
        ("compute/iaas-install-nova-compute.sh", "compute*-nova-compute"),
        ("controller/iaas-discover-hosts.sh", "hosts-discover"),
        ("lib/step.sh", "*-step.sh " + EVERY_STEP),
        ("lib/services.sh", "*-services.sh *-pre-host *-tls controller-mysql " + USE_SERVICES),
        ("lib/cloud.py", "*-cloud.py " + USE_THE_API),
        ("lib/rabbit.py", "*-rabbit.py controller-mysql compute*-nova-compute"),
        ("lib/mariadb.sh", "controller-mariadb.sh controller-mysql"),
        ("lib/migrate.sh", "controller-migrate.sh controller-databases controller-keystone"),
        ("lib/sshkey.sh", "*-sshkey.sh controller-backup compute*-nova-compute"),
        ("lib/backup_parts.py", "controller-backup_parts.py controller-backup"),
        ("node/iaas-install-tls.sh", "*-tls"),
        ("lib/proxy.sh", "controller-proxy.sh " + APIS),
        ("lib/bridge.sh", "*-bridge.sh controller-neutron-controller compute*-neutron-compute"),
    ],
)
def test_a_changed_script_runs_exactly_these_again(
    name: str,
    expected: str,
    edit: Callable[[str], None],
    whole: Deployment,
    config: dict[str, object],
) -> None:
    edit(name)
    expect(differences(whole, deploy(main, config)), expected)
