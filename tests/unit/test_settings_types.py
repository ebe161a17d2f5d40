"""What the settings promise of keys and types: an unknown key, a missing one, a wrong type."""

from pathlib import Path

from tests.unit.configs import GONE, Case, check_refused, each

CASES: tuple[Case, ...] = (
    ("unknown key", {"foo": 1}, "foo", "is no known key; there is region, ssh"),
    ("unknown key, near one", {"sercet": "x"}, "sercet", "did you mean secret?"),
    ("unknown key in a mapping", {"ssh.prt": 22}, "ssh.prt", "did you mean port?"),
    ("a key's case counts", {"provider.minVlan": 1}, "provider.minVlan", "did you mean minvlan?"),
    ("a key is camelCase", {"images[1].min_disk": 1}, "images[1].min_disk", "mean minDisk?"),
    ("a section is camelCase", {"allow_deletion": {}}, "allow_deletion", "mean allowDeletion?"),
    (
        "unknown key deep inside",
        {"servers[0].ingress[1].prot": 1},
        "servers[0].ingress[1].prot",
        "did you mean port?",
    ),
    ("unknown key, no word", {"ssh": {"a/b": 1}}, "ssh.'a/b'", "is no known key; there is user"),
    ("missing key", {"networks[0].cidr": GONE}, "networks[0].cidr", "is missing: the subnet"),
    (
        "missing key deep inside",
        {"projects[0].quota.ram": GONE},
        "projects[0].quota.ram",
        "is missing: memory (MiB)",
    ),
    ("number as text", {"ssh.port": "22"}, "ssh.port", "'22' is not a whole number, without"),
    ("number as float", {"ssh.port": 22.0}, "ssh.port", "22.0 is not a whole number"),
    ("number as truth", {"flavors[0].vcpus": True}, "flavors[0].vcpus", "true is not a whole"),
    ("text as number", {"projects[1].description": 5}, "projects[1].description", "5 is not a te"),
    ("truth as text", {"flavors[0].public": "yes"}, "flavors[0].public", "'yes' is not true or"),
    ("nothing", {"flavors[0].ram": None}, "flavors[0].ram", "nothing is not a whole number"),
    ("list as mapping", {"servers": {}}, "servers", "a mapping is not a list"),
    ("list as text", {"networks[1].dns": "9.9.9.9"}, "networks[1].dns", "'9.9.9.9' is not a list"),
    ("mapping as list", {"ssh": []}, "ssh", "a list is not a mapping of keys to values"),
    ("mapping as text", {"ssh": "root"}, "ssh", "'root' is not a mapping"),
    (
        "entry as text",
        {"computes[2]": "c3"},
        "computes[2]",
        "'c3' is no compute; a machine is {name, host, hostKey}",
    ),
    ("address as number", {"controller.host": 3232261130}, "controller.host", "is not a text"),
    ("file as number", {"ssh.privateKeyFile": 1}, "ssh.privateKeyFile", "1 is not a text"),
    (
        "a rule inside a broken entry",
        {"servers[0].address": 1, "servers[0].ingress[0].port": 1},
        "servers[0].address servers[0].ingress[0].port",
        "1 is not a text",
    ),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)
