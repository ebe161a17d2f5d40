"""What the docs promise: what they name is there, what they show runs, and pictures do not lie."""

import fnmatch
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import Field

from components.settings import NetworkSettings, load
from components.settings.fields import Mtu
from components.settings.generate import describe
from tests.changes.facts import Is, Same
from tests.changes.kinds import Kind
from tests.changes.row import Row
from tests.changes.table import TABLE
from tests.unit.examples import SECRET, as_pulumi, public_key
from tests.unit.mocks import deploy
from tools import pictures

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/package"
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
        *(ROOT / name / "README.md" for name in ("engine", "examples", "pull_requests", "tests")),
        *sorted((ROOT / "docs").glob("*.md")),
    )
}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FILES = subprocess.run(
    ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
    capture_output=True, text=True, check=True,
).stdout.splitlines()  # fmt: skip
FOLDERS = {str(parent) for name in FILES for parent in Path(name).parents}
TOP = {name.split("/")[0] for name in FILES if "/" in name}

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NOT_RUN = "# not run here: "


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a language that a page has, without their indent."""
    found = [match for match in BLOCK.finditer(PAGES[page]) if match[2] == language]
    return [re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE) for match in found]


def prose(page: str) -> str:
    """Return a page without its blocks."""
    return BLOCK.sub("", PAGES[page])


def spoken(page: str) -> list[str]:
    """Return what a page shows as code: its spans, and the lines of its blocks of shell."""
    spans = re.findall(r"`([^`]+)`", prose(page))
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    return [" ".join(text.split()) for text in (*spans, *lines)]


def anchors(page: str) -> set[str]:
    """Return what the headings of a page are linked by, as GitHub and GitLab make it."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command that a page shows in a block of shell, and the page."""
    for page in PAGES:
        for block in blocks(page, "sh"):
            if not block.startswith(NOT_RUN):
                lines = (line.partition(" #")[0].strip() for line in block.splitlines())
                yield from ((line, page) for line in lines if line and not line.startswith("#"))


def run_by() -> dict[str, tuple[str, str]]:
    """Return the table of tests/README.md: a command, what runs it, and what stands there."""
    rows = re.findall(r"^\| `(.+?)` \| (.+) \| (.*) ?\|$", PAGES["tests/README.md"], re.MULTILINE)
    table = {command.replace("\\|", "|"): (by, text.strip("` ")) for command, by, text in rows}
    return {command: row for command, row in table.items() if not command.startswith("tests/")}


def test_the_readme_has_two_pages() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 200


def test_every_page_is_in_the_readmes_list() -> None:
    listed = set(re.findall(r"^- \[.+?\]\(([^)]+)\): .", PAGES["README.md"], re.MULTILINE))
    assert listed == PAGES.keys() - {"README.md"}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", prose(page)):
        name, _, anchor = link.partition("#")
        if not re.match(r"https?:", link):
            there = (ROOT / page).parent / name if name else ROOT / page
            assert there.exists(), link
            assert not anchor or anchor in anchors(str(there.resolve().relative_to(ROOT))), link


@pytest.mark.parametrize("page", PAGES)
def test_every_file_target_and_module_that_a_page_names_is_there(page: str) -> None:
    text = "\n".join(spoken(page))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", text)) <= TARGETS
    for module in re.findall(r"python -m ([a-z_.]+)", text):
        path = module.replace(".", "/")
        ours = {f"{path}.py", f"{path}/__main__.py"} & {*FILES}
        assert ours or module in ("pytest", "venv"), module
    for word in re.findall(r"(?<![\w/.~$-])([\w.-]+(?:/[\w.…*-]+)*/?)", text):
        if "/" in word and word.split("/")[0] in TOP:
            pattern = word.rstrip("/").replace("…", "*")
            assert pattern in FOLDERS or fnmatch.filter(FILES, pattern), word


def test_every_command_is_run_by_a_test_or_says_that_it_is_not() -> None:
    table = run_by()
    shown = [*commands(), *((f"make {target}", "Makefile") for target in TARGETS)]
    for command, page in shown:
        if not re.match(r"\.venv/bin/python -m pytest", command):
            assert any(f"{command} ".startswith(f"{known} ") for known in table), (
                f"{page}: `{command}` has no row in tests/README.md: say which test runs it, or"
                f" begin its block with `{NOT_RUN}…`"
            )
    for known in table:
        assert any(f"{command} ".startswith(f"{known} ") for command, _ in shown), (
            f"no page shows {known}"
        )


@pytest.mark.parametrize("command", run_by())
def test_what_runs_a_command_has_it(command: str) -> None:
    by, text = run_by()[command]
    if not by.startswith("not run: "):
        path = by.split("`")[1]
        assert text, f"{command}: say what stands in {path}"
        assert text in (ROOT / path).read_text(), f"{path} has no {text}"


def test_the_preview_in_the_readme_is_one_of_the_engine() -> None:
    (shown,) = blocks("README.md", "markdown")
    assert (ROOT / "tests/engine/golden/wider-vlan-range.md").read_text().startswith(shown)


def test_the_smallest_cloud_is_one() -> None:
    (shown,) = blocks("README.md", "yaml")
    config = yaml.safe_load(shown.replace("ssh-ed25519 AAAA…", public_key()))["config"]
    assert "secure" in config["iaas:secret"]
    config = {key.removeprefix("iaas:"): value for key, value in config.items()}
    config["computes"][0]["hostKey"] = public_key("compute")
    settings = load(as_pulumi(config | {"secret": SECRET}))
    assert [network.name for network in settings.networks] == ["front"]


def test_the_program_of_your_own_runs() -> None:
    """As the package has it: there components are called iaas."""
    program = (EXAMPLE / "__main__.py").read_text().replace("from iaas.", "from components.")
    stack = yaml.safe_load((EXAMPLE / "Pulumi.dev.yaml").read_text())["config"]
    config = {key.removeprefix("shop:"): value for key, value in stack.items()}
    code = compile(program, EXAMPLE / "__main__.py", "exec")
    seen = deploy(lambda: exec(code, {}), {**config, "secret": SECRET}, project="shop")  # noqa: S102
    assert seen.named("front-network").inputs["name"] == "front"
    assert seen.named("compute-nova-compute")
    assert "www" in seen.outputs[""]


def test_the_setting_that_contributing_adds_is_one_of_these() -> None:
    field, row = blocks("CONTRIBUTING.md", "python")
    scope: dict[str, object] = {"NetworkSettings": NetworkSettings, "Mtu": Mtu, "Field": Field}
    exec(f"class Again(NetworkSettings):\n    {field}", scope)  # noqa: S102
    model = scope["Again"]
    assert isinstance(model, type) and issubclass(model, NetworkSettings)
    again, there = (
        next(key for key in describe.keys(one, "networks[]") if key.name == "mtu")
        for one in (model, NetworkSettings)
    )
    assert again.type == there.type
    assert there.meaning.startswith(again.meaning.rstrip("…, "))
    names = {"Row": Row, "G": Kind.GIVEN, "Is": Is, "Same": Same}
    shown = eval(row.strip(), names)
    assert shown == next(one for one in TABLE if one.name == shown.name)


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_settings_is_yaml(page: str) -> None:
    for block in blocks(page, "yaml"):
        assert yaml.safe_load(block)


@pytest.mark.parametrize(("name", "text"), pictures.texts().items())
def test_a_picture_is_of_what_the_program_has(name: str, text: str) -> None:
    assert (pictures.FOLDER / name).read_text() == text, "it has changed: run `make pictures`"


def test_every_picture_is_of_the_text_beside_it() -> None:
    for path in pictures.FOLDER.glob("*.dot"):
        picture = path.with_suffix(".svg").read_text()
        said = f"{path.name} has changed: run `make pictures`"
        assert picture.endswith(pictures.mark(path.read_text())), said
