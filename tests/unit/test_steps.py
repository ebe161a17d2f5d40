"""What the table of steps promises: it says of each script what it reads and waits for."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping

import pytest

from components import steps
from components.steps import BOTH, CHECK, COMPUTE, CONTROLLER, DASHBOARD, DISCOVER, Step
from tests.unit.mocks import Deployment, Secret

TABLES = {
    "check": (CHECK,),
    "controller": CONTROLLER,
    "compute": COMPUTE,
    "both": BOTH,
    "discover": (DISCOVER,),
    "dashboard": (DASHBOARD,),
}
ALL = [pytest.param(s, id=f"{table}:{s.name}") for table, ss in TABLES.items() for s in ss]
SERVICES = {
    "identity": "keystone",
    "image": "glance",
    "placement": "placement",
    "compute": "nova-controller",
    "network": "neutron-controller",
}
"""A service's type in the catalogue, and the step that sets it up."""

BEFORE_A_COMMAND = r'^|\$\(|[|;&(!]|\{\s|\b(?:then|do|else|if|while|until)\b|\bawait \d+ "[^"]*"'
RABBIT = r'\brabbit (?:definitions|accounts "\$HOST_IP"|listens "\$HOST_IP") ([a-z ]+)'
"""A call of rabbit.py: it takes the accounts' passwords from the environment."""


def code(script: str) -> str:
    """Return a script without its lines of comment."""
    return re.sub(r"^\s*#.*$", "", script, flags=re.MULTILINE)


def functions(script: str) -> dict[str, str]:
    """Return the bodies of a script's functions."""
    found = re.finditer(r"^(\w+)\(\) \{\n(.*?)^\}", code(script), re.MULTILINE | re.DOTALL)
    return {match[1]: match[2] for match in found}


def with_library(script: str) -> str:
    """Return a script with the bodies of the library's functions that it calls, or they call."""
    return "\n".join([code(script), *(FUNCTIONS[name][1] for name in called(script))])


def called(script: str) -> list[str]:
    """Return the library's functions that a script calls, or that they call."""
    found: list[str] = []
    parts = [code(script)]
    for part in parts:
        for name, (_, body) in FUNCTIONS.items():
            call = rf"(?:{BEFORE_A_COMMAND})\s*{name}\b"
            if name not in found and re.search(call, part, re.MULTILINE):
                found.append(name)
                parts.append(body)
    return found


FUNCTIONS = {
    name: (path.name, body)
    for path in sorted((steps.FOLDER / "lib").glob("*.sh"))
    for name, body in functions(path.read_text(encoding="utf-8")).items()
}
"""The library's functions by name: the file of each, and its body."""


def variables(script: str) -> set[str]:
    """Return the variables that a script and what it calls use, be they the node's or its own."""
    whole = with_library(script)
    accounts = [name for names in re.findall(RABBIT, whole) for name in names.split()]
    return {*re.findall(r"\$\{?(\w+)", whole), *(f"{a.upper()}_RABBIT_PASS" for a in accounts)}


def settings(deployment: Deployment, node: str, name: str) -> dict[str, str]:
    """Return the variables of a file that a node gets."""
    stdin = deployment.named(f"{node}-{name}").inputs["stdin"]
    text = stdin.value if isinstance(stdin, Secret) else stdin
    words = [word for word in shlex.split(text) if word != "export"]
    return dict(word.split("=", 1) for word in words)


def before(name: str, table: tuple[Step, ...]) -> Iterator[str]:
    """Yield the full names of all that a step waits for, directly or not."""
    step = next(s for s in table if s.name == name)
    for awaited in step.waits_for:
        node, _, other = awaited.rpartition(":")
        yield other
        yield from before(other, {"controller": CONTROLLER, "computes": COMPUTE, "": table}[node])


@pytest.mark.parametrize("step", ALL)
def test_a_script_is_there_and_runs_by_itself(step: Step) -> None:
    script = steps.text(step.source)
    assert script.startswith("#!/usr/bin/env bash\n"), "it is executed"
    assert script.endswith("\n"), "what it reads follows in lines of its own"
    assert "\r" not in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_every_script_is_a_step_or_of_the_library_or_the_controllers() -> None:
    every = {step for table in TABLES.values() for step in table}
    used = {f"lib/{name}" for step in every for name in steps.library(step.source)}
    there = {str(path.relative_to(steps.FOLDER)) for path in steps.FOLDER.glob("[!_]*/[!_]*.*")}
    own = {steps.CLEAN.source} | {
        f"lib/{name}" for name in (steps.SNAPSHOTS, steps.DRAIN, steps.EVACUATE, steps.LEAVE)
    }
    assert there == used | {step.source for step in every} | own


@pytest.mark.parametrize("step", ALL)
def test_a_step_uses_exactly_the_library_files_whose_functions_it_calls(step: Step) -> None:
    """One that it forgets would end it, one too many would run it again for nothing."""
    script = steps.text(step.source)
    sourced = set(re.findall(rf"^\. {steps.LIBRARY}/([\w.]+)$", script, re.MULTILINE))
    assert sourced == {FUNCTIONS[name][0] for name in called(script)}
    programs = set(re.findall(rf"{steps.LIBRARY}/(\w+\.py)", with_library(script)))
    of_files = {name for file in sourced for name in steps.library(f"lib/{file}")}
    assert set(steps.library(step.source)) == sourced | of_files >= programs


@pytest.mark.parametrize("step", ALL)
def test_a_step_reads_exactly_what_its_script_uses(step: Step, whole: Deployment) -> None:
    """A variable that it forgets would not run it again, one too many would for nothing."""
    given = {
        name
        for node in ("controller", "compute")
        for file in ("openrc.sh", "passwords.sh")
        for name in settings(whole, node, file)
    } | {"DASHBOARD_SECRET"}
    assert set(step.reads) == variables(steps.text(step.source)) & given
    assert len(set(step.reads)) == len(step.reads)


@pytest.mark.parametrize("node", ["controller", "compute"])
def test_a_node_gets_the_passwords_that_its_steps_read_and_no_others(
    node: str, whole: Deployment
) -> None:
    given = set(settings(whole, node, "passwords.sh"))
    table = [*TABLES[node], *([DISCOVER] if node == "controller" else [])]
    read = {name for step in table for name in step.reads}
    assert given == read - set(settings(whole, node, "openrc.sh"))


@pytest.mark.parametrize("node", ["controller", "compute"])
def test_every_setting_of_openrc_is_read_by_a_step(node: str, whole: Deployment) -> None:
    tables = (*CONTROLLER, *COMPUTE, CHECK, DISCOVER)
    assert set(settings(whole, node, "openrc.sh")) <= {n for step in tables for n in step.reads}


@pytest.mark.parametrize("node", ["controller", "compute"])
def test_a_step_waits_only_for_earlier_ones(node: str) -> None:
    """So the graph has no circle."""
    earlier: set[str] = set()
    others = {f"controller:{step.name}" for step in CONTROLLER} if node == "compute" else set()
    for step in TABLES[node]:
        assert set(step.waits_for) <= earlier | others
        assert step.name not in earlier, "its name is its own"
        earlier.add(step.name)
    assert set(DISCOVER.waits_for) <= {f"computes:{step.name}" for step in COMPUTE}


@pytest.mark.parametrize(
    ("table", "step"),
    [
        pytest.param(table, step, id=f"{name}:{step.name}")
        for name, table in (
            ("controller", (*CONTROLLER, DASHBOARD)),
            ("compute", (*COMPUTE, DISCOVER)),
        )
        for step in table
    ],
)
def test_a_step_asks_only_services_that_are_up(table: tuple[Step, ...], step: Step) -> None:
    asked = re.findall(r"^\s*prove (\w+)", code(steps.text(step.source)), re.MULTILINE)
    needed = {SERVICES[kind] for kind in asked}
    assert needed <= {step.name, *before(step.name, table)}


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "two words",
        "it's",
        'a "quote"',
        "$HOME `id` $(id)",
        "a\nb\n",
        "back\\slash",
        "",
        "é",
    ],
)
def test_a_value_survives_the_shell(value: str) -> None:
    script = steps.exports({"FIRST": "x", "VALUE": value}) + 'printf "%s|" "$FIRST" "$VALUE"'
    for shell in ("bash", "sh"):
        done = subprocess.run(
            [shell, "-c", f"{script}; env"], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith(f"x|{value}|")
        assert f"VALUE={value}\n" in done.stdout, "it is exported"


STEP = Step("pre-host", "node/iaas-pre-host.sh", ("HOST_IP", "NOVA_PASS"))
OPENRC = {"HOST_IP": "10.0.0.1", "HOST_NAME": "controller"}


@pytest.mark.parametrize(
    ("step", "openrc", "passwords", "same"),
    [
        pytest.param(STEP, OPENRC, "11111111", True, id="nothing"),
        pytest.param(
            STEP, OPENRC | {"HOST_NAME": "c"}, "11111111", True, id="what it does not read"
        ),
        pytest.param(STEP, OPENRC | {"HOST_IP": "10.0.0.2"}, "11111111", False, id="what it reads"),
        pytest.param(STEP, OPENRC, "22222222", False, id="a password that it reads"),
    ],
)
def test_an_installed_script_changes_with_what_it_reads(
    step: Step, openrc: Mapping[str, str], passwords: str, same: bool
) -> None:
    before_it = steps.installed(STEP, OPENRC, "11111111")
    assert (steps.installed(step, openrc, passwords) == before_it) is same


def test_an_installed_script_without_passwords_does_not_change_with_them() -> None:
    step = Step("pre-host", "node/iaas-pre-host.sh", ("HOST_IP",))
    assert steps.installed(step, OPENRC, "11111111") == steps.installed(step, OPENRC, "22222222")


def test_an_installed_script_is_the_script_and_comments_behind_it() -> None:
    """A person may run it by hand."""
    script = steps.text(STEP.source)
    installed = steps.installed(STEP, OPENRC, "11111111")
    assert installed.startswith(script)
    added = installed.removeprefix(script)
    assert added.endswith("\n")
    assert all(line.startswith("#") or not line for line in added.splitlines())


def test_parts_do_not_run_together_in_a_fingerprint() -> None:
    assert steps.fingerprint(["ab", "c"]) != steps.fingerprint(["a", "bc"])


def test_another_version_of_the_program_has_the_same_fingerprint() -> None:
    """Another one would run every step of every node again."""
    assert steps.fingerprint(["ab", "c"]) == "6c032e631d39"
