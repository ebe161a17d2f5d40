"""Changes of the encryption between machines."""

from pathlib import Path

from tests.changes.base import text_path
from tests.changes.facts import On
from tests.changes.kinds import Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change
from tests.unit.public_certificates import CHAIN, KEY, LATER, NAME, written

OFF: Change = {"tls": {"enabled": False}}
KEYSTONE = "/etc/haproxy/iaas/keystone.cfg"
ASKED = ". /etc/keystone/admin-openrc.sh; openstack endpoint list -f value -c URL | sort -u"
AUTHORITIES = (
    "ls /usr/local/share/ca-certificates;"
    " openssl x509 -noout -issuer -in /etc/xiandian/tls/node.crt"
)
QEMU = "ls /etc/pki/qemu 2>&1; grep '_tls_force =' /etc/libvirt/qemu.conf"

NAMED: Change = {"tls": {"publicName": NAME}}
OTHER_NAME: Change = {"tls.publicName": "other.example.org"}


def own(folder: Path) -> dict[str, str]:
    """Return the settings with a certificate of somebody else's authority."""
    files = {"certificateFile": ("own.pem", CHAIN), "keyFile": ("own.key", written(KEY))}
    paths = {key: text_path(name, text)(folder) for key, (name, text) in files.items()}
    return {"publicName": NAME, **paths}


OWN: Change = {"tls": own}
NEXT: Change = {
    "tls.certificateFile": text_path("later.pem", LATER),
    "tls.keyFile": text_path("later.key", written(KEY)),
}
NO_MORE: Change = {"tls.certificateFile": GONE, "tls.keyFile": GONE}
UNKNOWN = (
    "the machine of the lab does not know the name: tests/lab/test_public_name.py lends it one"
)

ROWS: tuple[Row, ...] = (
    Row(
        "tls.enabled",
        Kind.GIVEN,
        OFF,
        says=(" -> none", "keystone"),
        then=(
            On("controller", f"cat {KEYSTONE}", "crt", absent=True),
            On("controller", ASKED, "https", absent=True),
            On("compute", QEMU, "server-key.pem", absent=True),
            On("compute", QEMU, "tls_force = 1", absent=True),
        ),
        apart=True,
    ),
    Row(
        "tls.enabled",
        Kind.TAKEN_OUT,
        {"tls.enabled": GONE},
        says=("TLS none -> 20",),
        then=(
            On("controller", f"cat {KEYSTONE}", "crt"),
            On("controller", ASKED, "http:", absent=True),
            On("compute", QEMU, "server-key.pem"),
            On("compute", QEMU, "tls_force = 1"),
        ),
        before=OFF,
        apart=True,
    ),
    Row(
        "tls.ca",
        Kind.CHANGED,
        {"tls": {"ca": 2}},
        says=("ca.crt", "node.crt", "TLS 20"),
        then=tuple(
            On(node, AUTHORITIES, text)
            for node in ("controller", "compute")
            for text in ("iaas-3.crt", "authority 2")
        ),
        apart=True,
    ),
    *(
        Row("tls.publicName", kind, change, says=(says,), before=before, unseen=UNKNOWN)
        for kind, change, says, before in (
            (Kind.GIVEN, NAMED, f"PUBLIC_NAME none -> {NAME}", {}),
            (Kind.CHANGED, OTHER_NAME, f"PUBLIC_NAME {NAME} -> other.example.org", NAMED),
            (Kind.TAKEN_OUT, {"tls.publicName": GONE}, f"PUBLIC_NAME {NAME} -> none", NAMED),
        )
    ),
    *(
        Row(
            "tls.certificateFile",
            kind,
            change,
            says=says,
            before=before,
            unseen=UNKNOWN,
            also=(("tls.keyFile", kind),),
        )
        for kind, change, says, before in (
            (
                Kind.GIVEN,
                OWN,
                ("PUBLIC_CERTIFICATE none -> ", "+ public-ca.crt", "public.pem"),
                NAMED,
            ),
            (Kind.CHANGED, NEXT, ("PUBLIC_CERTIFICATE ", "public.pem"), OWN),
            (
                Kind.TAKEN_OUT,
                NO_MORE,
                (" -> none", "public.pem is deleted", "public-ca.crt is deleted"),
                OWN,
            ),
        )
    ),
)
