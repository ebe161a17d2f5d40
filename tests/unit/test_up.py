"""`make up`: Pulumi's own run, and a table of its times at the end."""

import json
import re
from pathlib import Path

import pytest

from tools import up
from tools.progress import Event, Progress

URN = "urn:pulumi:prod::iaas::"
NODE = f"{URN}iaas:nodes:Compute::rack-1"
STEP = f"{URN}iaas:nodes:Compute$command:remote:Command::rack-1-pre-host"
SERVER = f"{URN}iaas:cloud:Server$openstack:compute/instance:Instance::server-web1-server"


def event(kind: str, urn: str, op: str = "create", planning: bool = False) -> Event:
    of = urn.split("::")[2].rsplit("$", 1)[-1]
    parent = NODE if of == "command:remote:Command" else f"{URN}iaas:cloud:Server::server-web1"
    metadata = {"urn": urn, "type": of, "op": op, "new": {"parent": parent}}
    return {kind: {"metadata": metadata, **({"planning": True} if planning else {})}}


def said(urn: str, text: str, severity: str = "info#err") -> Event:
    return {"diagnosticEvent": {"urn": urn, "message": text, "severity": severity}}


PREVIEW: list[Event] = [
    {"preludeEvent": {"config": {}}},
    event("resourcePreEvent", STEP, planning=True),
    event("resOutputsEvent", STEP, planning=True),
]
RUN: list[Event] = [
    {"preludeEvent": {"config": {}}},
    event("resourcePreEvent", NODE, "same"),
    event("resourcePreEvent", STEP),
    said(STEP, "[  3 s] one\n[  4 s] two\n"),
    event("resourcePreEvent", SERVER),
    event("resOutputsEvent", STEP),
]


@pytest.mark.parametrize(
    ("events", "status", "ends"),
    [
        (
            [*RUN, event("resOutputsEvent", SERVER)],
            0,
            ["rack-1", "  pre-host", "", "cloud", "  server-web1-server", "", "resources: 2"],
        ),
        (
            [*RUN, event("resOpFailedEvent", SERVER)],
            255,
            [
                "  server-web1-server, FAILED",
                "",
                "resources: 2; it failed, and the next `up` goes on",
            ],
        ),
        ([], 0, ["asked"]),
    ],
    ids=["done", "failed", "answered with no"],
)
def test_the_end_of_a_run_has_a_table_of_times(
    events: list[Event],
    status: int,
    ends: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name, some in (("preview", PREVIEW), ("run", events)):
        (tmp_path / name).write_text("".join(json.dumps(one) + "\n" for one in some))
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(
        '#!/bin/sh\necho "$1 $2 $3 $4 $PULUMI_DEBUG_COMMANDS"\necho asked\nfor log; do :; done\n'
        '[ "$(stat -c %a "$log")" = 600 ] || exit 9\n'
        f'cat {tmp_path}/preview >"$log"\nsleep 0.3\n'
        f'if [ -s {tmp_path}/run ]; then : >"$log"; sleep 0.3; cat {tmp_path}/run >"$log"; fi\n'
        f"exit {status}\n"
    )
    pulumi.chmod(0o755)
    for name, value in (("PULUMI", str(pulumi)), ("STACK", "prod"), ("YES", "1")):
        monkeypatch.setenv(name, value)
    assert up.main() == status
    out = capfd.readouterr().out
    assert out.startswith("up --stack prod --yes true\nasked\n")
    times = r" +\d+\.\d s   from +\d+\.\d s on|, \d+ s"
    lines = [re.sub(times, "", line) for line in out.splitlines()]
    assert lines[-len(ends) :] == ends


def test_what_a_step_says_is_told_when_nothing_else_is(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    for one in RUN[:4]:
        progress.take(one)
    progress.spoke -= 60
    progress.fill_silence()
    assert capsys.readouterr().out == "   0 s  rack-1-pre-host: [  4 s] two\n"
