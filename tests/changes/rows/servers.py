"""Changes of servers."""

from pathlib import Path
from typing import Any

from tests.changes.base import BARE, base, own_key, own_key_file, reordered, text_path
from tests.changes.facts import Gone, Is, Opens, Ref, Same
from tests.changes.kinds import LIST, OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

G, C, T = OPTIONAL
MORE, LESS, REORDERED = LIST
EVERYWHERE = "0.0.0.0/0"
PASSING = (("icmp", None, EVERYWHERE), ("tcp", 22, EVERYWHERE))
OPEN: Change = {
    "servers[2].ingress[2]": {"protocol": "tcp", "port": 80, "cidr": EVERYWHERE},
    "servers[2].ingress[3]": {"protocol": "icmp", "cidr": "10.0.0.0/8"},
}
NARROW = ("icmp", None, "10.0.0.0/8")
HTTP = ("tcp", 80, EVERYWHERE)
AS_TEXT: Change = {"servers[2].publicKey": own_key("web2"), "servers[2].publicKeyFile": GONE}
DATA: Change = {"servers[2].userData": "#!/bin/sh\ntrue\n"}
DATA_FILE: Change = {"servers[2].userDataFile": text_path("data", "#!/bin/sh\ntrue\n")}
REPLACED = "server web2 is replaced, its disk is lost"


def another(name: str, **other: object) -> Any:  # noqa: ANN401  # as a change has it
    """Return a server like web2."""

    def make(_: Path) -> dict[str, object]:
        return {**base()["servers"][2], "name": name, **other}

    return make


def there(name: str, **values: object) -> Is:
    """Say that a server runs, with these values."""
    return Is("server", name, {"status": "ACTIVE", **values})


def address(text: str) -> Is:
    """Say that web2 has this address."""
    return Is("port", "web2", {"fixed_ips": lambda ips: [ip["ip_address"] for ip in ips] == [text]})


ROWS: tuple[Row, ...] = (
    Row(
        "servers",
        MORE,
        {"servers[3]": another("web3", address="10.101.0.13")},
        says=("project web: + server web3 (tiny, 10.101.0.13, VLAN 101)",),
        then=(there("web3", tenant_id=Ref("project", "web")), Opens("web3", PASSING)),
        danger=True,
    ),
    Row(
        "servers",
        LESS,
        {"servers[2]": GONE},
        says=("server web2 is deleted, its disk is lost",),
        then=(*(Gone(kind, "web2") for kind in ("server", "port", "group")),),
        lost=("web2",),
    ),
    Row("servers", REORDERED, {"servers": reordered("servers")}),
    Row(
        "servers[].name",
        Kind.RENAMED,
        {"servers[1].name": "db9"},
        what="with its address",
        refused="address",
    ),
    Row(
        "servers[].name",
        Kind.RENAMED,
        {"servers[1].name": "db9", "servers[1].address": "10.150.0.19"},
        what="with another address",
        says=("server db1 is deleted, its disk is lost", "+ server db9 (small, 10.150.0.19"),
        then=(there("db9"), Gone("server", "db1"), Gone("port", "db1")),
        lost=("db1",),
    ),
    Row(
        "servers[].name",
        Kind.SWAPPED,
        {"servers[0].name": "web2", "servers[2].name": "web1"},
        refused="address",
    ),
    Row(
        "servers[].project",
        Kind.MOVED,
        {"servers[2].project": "db"},
        says=(f"project db: {REPLACED}, because project web -> db",),
        then=(there("web2", tenant_id=Ref("project", "db")), Opens("web2", PASSING)),
        lost=("web2",),
        danger=True,
    ),
    Row(
        "servers[].image",
        C,
        {"servers[2].image": "other"},
        says=(f"{REPLACED}, because image guest -> other",),
        then=(there("web2", **{"image.id": Ref("image", "other")}),),
        lost=("web2",),
    ),
    Row(
        "servers[].flavor",
        C,
        {"servers[1].flavor": "tiny"},
        says=("server db1 is resized and down meanwhile, because flavor small -> tiny",),
        then=(there("db1", **{"flavor.ram": 256}),),
        down=("db1",),
    ),
    Row(
        "servers[].network",
        C,
        {"servers[2].network": "spare", "servers[2].address": "10.160.0.12"},
        says=(f"{REPLACED}, because network front -> spare",),
        then=(there("web2"), address("10.160.0.12")),
        lost=("web2",),
    ),
    Row(
        "servers[].address",
        G,
        {"servers[2].address": "10.101.0.14"},
        says=("server web2", "10.101.0.14"),
        then=(Same("server", "web2"), address("10.101.0.14")),
        down=("web2",),
        before=BARE,
    ),
    Row(
        "servers[].address",
        C,
        {"servers[2].address": "10.101.0.14"},
        says=("server web2", "address 10.101.0.12 -> 10.101.0.14"),
        then=(Same("server", "web2"), Same("port", "web2"), address("10.101.0.14")),
        down=("web2",),
    ),
    Row(
        "servers[].address",
        T,
        {"servers[2].address": GONE},
        says=("server web2: port address 10.101.0.12 -> none",),
        then=(Same("server", "web2"), Same("port", "web2"), address("10.101.0.12")),
    ),
    Row(
        "servers[].address",
        Kind.SWAPPED,
        {"servers[0].address": "10.101.0.12", "servers[2].address": "10.101.0.11"},
        refused="address",
    ),
    Row("servers[].publicKey", G, AS_TEXT, also=(("servers[].publicKeyFile", T),)),
    Row(
        "servers[].publicKey",
        C,
        {"servers[2].publicKey": own_key("db1")},
        says=(f"{REPLACED}, because its public key has changed",),
        then=(there("web2"),),
        lost=("web2",),
        before=AS_TEXT,
    ),
    Row(
        "servers[].publicKey",
        T,
        {"servers[2].publicKey": GONE, "servers[2].publicKeyFile": own_key_file("web2")},
        also=(("servers[].publicKeyFile", G),),
        before=AS_TEXT,
    ),
    Row(
        "servers[].publicKeyFile",
        C,
        {"servers[2].publicKeyFile": own_key_file("db1")},
        says=(f"{REPLACED}, because its public key has changed",),
        then=(there("web2"),),
        lost=("web2",),
    ),
    Row(
        "servers[].ingress",
        MORE,
        {"servers[0].ingress[2]": {"protocol": "tcp", "port": 80, "cidr": EVERYWHERE}},
        says=("server web1: + tcp 80 from 0.0.0.0/0",),
        then=(Opens("web1", (*PASSING, HTTP)),),
        danger=True,
    ),
    Row(
        "servers[].ingress",
        LESS,
        {"servers[2].ingress[3]": GONE},
        says=("server web2: icmp from 10.0.0.0/8 is deleted",),
        then=(Opens("web2", (*PASSING, HTTP)),),
        before=OPEN,
    ),
    Row(
        "servers[].ingress",
        REORDERED,
        {"servers[1].ingress": lambda _: base()["servers"][1]["ingress"][::-1]},
        then=(Opens("db1", PASSING),),
    ),
    Row(
        "servers[].ingress[].protocol",
        C,
        {"servers[2].ingress[2].protocol": "udp"},
        says=("server web2: + udp 80 from 0.0.0.0/0", "tcp 80 from 0.0.0.0/0 is deleted"),
        then=(Opens("web2", (*PASSING, ("udp", 80, EVERYWHERE), NARROW)),),
        before=OPEN,
        apart=True,
    ),
    Row(
        "servers[].ingress[].port",
        G,
        {"servers[2].ingress[3].protocol": "tcp", "servers[2].ingress[3].port": 81},
        says=("server web2: + tcp 81 from 10.0.0.0/8", "icmp from 10.0.0.0/8 is deleted"),
        then=(Opens("web2", (*PASSING, HTTP, ("tcp", 81, "10.0.0.0/8"))),),
        before=OPEN,
        apart=True,
    ),
    Row(
        "servers[].ingress[].port",
        C,
        {"servers[2].ingress[2].port": 443},
        says=("server web2: + tcp 443 from 0.0.0.0/0", "tcp 80 from 0.0.0.0/0 is deleted"),
        then=(Opens("web2", (*PASSING, ("tcp", 443, EVERYWHERE), NARROW)),),
        before=OPEN,
        apart=True,
    ),
    Row(
        "servers[].ingress[].port",
        T,
        {
            **{"servers[2].ingress[2].protocol": "icmp", "servers[2].ingress[2].port": GONE},
            "servers[2].ingress[2].cidr": "192.168.0.0/16",
        },
        says=("server web2: + icmp from 192.168.0.0/16", "tcp 80 from 0.0.0.0/0 is deleted"),
        then=(Opens("web2", (*PASSING, ("icmp", None, "192.168.0.0/16"), NARROW)),),
        before=OPEN,
        apart=True,
    ),
    Row(
        "servers[].ingress[].cidr",
        C,
        {"servers[2].ingress[2].cidr": "10.0.0.0/8"},
        says=("server web2: + tcp 80 from 10.0.0.0/8", "tcp 80 from 0.0.0.0/0 is deleted"),
        then=(Opens("web2", (*PASSING, ("tcp", 80, "10.0.0.0/8"), NARROW)),),
        before=OPEN,
        apart=True,
    ),
    Row(
        "servers[].userDataFile",
        G,
        DATA_FILE,
        says=(f"{REPLACED}, because user data has changed",),
        then=(there("web2"),),
        lost=("web2",),
    ),
    Row(
        "servers[].userDataFile",
        C,
        {"servers[2].userDataFile": text_path("other", "#!/bin/sh\nfalse\n")},
        says=(f"{REPLACED}, because user data has changed",),
        then=(there("web2"),),
        lost=("web2",),
        before=DATA_FILE,
    ),
    Row(
        "servers[].userDataFile",
        T,
        {"servers[2].userDataFile": GONE, **DATA},
        what="the same as a text",
        also=(("servers[].userData", G),),
        before=DATA_FILE,
    ),
    Row(
        "servers[].userData",
        G,
        DATA,
        says=(f"{REPLACED}, because user data has changed",),
        then=(there("web2"),),
        lost=("web2",),
    ),
    Row(
        "servers[].userData",
        C,
        {"servers[2].userData": "#!/bin/sh\nfalse\n"},
        says=(f"{REPLACED}, because user data has changed",),
        then=(there("web2"),),
        lost=("web2",),
        before=DATA,
    ),
    Row(
        "servers[].userData",
        T,
        {"servers[2].userData": GONE},
        says=(f"{REPLACED}, because user data has changed",),
        then=(there("web2"),),
        lost=("web2",),
        before=DATA,
    ),
)
