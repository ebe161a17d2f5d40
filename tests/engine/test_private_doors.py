"""What we rely on and the engine promises nowhere: how a failure stands in a stack's state.

Each fails in words where another engine or provider does otherwise. A flavor is made, or changed,
on a small Nova which refuses the last part of it: its extra specs.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.exported import was_made
from tests.engine.conftest import OFFLINE, ROOT, Stack
from tests.engine.nova import ADDRESS
from tools.resume import RAW

PROGRAM = f"""
import json, pathlib, pulumi, pulumi_openstack as openstack
cloud = openstack.Provider(
    "cloud", auth_url="{ADDRESS}/v3", region="RegionOne", user_name="admin", password="any",
    tenant_name="admin", user_domain_name="Default", project_domain_name="Default",
)
given = json.loads(pathlib.Path("flavor.json").read_text())
opts = pulumi.ResourceOptions(provider=cloud, replace_on_changes=given.pop("replace"))
openstack.compute.Flavor("a", name="a", vcpus=1, ram=256, disk=1, opts=opts, **given)
"""
SPECS = {"a": "b"}


def run(
    stack: Stack, *words: str, specs: dict[str, str] | None = None, replace: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run Pulumi beside the small Nova, for a flavor with these extra specs."""
    given = {"extra_specs": specs, "replace": replace}
    (stack.folder / "project/flavor.json").write_text(json.dumps(given))
    nova = [sys.executable, str(ROOT / "tests/engine/nova.py"), str(stack.folder / "nova.json")]
    return subprocess.run(
        [*OFFLINE, *nova, *stack.command(*words)],
        cwd=stack.folder / "project",
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def up(stack: Stack, specs: dict[str, str] | None = None) -> dict[str, Any]:
    """Bring a flavor up, and return what is then in the state."""
    done = run(stack, "up", "--yes", "--skip-preview", specs=specs)
    assert bool(done.returncode) == bool(specs), done.stdout + done.stderr
    resources = json.loads(stack.pulumi("stack", "export"))["deployment"]["resources"]
    (found,) = [r for r in resources if r["type"] == "openstack:compute/flavor:Flavor"]
    return dict(found)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """An empty stack of a program with one flavor."""
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "nova.json").write_text("{}")
    runtime = "{name: python, options: {virtualenv: .venv}}"
    (project / "Pulumi.yaml").write_text(f"name: doors\nruntime: {runtime}\n")
    (project / "__main__.py").write_text(PROGRAM)
    (project / ".venv").symlink_to(sys.prefix)
    made = Stack(tmp_path)
    made.pulumi("stack", "init")
    return made


def test_a_failed_creation_is_known_by_its_times(stack: Stack) -> None:
    failed = up(stack, SPECS)
    assert failed.get("initErrors"), (
        "a failed creation has no `initErrors` in the state any more: see components/exported.py"
    )
    assert not was_made(failed), (
        "a failed creation has two times now, `created` and `modified`:"
        " `was_made` of components/exported.py takes it for one that ended well"
    )
    by_itself = run(stack, "preview", "--json", specs=SPECS)
    assert '"op": "update"' in by_itself.stdout, (
        "the engine does not try to change what could not be made any more: perhaps"
        f" components/failures.py need not replace it\n{by_itself.stdout}{by_itself.stderr}"
    )
    replaced = run(stack, "preview", "--json", specs=SPECS, replace=("#initerror",))
    assert '"op": "replace"' in replaced.stdout, (
        'the engine does not know "#initerror" any more: components/failures.py replaces by it'
        f" what could not be made\n{replaced.stdout}{replaced.stderr}"
    )


def test_a_failed_change_is_known_by_its_times_and_hides_what_was_not_sent(stack: Stack) -> None:
    up(stack)
    failed = up(stack, SPECS)
    assert failed.get("initErrors"), (
        "a failed change has no `initErrors` in the state any more: see components/exported.py"
    )
    assert was_made(failed), (
        "a failed change leaves `created` and `modified` alike now: `was_made` of"
        " components/exported.py takes it for a creation, and components/failures.py replaces it"
    )
    assert (failed["inputs"].get("extraSpecs"), failed["outputs"]["extraSpecs"]) == (None, SPECS), (
        "a failed change does not keep the new values as the cloud's any more:"
        " perhaps tools/resume.py and components/failures.py need not put the old ones back"
    )
    assert RAW in failed["outputs"], (
        f"the provider notes no {RAW} any more: tools/resume.py takes it out,"
        " and must know what took its place"
    )
