"""Changes of the encryption between machines."""

from tests.changes.facts import On
from tests.changes.kinds import Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

OFF: Change = {"tls": {"enabled": False}}
KEYSTONE = "/etc/haproxy/iaas/keystone.cfg"
ASKED = ". /etc/keystone/admin-openrc.sh; openstack endpoint list -f value -c URL | sort -u"
AUTHORITIES = (
    "ls /usr/local/share/ca-certificates;"
    " openssl x509 -noout -issuer -in /etc/xiandian/tls/node.crt"
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
)
