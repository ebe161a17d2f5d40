"""What a step that compares says of what differs, and that it changes nothing."""

import subprocess
from pathlib import Path

import pytest

from components import steps
from tests.unit.test_scripts import bash

DERIVED = "0123456789abcdef0123456789abcdef01234567"
COMPARING = 'comparing() { true; }; differs() { echo "$*"; return 1; }\n'
FUNCTIONS = ("put", "place", "difference")
OWNER = '"$(id -un):$(id -gn)"'

# The text that is there, the one that should be, the mode, and what is said.
FILES: tuple[tuple[str, str, str, str], ...] = (
    ("a\n", "a\n", "0644", ""),
    ("[x]\na = 1\nb = 2\n", "[x]\na = 1\nb = 3\n", "0644", "differs\n  - b = 2\n  + b = 3\n"),
    ("a\nmore\n", "a\n", "0644", "differs\n  - more\n"),
    ("a\n", "a\nmore\n", "0640", "differs\n  + more\n"),
    (
        "password = mine\n",
        "password = x\n",
        "0640",
        "differs\n  - password = …\n  + password = …\n",
    ),
    (
        "metadata_proxy_shared_secret=a\n",
        "",
        "0640",
        "differs\n  - metadata_proxy_shared_secret= …\n",
    ),
    ("connection = mysql://a:b@h/d\n", "", "0640", "differs\n  - connection = …\n"),
    ("  - url http://me:pw@h/\n", "", "0644", "differs\n  -   - url http://me:…@h/\n"),
    (f"x {DERIVED}\n", "", "0644", "differs\n  - x …\n"),
    ('{"Password": "b"}\n', "", "0644", 'differs\n  - {"Password": …\n'),
    ("old\n", "new\n", "0600", "differs\n"),
)


@pytest.fixture
def work(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a step's own files."""
    return f"WORK={tmp_path_factory.mktemp('work')}\n"


@pytest.mark.parametrize(("there", "wanted", "mode", "said"), FILES)
def test_a_file_is_compared_line_by_line_without_its_passwords(
    there: str, wanted: str, mode: str, said: str, tmp_path: Path, work: str
) -> None:
    file = tmp_path / "a-file"
    file.write_text(there)
    file.chmod(int(mode, 8))
    told = bash(
        "lib/services.sh",
        *FUNCTIONS,
        before=COMPARING + work,
        run=f"put {file} {OWNER} {mode} <<'EOF'\n{wanted}EOF\n",
    )
    assert told == (f"{file} {said}" if said else "")
    assert file.read_text() == there
    assert list(tmp_path.iterdir()) == [file]


def test_a_files_mode_and_absence_are_said(tmp_path: Path, work: str) -> None:
    file = tmp_path / "folder" / "a-file"
    run = f"put {file} {OWNER} 0644 </dev/null"
    told = bash("lib/services.sh", *FUNCTIONS, before=COMPARING + work, run=run)
    assert told == f"{file} is not there\n"
    assert list(tmp_path.iterdir()) == []
    file.parent.mkdir()
    file.touch(0o600)
    told = bash("lib/services.sh", *FUNCTIONS, before=COMPARING + work, run=run)
    assert told.startswith(f"{file} is of ")
    assert told.rstrip().endswith(" 644")
    assert file.stat().st_mode & 0o777 == 0o600


UNITS = """
systemctl() {{
  case $1 in
    is-enabled) {enabled} ;;
    is-active) {active} ;;
    show) echo "@{since}" ;;
    *) echo "it changes: $*" ;;
  esac
}}
date() {{ if [[ $1 == -r ]]; then echo 200; else echo "${{2#@}}"; fi; }}
OUTDATED=()
"""


@pytest.mark.parametrize(
    ("enabled", "active", "since", "said"),
    [
        ("true", "true", 300, ""),
        ("true", "true", 100, "x.service runs since before the last change of /etc/hosts\n"),
        ("true", "false", 0, "x.service does not run\n"),
        ("false", "true", 300, "x.service is not enabled\n"),
    ],
)
def test_a_service_is_compared_and_not_touched(
    enabled: str, active: str, since: int, said: str
) -> None:
    before = COMPARING + UNITS.format(enabled=enabled, active=active, since=since)
    before += f"started() {{ echo {since}; }}\n"
    run = "outdated x.service /etc/hosts; echo ${#OUTDATED[@]}"
    assert bash("lib/services.sh", "outdated", before=before, run=run) == f"{said}0\n"


STEP = """#!/usr/bin/env bash
. {library}/step.sh
step trial
differs "one thing" || true
{more}
"""


@pytest.mark.parametrize(
    ("more", "status", "out", "err"),
    [
        ("", 0, "one thing\n", ""),
        ("say 'for people'; changed 'a thing'", 0, "one thing\n", ""),
        ("await 30 'a service' false", 0, "one thing\nit would wait for a service\n", ""),
        ("await 30 'a service' true", 0, "one thing\n", ""),
        ("doing this; false", 1, "one thing\n", "trial failed after 0 s, while: this"),
    ],
)
def test_a_step_that_compares_says_what_differs_and_no_more(
    more: str, status: int, out: str, err: str, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for variable in ("openrc.sh", "passwords.sh"):
        (library / variable).touch()
    frame = steps.text("lib/step.sh").replace("/etc/xiandian/", f"{library}/")
    frame = frame.replace("/run/", f"{tmp_path}/").replace("$EUID != 0", "0 != 0")
    frame = frame.replace(f"{tmp_path}/lock/", f"{tmp_path}/")
    (library / "step.sh").write_text(frame)
    script = tmp_path / "step"
    script.write_text(STEP.format(library=library, more=more))
    done = subprocess.run(
        ["bash", str(script), "compare"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (status, out), done.stderr
    assert done.stderr.startswith(err) if err else not done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"library", "step", "iaas-trial"}
    wrong = subprocess.run(["bash", str(script), "x"], capture_output=True, text=True, check=False)
    assert wrong.stderr == "trial knows no x, only compare\n"
