"""What `make restore-controller` promises, without nodes: in which order, and what it says."""

import io
import tarfile
from pathlib import Path

import pytest

from components.steps import CHECK, CONTROLLER, DISCOVER, text
from tests.unit.backups import Node, node
from tests.unit.examples import public_key
from tests.unit.readings import server, stack
from tools import restore_controller as tool
from tools.backups import PROGRAM, Failed
from tools.backups import Node as There
from tools.drift.state import Put
from tools.restore_controller import Domain, lost
from tools.status.seen import Server

__all__ = ["node"]
IDENTITY = "AGE-SECRET-KEY-1"
HOST = "10.0.0.10"


def put(name: str, path: str, *, is_step: bool = False, owner: str = "controller") -> Put:
    """Return what `up` has put there."""
    urn = f"urn:pulumi:s::iaas::command:remote:Command::{owner}-{name}"
    return Put(urn, owner, HOST, path, 0o755 if is_step else 0o600, f"content of {name}", is_step)


FILES = [put("openrc.sh", "/etc/xiandian/openrc.sh"), put("step.sh", "/usr/local/lib/iaas/step.sh")]
STEPS = [
    *(put(s.name, f"/usr/local/bin/{s.script}", is_step=True) for s in CONTROLLER),
    put("discover", f"/usr/local/bin/{DISCOVER.script}", is_step=True, owner="hosts"),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What the controller was asked, with what came by stdin."""
    lines: list[tuple[str, bytes]] = []
    monkeypatch.setattr(There, "run", lambda _, line, stdin=b"": lines.append((line, stdin)))
    monkeypatch.setattr(
        There, "send", lambda _, line, words: lines.append((line, " ".join(words).encode()))
    )
    monkeypatch.setattr(tool, "agreed", lambda _: ["a server is lost"])
    return lines


def restore(**words: str) -> list[str]:
    """Restore the controller of a stack whose state has all steps."""
    of = stack()
    object.__setattr__(of, "identity", IDENTITY)
    return tool.restore(of, [*FILES, *STEPS], words)


def test_the_backup_comes_before_the_steps_that_would_make_something_new(
    asked: list[tuple[str, bytes]],
) -> None:
    assert restore() == ["a server is lost"]
    lines = [line for line, _ in asked]
    paths = {put.name: put.path for put in STEPS}
    first = [paths[name] for name in tool.FIRST]
    others = [put.path for put in STEPS if put.name not in tool.FIRST]
    assert lines[0] == "bash -s" and lines[1].startswith("tar --extract")
    program = [f"{PROGRAM} restore last", *others, f"{PROGRAM} settle"]
    assert lines[2:] == [*first, *program]


def test_what_up_has_put_there_is_put_there_again(asked: list[tuple[str, bytes]]) -> None:
    restore()
    with tarfile.open(fileobj=io.BytesIO(asked[1][1])) as tar:
        found = {entry.name: (entry.mode, entry.uid) for entry in tar.getmembers()}
    assert found["etc/xiandian/openrc.sh"] == (0o600, 0)
    assert found["usr/local/bin/iaas-pre-host.sh"] == (0o755, 0)
    assert len(found) == len(FILES) + len(STEPS)


def test_the_machine_is_checked_with_its_settings_before_anything_is_changed(
    asked: list[tuple[str, bytes]],
) -> None:
    restore()
    assert asked[0] == ("bash -s", b"content of openrc.sh" + text(CHECK.source).encode())


def test_the_key_goes_by_stdin_alone(asked: list[tuple[str, bytes]]) -> None:
    restore()
    assert [line for line, stdin in asked if IDENTITY.encode() in stdin] == [
        f"{PROGRAM} restore last"
    ]
    assert not [line for line, _ in asked if IDENTITY in line]


def test_a_folder_of_this_machine_goes_there_if_it_is_whole(
    asked: list[tuple[str, bytes]], node: Node
) -> None:
    older, made = node.make(), node.make()
    restore(FROM=node.place.folder)
    sent, words = next((line, words.decode()) for line, words in asked if "receive" in line)
    assert sent == f"{PROGRAM} receive"
    assert words.startswith(f"tar -cf - -C {node.place.folder} {made['name']} images/")
    assert older["name"] not in words
    assert f"{PROGRAM} restore {made['name']}" in [line for line, _ in asked]
    asked.clear()
    path = next(Path(node.place.folder, made["name"]).glob("files*"))
    path.write_bytes(b"other")
    with pytest.raises(Failed, match=f"{path.name} is damaged"):
        restore(FROM=node.place.folder)
    assert asked == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"BACKUP": "$(id)"}, "is no name of a backup"),
        ({"FROM": "/does/not/exist"}, "there is no backup last in /does/not/exist"),
        ({"HOST_KEY": "ssh-rsa"}, "HOST_KEY: "),
    ],
)
def test_wrong_words_change_nothing(
    words: dict[str, str], why: str, asked: list[tuple[str, bytes]]
) -> None:
    with pytest.raises(Failed, match=why.replace("$", r"\$").replace("(", r"\(")):
        restore(**words)
    assert asked == []


def test_a_state_without_the_program_is_refused() -> None:
    old = [put for put in STEPS if put.name != "backup"]
    with pytest.raises(Failed, match="the stack's state has no backup of the controller"):
        tool.restore(stack(), old, {})


def test_the_new_machines_host_key_is_taken_and_the_old_one() -> None:
    new = public_key("another")
    with tool.new_machine(stack(), new) as there:
        known = Path(there.way.known_hosts).read_text().splitlines()
    assert known == [f"controller {public_key('controller')}", f"controller {new}"]


def on(number: str, compute: str, state: str = "running") -> Domain:
    """Return a domain of a compute."""
    return Domain(number, state, "web", compute)


@pytest.mark.parametrize(
    ("domains", "servers", "said"),
    [
        ([on("id-1", "c1")], [server(1)], ()),
        ([on("id-1", "c1", "shut-off")], [server(1, status="SHUTOFF")], ()),
        ([], [server(1, compute="")], ()),
        (
            [on("id-9", "c2")],
            [],
            (
                "server web (id-9, running) is on c2, and Nova does not know it",
                "virsh destroy id-9",
            ),
        ),
        ([on("id-1", "c2")], [server(1)], ("is on c2, and Nova has it on c1: it was moved",)),
        ([], [server(1)], ("server web1 (id-1) is on no compute", "server delete id-1")),
    ],
    ids=["agreed", "off", "not placed", "made after", "moved after", "deleted after"],
)
def test_what_nova_and_the_computes_do_not_agree_about_is_told(
    domains: list[Domain], servers: list[dict[str, object]], said: tuple[str, ...]
) -> None:
    found = [*lost(domains, [Server.model_validate(one) for one in servers])]
    assert len(found) == bool(said)
    assert all(text in found[0] for text in said)


def test_a_computes_answer_has_its_domains() -> None:
    text = "id-1 running web1\nid-2 shut-off \nid-3 running a server\n"
    assert [(d.id, d.state, d.name) for d in tool.heard("c1", text)] == [
        ("id-1", "running", "web1"), ("id-2", "shut-off", ""), ("id-3", "running", "a server"),
    ]  # fmt: skip
