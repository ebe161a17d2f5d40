"""What the table's facts ask of a cloud, and what they say where it is otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from pull_requests.preview import Preview, read
from tests.changes import trial
from tests.changes.compare import contradictions
from tests.changes.facts import (
    Access,
    Fact,
    Floats,
    Gone,
    Grouped,
    HasNics,
    InGroups,
    Is,
    Joins,
    Json,
    Lets,
    MakesNetworks,
    On,
    Opens,
    Passes,
    Quota,
    Ref,
    Replaced,
    Same,
    Subnet6,
)
from tests.changes.kinds import Kind
from tests.changes.lab import UpError
from tests.changes.packs import Stage
from tests.changes.row import Row
from tests.changes.trial import Trial, applied, verdict
from wording import WORDS


def rule(protocol: str, port: int | None, source: str) -> Json:
    return {"protocol": protocol, "port_range_min": port, "remote_ip_prefix": source}


def port(network: str, address: str, owner: str = "router_interface") -> Json:
    fixed = [{"ip_address": address}]
    return {"network_id": network, "fixed_ips": fixed, "device_owner": f"network:{owner}"}


def passes(protocol: str | None, low: int | None, high: int | None, group: str | None) -> Json:
    ports = {"port_range_min": low, "port_range_max": high}
    return {"protocol": protocol, **ports, "remote_ip_prefix": None, "remote_group_id": group}


ANSWERS: dict[tuple[str, str], Json] = {
    ("identity", "/projects?name=web"): {"projects": [{"id": "p1", "name": "web"}]},
    ("identity", "/projects?name=app"): {"projects": []},
    ("network", "/v2.0/networks?name=front"): {
        "networks": [{"id": "n1", "name": "front", "shared": True, "tenant_id": "p1"}]
    },
    ("network", "/v2.0/networks?name=twice"): {
        "networks": [{"id": "n2", "name": "twice"}, {"id": "n3", "name": "twice"}]
    },
    ("network", "/v2.0/subnets?ip_version=4&name=front"): {
        "subnets": [{"id": "s1", "name": "front", "dns_nameservers": ["10.0.0.2", "10.0.0.3"]}]
    },
    ("network", "/v2.0/subnets?network_id=n1&ip_version=6"): {
        "subnets": [{"id": "s6", "cidr": "fd00::/64"}]
    },
    ("network", "/v2.0/security-groups?name=web1"): {
        "security_groups": [{"id": "g1", "name": "web1"}]
    },
    ("network", "/v2.0/security-group-rules?security_group_id=g1&direction=ingress"): {
        "security_group_rules": [rule("tcp", 22, "0.0.0.0/0"), rule("icmp", None, "10.0.0.0/8")]
    },
    ("network", "/v2.0/security-group-rules?security_group_id=g1&direction=egress"): {
        "security_group_rules": [passes("tcp", 80, 89, "g2"), passes(None, None, None, None)]
    },
    ("network", "/v2.0/security-groups?name=near"): {
        "security_groups": [{"id": "g2", "name": "near"}]
    },
    ("network", "/v2.0/ports?name=web1"): {
        "ports": [{"id": "t1", "name": "web1", "security_groups": ["g2", "g1"]}]
    },
    ("compute", "/flavors/detail?is_public=None"): {
        "flavors": [{"id": "f1", "name": "tiny"}, {"id": "f2", "name": "small"}]
    },
    ("compute", "/flavors/f1/os-flavor-access"): {"flavor_access": [{"tenant_id": "p1"}]},
    ("compute", "/servers/detail?all_tenants=1&name=^web1$"): {
        "servers": [{"id": "v1", "name": "web1", "flavor": {"ram": 256}}]
    },
    ("compute", "/os-server-groups?all_projects=True"): {
        "server_groups": [{"id": "w1", "name": "pair", "policy": "affinity", "members": ["v1"]}]
    },
    ("compute", "/servers/v1/os-interface"): {
        "interfaceAttachments": [{"net_id": "n1", "fixed_ips": [{"ip_address": "10.0.0.9"}]}]
    },
    ("network", "/v2.0/ports?name=web1/front"): {
        "ports": [{"id": "t3", "name": "web1/front", "security_groups": ["g1"]}]
    },
    ("network", "/v2.0/routers?name=edge"): {"routers": [{"id": "r1", "name": "edge"}]},
    ("network", "/v2.0/ports?name=web2"): {"ports": [{"id": "t2", "name": "web2"}]},
    ("network", "/v2.0/floatingips?port_id=t1"): {"floatingips": [{"id": "a1"}]},
    ("network", "/v2.0/floatingips?port_id=t2"): {"floatingips": []},
    ("network", "/v2.0/ports?device_id=r1"): {
        "ports": [port("n9", "10.9.9.9", "router_gateway"), port("n1", "10.0.0.1")]
    },
    ("network", "/v2.0/floatingips?floating_ip_address=10.9.9.50"): {
        "floatingips": [{"id": "a1", "floating_ip_address": "10.9.9.50", "port_id": "t1"}]
    },
    ("compute", "/os-quota-sets/p1"): {"quota_set": {"instances": 10, "cores": 20, "ram": 51200}},
}


@dataclass
class Told:
    """A cloud that answers what is written above."""

    before: dict[tuple[str, str], str] = field(
        default_factory=lambda: {("network", "front"): "n1", ("network", "old"): "n1"}
    )

    def get(self, service: str, path: str) -> Json:
        """Look it up."""
        return ANSWERS[service, path]

    def on(self, node: str, command: str) -> str:
        """Say what was asked where."""
        return f"{command} on {node}\n"

    def lets(self, project: str, service: str, path: str, body: Json) -> bool:
        """Let one project make networks."""
        assert (service, path, [*body]) == ("network", "/v2.0/networks", ["network"])
        return project == "web"


TO_NEAR = Passes("tcp", 80, 89, None, "near")

# A fact, and the words that say what is otherwise; none where it holds.
FACTS: tuple[tuple[Fact, str], ...] = (
    (Is("network", "front", {"shared": True}), ""),
    (Is("network", "front", {"shared": False}), "shared is True, not False"),
    (Is("network", "front", {"tenant_id": Ref("project", "web")}), ""),
    (Is("network", "front", {"tenant_id": Ref("project", "app")}), "tenant_id is 'p1'"),
    (Is("network", "front", {"absent": None}), ""),
    (Is("network", "front", {"shared": lambda value: value is True}), ""),
    (Is("network", "front", {"shared": lambda value: value is False}), "shared is True"),
    (Is("network", "twice"), "there are 2 networks twice, not one"),
    (Is("project", "app"), "there are 0 projects app, not one"),
    (Is("subnet", "front", {"dns_nameservers": ("10.0.0.2", "10.0.0.3")}), ""),
    (Is("subnet", "front", {"dns_nameservers": ("10.0.0.3", "10.0.0.2")}), "dns_nameservers is"),
    (Is("server", "web1", {"flavor.ram": 256}), ""),
    (Is("server", "web1", {"flavor.ram": 512}), "flavor.ram is 256, not 512"),
    (Gone("project", "app"), ""),
    (Gone("project", "web"), "project web is still there"),
    (Same("network", "front"), ""),
    (Same("network", "front", was="old"), ""),
    (Same("network", "front", was="other"), "is another one than before the change"),
    (Same("project", "web"), "is another one than before the change"),
    (Replaced("project", "web"), ""),
    (Replaced("network", "front"), "network front is not replaced"),
    (Replaced("project", "app"), "project app is not there"),
    (Quota("web"), ""),
    (Quota("web", cores=4), "quota cores of web is 20, not 4"),
    (Access("tiny", ("web",)), ""),
    (Access("tiny", ()), "flavor tiny is not for"),
    (Opens("web1", (("icmp", None, "10.0.0.0/8"), ("tcp", 22, "0.0.0.0/0"))), ""),
    (Opens("web1", (("tcp", 22, "0.0.0.0/0"),)), "web1 is open to"),
    (Is("floating", "10.9.9.50", {"port_id": "t1"}), ""),
    (Joins("edge", {"front": "10.0.0.1"}), ""),
    (Joins("edge", {"front": "10.0.0.2"}), "router edge is on [('n1', '10.0.0.1')]"),
    (Subnet6("front", {"cidr": "fd00::/64"}), ""),
    (
        Subnet6("front", {"cidr": "fd01::/64"}),
        "IPv6 of front: cidr is 'fd00::/64', not 'fd01::/64'",
    ),
    (Subnet6("front", None), "network front has 1 subnets of IPv6"),
    (Floats("web1"), ""),
    (Floats("web2"), "server web2 has 0 floating addresses, not one"),
    (Joins("edge", {}), "router edge is on [('n1', '10.0.0.1')]"),
    (Lets("web1", "egress", (Passes(None, None, None, None), TO_NEAR)), ""),
    (
        Lets("web1", "egress", (TO_NEAR,)),
        "(None, None, None, None, None)], not [('tcp', 80, 89, None, 'g2')]",
    ),
    (Lets("web1", "egress", (Passes("tcp", 80, 89, None),)), "not [('tcp', 80, 89, None, None)]"),
    (InGroups("web1", ("near",)), ""),
    (InGroups("web1"), "port web1 has groups ['g2', 'g1'], not ['g1']"),
    (InGroups("web1", network="front"), ""),
    (InGroups("web1", ("near",), "front"), "port web1/front has groups ['g1']"),
    (HasNics("web1", {"front": "10.0.0.9"}), ""),
    (HasNics("web1", {}), "server web1 has NICs [('n1', '10.0.0.9')], not []"),
    (Grouped("pair", "affinity", ("web1",)), ""),
    (Grouped("pair", "affinity"), "server group pair has ['v1'], not []"),
    (Grouped("pair", "soft-affinity", ("web1",)), "server group pair is affinity, not soft-aff"),
    (Grouped("spare", "affinity"), "there are 0 server groups spare, not one"),
    (On("controller", "hostname", "on controller"), ""),
    (On("controller", "hostname", "elsewhere"), "controller: hostname: 'hostname on"),
    (MakesNetworks("web", True), ""),
    (MakesNetworks("app", False), ""),
    (MakesNetworks("web", False), "the user of web may make networks"),
    (MakesNetworks("app", True), "the user of app may not make networks"),
    (On("controller", "hostname", "on controller", absent=True), "controller: hostname"),
)


@pytest.mark.parametrize(("fact", "words"), FACTS)
def test_a_fact_says_what_is_otherwise_in_the_cloud(fact: Fact, words: str) -> None:
    found = list(fact.wrong(Told()))
    assert bool(found) == bool(words)
    assert words in "".join(found)


def trial_row(name: str, **more: object) -> Row:
    values: dict[str, object] = {"says": (name,), **more}
    return Row(name, Kind.CHANGED, {name: 1}, **values)  # type: ignore[arg-type]


@pytest.fixture
def applies(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[str]], list[list[str]]]:
    """A function that lets the `up` of these rows fail; it returns what is tried then."""
    tried: list[list[str]] = []

    def let(fail: set[str]) -> list[list[str]]:
        def apply(self: Trial, _: object) -> None:
            tried.append([row.key for row in self.pack])
            if fail & {row.key for row in self.pack}:
                raise UpError("no room")

        monkeypatch.setattr(trial, "whole", lambda: {"controller": {"host": "192.0.2.1"}})
        for name in ("move", "up"):
            monkeypatch.setattr(trial, name, lambda _: None)
        monkeypatch.setattr(trial, "resume", lambda: None)
        monkeypatch.setattr(trial, "Lab", lambda *_: None)
        monkeypatch.setattr(Trial, "apply", apply)
        return tried

    return let


def test_a_row_that_fails_spoils_none_of_those_that_share_its_up(
    applies: Callable[[set[str]], list[list[str]]],
) -> None:
    tried = applies({"b"})
    rows = [trial_row("a"), trial_row("b"), trial_row("c")]
    found = applied(rows, rows)
    assert tried == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert found == {"a changed": [], "b changed": ["`up` fails: no room"], "c changed": []}


def test_a_row_that_the_lab_cannot_show_is_not_applied(
    applies: Callable[[set[str]], list[list[str]]],
) -> None:
    tried = applies(set())
    rows = [trial_row("a", unseen="so"), trial_row("b")]
    assert applied(rows, rows) == {"b changed": []}
    assert tried == [["b"]]


def test_rows_share_an_up_only_with_those_of_the_whole_tables_pack(
    applies: Callable[[set[str]], list[list[str]]],
) -> None:
    tried = applies(set())
    table = [trial_row("a"), trial_row("b", says=()), trial_row("c"), trial_row("d")]
    applied([table[2], table[1], table[0]], table)
    assert tried == [["a", "c"], ["b"]]


def test_a_row_with_a_reason_must_fail_until_the_reason_is_taken_out() -> None:
    assert verdict(trial_row("a"), []) == []
    assert verdict(trial_row("a"), ["no"]) == ["no"]
    for reason in ("pending", "faulty"):
        assert verdict(trial_row("a", **{reason: "so"}), ["no"]) == []
        assert "remove" in verdict(trial_row("a", **{reason: "so"}), [])[0]


def test_a_trial_knows_which_servers_do_not_stay() -> None:
    pack = [trial_row("a", lost=("web1",)), trial_row("b", down=("db1",))]
    assert Trial(Stage(), pack).stopped == {"web1", "db1"}


def previewed(*steps: tuple[str, str, str], error: str = "") -> Preview:
    """Return a preview of components without children: operation, type, name."""
    shown = [
        {
            "op": op,
            "urn": f"urn:pulumi:test::iaas::{kind}::{name}",
            "newState": {"type": kind},
            "oldState": {"type": kind},
        }
        for op, kind, name in steps
    ]
    said = [{"severity": "error", "message": error}] if error else []
    return read({"steps": shown, "diagnostics": said}, WORDS)


WEB1 = ("delete", "iaas:cloud:Server", "server-web1")
# A row, the others of its pack, a preview, and the contradiction.
SAID: tuple[tuple[Row, tuple[Row, ...], Preview, str], ...] = (
    (trial_row("server web1", lost=("web1",)), (), previewed(WEB1), ""),
    (trial_row("server web1"), (), previewed(WEB1), "it says that ['web1'] are lost"),
    (trial_row("x", lost=("web1",)), (), previewed(WEB1), "no line has 'x'"),
    (trial_row("x", says=(), lost=()), (), previewed(WEB1), "the row says nothing to do"),
    (trial_row("x", says=()), (), previewed(), ""),
    (trial_row("x", says=(), refused="no room"), (), previewed(error="there is no room"), ""),
    (trial_row("x", says=(), refused="no room"), (), previewed(), "it is not refused"),
    (trial_row("x"), (), previewed(error="no"), "it is refused"),
    (
        trial_row("server web1", lost=("web1",), unsaid=("its disk",)),
        (),
        previewed(WEB1),
        "a line has 'its disk'",
    ),
    (
        trial_row("flavor", says=("flavor f",)),
        (trial_row("server web1", lost=("web1",)),),
        previewed(WEB1, ("create", "iaas:cloud:Flavor", "flavor-f")),
        "",
    ),
    (
        trial_row("flavor", says=("flavor f",)),
        (),
        previewed(
            ("delete", "iaas:cloud:Image", "image-i"), ("create", "iaas:cloud:Flavor", "flavor-f")
        ),
        "no row expects this line: image i is deleted",
    ),
    (trial_row("server web1", lost=("db1", "web1")), (), previewed(WEB1), "are lost: ['db1']"),
)


@pytest.mark.parametrize(("row", "others", "preview", "words"), SAID)
def test_a_preview_is_compared_with_its_rows(
    row: Row, others: tuple[Row, ...], preview: Preview, words: str
) -> None:
    found = list(contradictions(row, (row, *others), preview))
    assert bool(found) == bool(words), found
    assert words in "".join(found)
