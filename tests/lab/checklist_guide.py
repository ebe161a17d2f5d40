"""The checklists of the OpenStack Security Guide, line by line."""

from collections.abc import Iterator

from tests.lab.checklist import Line, Reading, State, closed, owned, setting
from tests.lab.checklist_dashboard import DASHBOARD

KEYSTONE, GLANCE = "/etc/keystone/keystone.conf", "/etc/glance/glance-api.conf"
NOVA, NEUTRON = "/etc/nova/nova.conf", "/etc/neutron/neutron.conf"
ASKS = ("keystone_authtoken", "auth_url")
TLS = "by HAProxy, which has the node's certificate: [TLS](tls.md)"
PROOF = "tests/lab/test_tls.py"
"""Shows what speaks TLS, and that nothing asks in clear."""
OWNER = "root owns the files and their folder, and the service's group reads them"
FOLDER = "only root and the service's group open the folder"
BY_KEYSTONE = "each API asks Keystone, which this release has no other way for"


def by_tls(name: str, file: str, section: str, key: str, asks: str) -> Line:
    """Return the line of a service that asks another one, whose URL is in its file."""
    command = f"crudini --get {file} {section} {key} | cut -d: -f1"
    reading = Reading("controller", command, "https")
    return Line(name, asks, State.MET, "and knows it by the cloud's authority", (reading,), PROOF)


def absent(prefix: str, service: str, package: str, asks: tuple[str, ...]) -> Iterator[Line]:
    """Yield the lines of a service that is not there; the package says so."""
    command = f"dpkg-query -W -f '${{db:Status-Status}}' {package} 2>/dev/null || true"
    for number, asked in enumerate(asks, 1):
        how = f"there is no {service}"
        reading = Reading("controller", command, "")
        yield Line(f"{prefix}-{number:02}", asked, State.NOT_NEEDED, how, (reading,))


IDENTITY = (
    Line("Check-Identity-01", "owner of Keystone's files", State.MET,
         f"{OWNER}; the guide's `keystone keystone` would let the service write them",
         (owned("controller", "keystone", "keystone.conf", "keystone-uwsgi.ini"),)),
    Line("Check-Identity-02", "mode of Keystone's files", State.MET, FOLDER,
         (closed("controller", "keystone"),)),
    Line("Check-Identity-03", "TLS of Keystone", State.MET, TLS, proof=PROOF),
    Line("Check-Identity-04", "(the guide has withdrawn it)", State.NOT_NEEDED, "withdrawn"),
    Line("Check-Identity-05", "largest request of Keystone", State.MET, "the guide's 114688 bytes",
         (setting("controller", KEYSTONE, "oslo_middleware", "max_request_body_size", "114688"),)),
    Line("Check-Identity-06", "no admin token", State.MET,
         "none is set, and this release has no code for one",
         (setting("controller", KEYSTONE, "DEFAULT", "admin_token", "none"),)),
    Line("Check-Identity-07", "`insecure_debug` off", State.MET, "off, as by default",
         (setting("controller", KEYSTONE, "DEFAULT", "insecure_debug", "none"),)),
    Line("Check-Identity-08", "fernet tokens", State.MET, "`[token] provider = fernet`",
         (setting("controller", KEYSTONE, "token", "provider", "fernet"),)),
)  # fmt: skip

COMPUTE = (
    Line("Check-Compute-01", "owner of Nova's files", State.MET, OWNER,
         (owned("controller", "nova", "nova.conf", "nova-api-uwsgi.ini", "policy.d/iaas.yaml"),
          owned("compute", "nova", "nova.conf"))),
    Line("Check-Compute-02", "mode of Nova's files", State.MET, FOLDER, (closed("node", "nova"),)),
    Line("Check-Compute-03", "Nova asks Keystone", State.MET, BY_KEYSTONE,
         (Reading("controller", f"crudini --get {NOVA} api auth_strategy 2>/dev/null"
                  " || echo keystone", "keystone"),)),
    by_tls("Check-Compute-04", NOVA, *ASKS, "Nova asks Keystone by TLS"),
    by_tls("Check-Compute-05", NOVA, "glance", "api_servers", "Nova asks Glance by TLS"),
)  # fmt: skip

IMAGE = (
    Line("Check-Image-01", "owner of Glance's files", State.MET, OWNER,
         (owned("controller", "glance", "glance-api.conf"),)),
    Line("Check-Image-02", "mode of Glance's files", State.MET, FOLDER,
         (closed("controller", "glance"),)),
    Line("Check-Image-03", "Glance asks Keystone", State.MET, BY_KEYSTONE,
         (setting("controller", GLANCE, "paste_deploy", "flavor", "keystone"),)),
    by_tls("Check-Image-04", GLANCE, *ASKS, "Glance asks Keystone by TLS"),
    Line("Check-Image-05", "no port scans by way of Glance", State.MET,
         "`copy_from` is gone with its API; web-download, which can do the same, is off",
         (setting("controller", GLANCE, "DEFAULT", "enabled_import_methods", "[glance-direct]"),)),
)  # fmt: skip

NETWORK = (
    Line("Check-Neutron-01", "owner of Neutron's files", State.MET, OWNER,
         (owned("controller", "neutron", "neutron.conf", "plugins/ml2/ml2_conf.ini",
                "neutron-api-uwsgi.ini", "policy.d/iaas.yaml"),
          owned("compute", "neutron", "neutron_ovn_metadata_agent.ini"))),
    Line("Check-Neutron-02", "mode of Neutron's files", State.MET, FOLDER,
         (closed("node", "neutron"),)),
    Line("Check-Neutron-03", "Neutron asks Keystone", State.MET, BY_KEYSTONE,
         (setting("controller", NEUTRON, "DEFAULT", "auth_strategy", "keystone"),)),
    by_tls("Check-Neutron-04", NEUTRON, *ASKS, "Neutron asks Keystone by TLS"),
    Line("Check-Neutron-05", "TLS of Neutron", State.MET, TLS, proof=PROOF),
)  # fmt: skip

NOT_THERE = (
    *absent("Check-Block", "block storage (Cinder)", "cinder-common", (
        "owner of its files", "mode of its files", "it asks Keystone", "it asks Keystone by TLS",
        "it asks Nova by TLS", "it asks Glance by TLS", "NFS with safe permissions",
        "largest request", "encrypted volumes")),
    *absent("Check-Shared", "shared file system (Manila)", "manila-common", (
        "owner of its files", "mode of its files", "it asks Keystone", "it asks Keystone by TLS",
        "it asks Nova by TLS", "it asks Neutron by TLS", "it asks Cinder by TLS",
        "largest request")),
    *absent("Check-Key-Manager", "key manager (Barbican)", "barbican-common", (
        "owner of its files", "mode of its files", "it asks Keystone", "it asks Keystone by TLS")),
)  # fmt: skip

GUIDE = (*IDENTITY, *DASHBOARD, *COMPUTE, *IMAGE, *NETWORK, *NOT_THERE)
"""All lines, in the guide's order within each checklist."""
