"""When a compute leaves the cloud: what refuses it, and what is gone afterwards."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from keystoneauth1 import exceptions

from components import steps
from components.refusals import computes
from components.steps.lib import leave
from components.steps.lib.leave import LOST, Refused
from tests.unit.configs import GONE, Change, changed
from tests.unit.examples import OTHER_SECRET, public_key
from tests.unit.mocks import NOBODY, Deployment, deploy, judged, main
from tests.unit.roots import shell

Json = dict[str, Any]
HOST, ADDRESS = "compute2", "192.168.100.21"
OUT: Change = {"computes[1]": GONE}


def refused(
    config: dict[str, object],
    state: Deployment,
    on: dict[str, list[str]] | None = None,
    preview: bool = False,
    dead: Mapping[str, str] = NOBODY,
) -> str:
    """Return why a change is refused; "" if it is not."""
    try:
        deploy(judged, config, state=state.exported(), on=on, preview=preview, dead=dead)
    except pulumi.RunError as error:
        return str(error)
    return ""


# What is changed, the servers that Nova has, and what is said of it; nothing: it is not refused.
CASES: tuple[tuple[str, Change, dict[str, list[str]], tuple[str, ...]], ...] = (
    ("an empty one that is taken out", OUT, {"compute": ["web1"]}, ()),
    (
        "one with servers",
        OUT,
        {HOST: ["db1", "web1"]},
        ("computes: compute2 is taken out, but Nova has servers on it: db1, web1. Set `drain",),
    ),
    (
        "one whose server goes in the same change",
        {**OUT, "servers[1]": GONE},
        {HOST: ["db1", "web1"]},
        ("db1, web1 (db1: this change removes servers last). Set `drain",),
    ),
    (
        "one with a server that no settings have",
        OUT,
        {HOST: ["by-hand"]},
        ("Nova has servers on it: by-hand. Set",),
    ),
    (
        "both",
        {"computes": [], "servers": GONE},
        {HOST: ["db1"], "compute": ["web1"]},
        ("computes: compute is taken out", "computes: compute2 is taken out"),
    ),
    (
        "one with servers, where all of the cloud may go",
        {**OUT, "allowDeletion": {"controller": True}},
        {HOST: ["db1"]},
        (),
    ),
    ("another one that comes", {"computes[2]": {"name": "c3", "host": "192.168.100.22"}
     | {"checkHostKey": False}}, {HOST: ["db1"]}, ()),
    ("one that stays, with servers", {"provider.maxvlan": 300}, {HOST: ["db1"]}, ()),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "on", "said"), [pytest.param(*rest, id=name) for name, *rest in CASES]
)
def test_a_compute_goes_only_when_nova_has_no_servers_on_it(
    change: Change,
    on: dict[str, list[str]],
    said: tuple[str, ...],
    whole: Deployment,
    config: dict[str, object],
    files: Path,
) -> None:
    what = refused(changed(config, change, files), whole, on)
    assert bool(what) == bool(said)
    for words in said:
        assert words in what
    assert refused(changed(config, change, files), whole, on, preview=True) == "", (
        "a preview asks nobody"
    )


# What a preview refuses, whatever Nova has.
NEVER: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "another name",
        {"computes[1].name": "compute9"},
        ("computes[compute9].name: compute2 -> compute9: Nova and OVN know",),
    ),
    (
        "another address",
        {"computes[1].host": "192.168.100.30"},
        ("computes[compute2].host: 192.168.100.21 -> 192.168.100.30: what runs on it",),
    ),
    (
        "two that swap their names",
        {"computes[0].name": HOST, "computes[1].name": "compute"},
        ("computes[compute].host: ", "computes[compute2].host: "),
    ),
    (
        "taken out with another secret",
        {**OUT, "secret": OTHER_SECRET},
        ("secret: it changes together with the removal of compute2, and Nova can't be asked",),
    ),
)


@pytest.mark.parametrize(
    ("change", "said"), [pytest.param(*rest, id=name) for name, *rest in NEVER]
)
@pytest.mark.parametrize("preview", [True, False])
def test_what_a_compute_can_never_become_is_refused_in_the_preview(
    change: Change,
    said: tuple[str, ...],
    preview: bool,
    whole: Deployment,
    config: dict[str, object],
    files: Path,
) -> None:
    header, *lines = refused(changed(config, change, files), whole, preview=preview).splitlines()
    assert header.endswith("nothing was changed:")
    assert len(lines) == len(said)
    for line, words in zip(lines, said, strict=True):
        assert line.startswith(f"  iaas:{words}")


def test_where_nova_does_not_answer_nothing_goes(
    whole: Deployment,
    config: dict[str, object],
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def silent(_: object, compute: str) -> list[str]:
        asked.append(compute)
        raise exceptions.ConnectFailure("no route to host")

    real = computes.with_servers

    def without_answer(change: object, password: str) -> object:
        monkeypatch.setattr(computes, "servers_on", silent)
        return real(change, password)  # type: ignore[arg-type]

    monkeypatch.setattr(computes, "with_servers", without_answer)
    what = refused(changed(config, {"computes": [], "servers": GONE}, files), whole)
    assert "nothing was changed" in what
    assert "Nova does not say which servers are on it: no route to host" in what
    assert asked == ["compute"], "a controller that does not answer is asked once"


def test_before_there_is_a_nova_it_is_not_asked(
    whole: Deployment, config: dict[str, object], files: Path
) -> None:
    """The first `up` may have failed because of this very node."""
    half = Deployment()
    half += [r for r in whole if not r.name.endswith(("-nova-controller", "-server"))]
    assert refused(changed(config, OUT, files), half, {HOST: ["db1"]}) == ""


@pytest.mark.parametrize("clean", [True, False])
def test_only_a_compute_that_is_to_be_cleaned_must_answer(
    clean: bool, config: dict[str, object], files: Path
) -> None:
    there = changed(config, {"onRemoval": "clean" if clean else "keep"}, files)
    state = deploy(main, there)
    # The word of this change comes too late: what a node does as it goes is in the state.
    for word in ("clean", "keep"):
        out = changed(config, {**OUT, "onRemoval": word}, files)
        what = refused(out, state, dead={ADDRESS: "no route to host"})
        assert ("does not answer at 192.168.100.21: no route to host" in what) == clean
        assert ("set `onRemoval: keep`, run `pulumi up`" in what) == clean
        assert refused(out, state) == ""


def test_the_cloud_forgets_a_compute_when_it_goes_alone(whole: Deployment) -> None:
    command = whole.named(f"{HOST}-leave")
    assert "create" not in command.inputs, "no change of it asks the controller"
    assert command.inputs["delete"].endswith(f" -m iaas.leave {HOST} {ADDRESS}'")
    assert command.inputs["connection"].value["host"] == "192.168.100.10"
    assert command.deleted_with == "controller"
    assert "controller-nova-controller" in command.after


def test_a_drained_compute_that_goes_takes_no_servers_again(
    config: dict[str, object], files: Path
) -> None:
    drained = deploy(main, changed(config, {"computes[1].drain": True}, files))
    assert drained.named(f"hosts-drain-{HOST}").deleted_with == HOST


HOSTS = "127.0.0.1 localhost\n# nodes of the cloud\n{}# end of nodes\n"
ME, NEAR, GONE_ONE = "10.0.0.2 c1\n", "10.0.0.3 c2\n", "10.0.0.4 c3\n"
# The nodes of the settings, and the hosts whose keys nova knows then.
KNOWN: tuple[tuple[str, str, set[str]], ...] = (
    ("all stay", ME + NEAR + GONE_ONE, {"10.0.0.3", "10.0.0.4", "c3", "[c3]:2222", "other"}),
    ("one goes", ME + NEAR, {"10.0.0.3", "other"}),
    ("one has another address", f"{ME}{NEAR}10.0.0.9 c3\n", {"10.0.0.3", "other"}),
    ("one has another name", f"{ME}{NEAR}10.0.0.4 c4\n", {"10.0.0.3", "other"}),
)


@pytest.mark.parametrize("hashed", [True, False])
@pytest.mark.parametrize(("nodes", "left"), [pytest.param(*rest, id=name) for name, *rest in KNOWN])
def test_nova_forgets_the_host_keys_of_nodes_that_are_gone(
    nodes: str, left: set[str], hashed: bool, root: Path
) -> None:
    """Another machine that comes with the name or the address has another key."""
    (root / "etc/hosts").write_text(HOSTS.format(ME + NEAR + GONE_ONE))
    known = root / "var/lib/nova/.ssh/known_hosts"
    known.parent.mkdir(parents=True)
    hosts = ("10.0.0.3", "10.0.0.4", "c3", "[c3]:2222", "other")
    known.write_text("".join(f"{host} {public_key()}\n" for host in hosts))
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(known)], check=True)
    words = " ".join(f"{name}={address}" for address, name in map(str.split, nodes.splitlines()))
    before = f"NODES='{words}' INTERFACE_IP=10.0.0.2 SSH_PORT=2222 PUBLIC_NAME=''"
    text = steps.text("node/iaas-pre-host.sh")
    parts = ("others", "hosts", "forget_gone")
    shell(text, *parts, before=before, run="forget_gone", root=root)
    ask = ["ssh-keygen", "-q", "-f", str(known), "-F"]
    assert {
        h
        for h in hosts
        if not subprocess.run([*ask, h], stdout=subprocess.DEVNULL, check=False).returncode
    } == left
    assert shell(text, *parts, before=before, run="forget_gone", root=root) == ""


@pytest.mark.parametrize(
    ("runs", "known", "restarts"),
    [(True, False, True), (True, True, False), (False, False, False)],
    ids=["forgotten", "known", "does not run yet"],
)
def test_a_compute_that_comes_back_joins_although_it_still_runs(
    runs: bool, known: bool, restarts: bool, root: Path
) -> None:
    made_up = f"systemctl() {{ {str(runs).lower()}; }}; cloud() {{ {str(known).lower()}; }}"
    said = shell(
        steps.text("lib/cloud.sh"),
        "rejoin",
        before=made_up,
        run='rejoin one.service network /agents host=c1; echo "${OUTDATED[*]}"',
        root=root,
    )
    assert said == ("one.service\n" if restarts else "\n")


@dataclass
class Cloud:
    """A small Nova, Placement and Neutron: what is in each of them."""

    services: list[Json] = field(default_factory=lambda: [{"id": "s1", "host": HOST}])
    servers: list[str] = field(default_factory=list)
    providers: list[str] = field(default_factory=lambda: ["r1"])
    agents: dict[str, str] = field(default_factory=dict)
    deaf: bool = False
    """Its chassis comes back each time."""
    done: list[str] = field(default_factory=list)

    def get(self, path: str, params: Json | None = None) -> SimpleNamespace:
        """Answer a question."""
        found: Json = {
            "/os-services": {"services": self.services},
            "/servers": {"servers": [{"name": name} for name in self.servers]},
            "/resource_providers": {"resource_providers": [{"uuid": u} for u in self.providers]},
            "/v2.0/agents": {
                "agents": [
                    {"id": number, "host": host, "alive": host != LOST}
                    for number, host in self.agents.items()
                ]
            },
        }[path]
        assert path == "/v2.0/agents" or HOST in (params or {}).values()
        return SimpleNamespace(json=lambda: found)

    def put(self, path: str, json: Json, timeout: int) -> None:
        """Change the service."""
        assert timeout > 60
        self.done.append(f"{json['status']} {path}")

    def delete(self, path: str) -> None:
        """Delete something."""
        kind, number = path.split("/")[-2:]
        self.done.append(f"deleted {number}")
        if kind == "os-services":
            self.services, self.providers = [], []
        elif kind == "resource_providers":
            self.providers.remove(number)
        elif number not in self.agents:
            raise exceptions.NotFound("gone")
        elif not self.deaf:
            del self.agents[number]


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The commands that run on the controller."""
    ran: list[list[str]] = []

    def run(words: list[str], **_: object) -> None:
        ran.append(words)

    monkeypatch.setattr("components.steps.lib.leave.subprocess.run", run)
    monkeypatch.setattr(leave, "PAUSE", 0)
    yield ran


def leaves(cloud: Cloud) -> str:
    """Take the compute out; return why it stays."""
    try:
        leave.leave(leave.Cloud(cloud, cloud, cloud), HOST, ADDRESS)  # type: ignore[arg-type]
    except Refused as error:
        return str(error)
    return ""


def test_a_compute_goes_out_of_nova_placement_and_neutron(cut: list[list[str]]) -> None:
    cloud = Cloud(agents={"a1": HOST, "a2": HOST, "b1": "compute", "c1": "controller"})
    assert leaves(cloud) == ""
    assert cloud.done == ["disabled /os-services/s1", *(f"deleted {n}" for n in ("s1", "a1", "a2"))]
    assert cloud.agents == {"b1": "compute", "c1": "controller"}
    assert {words[0] for words in cut} == {"ss"}, "what still runs there is cut off"
    assert ADDRESS in cut[0]


AGAIN: tuple[tuple[str, Cloud], ...] = (
    ("all is gone", Cloud(services=[], providers=[])),
    ("Nova failed to delete its provider", Cloud(services=[])),
    ("its chassis is gone, its agents are not", Cloud(services=[], agents={"a1": LOST})),
)


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("cloud", [pytest.param(cloud, id=name) for name, cloud in AGAIN])
def test_what_an_earlier_run_has_left_goes_too(cloud: Cloud) -> None:
    assert leaves(cloud) == ""
    assert (cloud.services, cloud.providers, cloud.agents) == ([], [], {})


def test_a_server_that_came_meanwhile_keeps_its_compute(cut: list[list[str]]) -> None:
    cloud = Cloud(servers=["late"], agents={"a1": HOST})
    assert leaves(cloud).startswith("servers are on compute2: late; no new ones come to it")
    assert cloud.done == ["disabled /os-services/s1"]
    assert cut == []


@pytest.mark.usefixtures("cut")
def test_a_compute_that_comes_back_each_time_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = Cloud(agents={"a1": HOST}, deaf=True)
    assert "comes back each time; stop ovn-controller there" in leaves(cloud)
    assert capsys.readouterr().err.count("are deleted") == leave.TRIES
