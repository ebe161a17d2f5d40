"""What is asked beyond the Security Guide's checklists: by services' own manuals and by audits."""

from tests.lab.checklist import Line, Reading, State, setting
from tests.lab.checklist_dashboard import ABOUT_IT
from tests.lab.checklist_guide import GLANCE, KEYSTONE, NEUTRON, NOVA, PROOF

PLACEMENT = "/etc/placement/placement.conf"
COMPLIANCE = "security_compliance"
APIS = (GLANCE, PLACEMENT, NOVA, NEUTRON)
LISTENING = "ss -Htln | awk '$4 ~ /:({ports})$/ {{ print $4 }}' | sort | sed \"s/$HOST_IP/HOST/\""
IN_DATABASE = 'mariadb -N -e "{query}"'
UNMATCHED = """
comm -23 <(find /var/log/{folders} -name '*.log' -size +0 2>/dev/null | sort) \\
  <(logrotate -d /etc/logrotate.conf 2>&1 | sed -n 's/^considering log //p' | sort -u)
"""


def in_each(section: str, key: str, says: str) -> Reading:
    """Return the reading of a key that each API's file has."""
    files = " ".join(APIS)
    return Reading(
        "controller", f"for f in {files}; do crudini --get $f {section} {key}; done | sort -u", says
    )


def in_unit(node: str, unit: str, *says: str) -> Reading:
    """Return the reading of how a unit of ours is kept from the rest of its node."""
    keys = ("NoNewPrivileges", "ProtectSystem")
    shown = "; ".join(f"systemctl show -P {key} {unit}" for key in keys)
    return Reading(node, shown, "\n".join(says))


USERS = (
    Line("Keystone: lock-out", "wrong passwords lock a user out", State.MET,
         "ten of them, for half an hour",
         (setting("controller", KEYSTONE, COMPLIANCE, "lockout_failure_attempts", "10"),
          setting("controller", KEYSTONE, COMPLIANCE, "lockout_duration", "1800"))),
    Line("Keystone: its own accounts", "nobody can lock the cloud out of itself", State.MET,
         "services and the admin are never locked out: their passwords have 160 bits",
         (Reading("controller", IN_DATABASE.format(query=
             "SELECT name FROM keystone.local_user JOIN keystone.user_option USING (user_id)"
             " WHERE option_id = '1002' AND option_value = 'true' ORDER BY name"),
             "admin\nglance\nneutron\nnova\nplacement"),)),
    Line("Keystone: passwords", "rules for passwords", State.MET,
         "at least 12 characters; they do not expire, as projects' users have derived ones",
         (setting("controller", KEYSTONE, COMPLIANCE, "password_regex", ".{12}"),)),
    Line("Keystone: hashes", "passwords are stored by a slow hash", State.MET,
         "ten rounds of bcrypt, the least that OWASP asks for, of Keystone's own twelve: each login"
         " takes as long; the cloud's own passwords have 160 bits",
         (setting("controller", KEYSTONE, "identity", "password_hash_rounds", "10"),
          Reading("controller", IN_DATABASE.format(query=
             "SELECT DISTINCT LEFT(password_hash, 4) FROM keystone.password"), "$2b$"))),
    Line("Keystone: rate", "a limit of logins in a time", State.MET,
         "1,200 a minute from one address (`api.loginsPerMinute`), by the proxy",
         (Reading("controller", "grep -c 'rate gt 1200 }' /etc/haproxy/iaas/keystone.cfg", "1"),)),
    Line("Keystone: keys", "keys of tokens and credentials are the service's alone, and rotate",
         State.MET, "each week, by `iaas-keys.timer`",
         (Reading("controller", "stat -c '%U:%G %a' /etc/keystone/*-keys | sort -u",
                  "keystone:keystone 700"),
          Reading("controller", "systemctl is-active iaas-keys.timer", "active"))),
    Line("Keystone, Nova: audit", "a log of who did what (CADF)", State.MET,
         "with `api.audit: true`: each login and change in Keystone's log, each change in that of"
         " Nova's API, as JSON after `oslo.messaging.notification`",
         proof="tests/changes/rows/api.py"),
    Line("Services: accounts", "an account and a password for each, and tokens of their own",
         State.MET, "derived from the secret; a user's token alone does not pass for a service's",
         (in_each("keystone_authtoken", "service_token_roles_required", "true"),
          Reading("controller", f"for f in {' '.join(APIS)}; do"
                  " crudini --get $f keystone_authtoken username; done",
                  "glance\nplacement\nnova\nneutron"))),
    Line("Services: least rights", "no service has the role of an admin", State.NOT_YET,
         "Nova 2025.1 knows no role of services: only an admin may tell it that a port is plugged"
         " in; and the steps prove by these accounts what only an admin may see"),
)  # fmt: skip

BASE = (
    Line("MariaDB: accounts", "an account for each service, from one address, for its own data",
         State.MET, "and no account of root from elsewhere",
         (Reading("controller", IN_DATABASE.format(query=
             "SELECT CONCAT(User, '@', Host) FROM mysql.user WHERE Host <> 'localhost'"
             " AND is_role = 'N' ORDER BY 1"),
             "\n".join(f"{name}@127.0.0.1" for name in
                       ("glance", "keystone", "neutron", "nova", "placement"))),
          Reading("controller", IN_DATABASE.format(query=
             "SELECT CONCAT(User, ' ', Db) FROM mysql.db WHERE Host = '127.0.0.1' ORDER BY 1"),
             "glance glance\nkeystone keystone\nneutron neutron\nnova nova\nnova nova_api\n"
             "nova nova_cell0\nplacement placement"))),
    Line("RabbitMQ: accounts", "no `guest`; an account for each service, none of an admin",
         State.MET, "by definitions that are read at the first start",
         (Reading("controller", "rabbitmqctl list_users -q --no-table-headers | sort",
                  "neutron\t[]\nnova\t[]"),)),
    Line("RabbitMQ: hosts", "a virtual host for each service", State.MET,
         "Neutron has its own, and neither account may use the other's",
         (Reading("controller", "for h in / neutron; do"
                  " rabbitmqctl list_permissions -p $h -q --no-table-headers; done | cut -f 1",
                  "nova\nneutron"),)),
    Line("memcached: address", "nobody else reaches it", State.MET, "it listens for its node alone",
         (Reading("controller", LISTENING.format(ports=11211), "127.0.0.1:11211"),)),
    Line("memcached: contents", "what services keep of tokens is encrypted", State.MET,
         "`memcache_security_strategy = ENCRYPT`, with a key from the secret",
         (in_each("keystone_authtoken", "memcache_security_strategy", "ENCRYPT"),)),
    Line("OVN: addresses", "its databases listen on the management network alone", State.MET,
         "the northbound one for its node alone; the southbound one asks for a certificate",
         (Reading("controller", LISTENING.format(ports="6641|6642"),
                  "127.0.0.1:6641\n127.0.0.1:6642\nHOST:6642"),), PROOF),
    Line("OVN: rights", "a compute writes only its own rows of the southbound database",
         State.NOT_YET, "the database knows each node by its certificate, but lets it write all"),
    Line("Glance: storage", "a project can't fill the disk", State.MET,
         "`user_storage_quota` is four fifths of the disk",
         (Reading("controller", f"crudini --get {GLANCE} DEFAULT user_storage_quota |"
                  " sed 's/[0-9][0-9]*/N/'", "NGB"),)),
    Line("Nova: requests", "largest request of Nova", State.MET, "the guide's 114688 bytes",
         (setting("controller", NOVA, "oslo_middleware", "max_request_body_size", "114688"),)),
    Line("uwsgi: requests", "largest request of the other APIs", State.MET, "a mebibyte, by uwsgi",
         (Reading("controller", "sed -n 's/^limit-post *= *//p' /etc/{keystone/keystone,"
                  "nova/nova-api,nova/nova-api-metadata,placement/placement-api,"
                  "neutron/neutron-api}-uwsgi.ini | uniq -c | xargs", "5 1048576"),)),
)  # fmt: skip

NODES = (
    Line("Firewall", "all is closed that is not named", State.MET,
         "also before the network is up: [networks](networks.md#the-firewall-of-a-node)",
         (Reading("node", "nft list chain inet iaas input | grep -o 'policy [a-z]*'",
                  "policy drop"),
          Reading("node", "systemctl is-enabled iaas-firewall", "enabled"))),
    Line("Firewall: as seen", "a scan from outside and from each node finds what should be open",
         State.MET, "all TCP ports: [open ports](#open-ports)", proof="tests/lab/test_ports.py"),
    Line("Firewall: databases", "computes do not reach what they do not need", State.MET,
         "MariaDB and OVN's northbound database listen for the controller alone",
         (Reading("controller", LISTENING.format(ports="3306|6641"),
                  "127.0.0.1:3306\n127.0.0.1:6641"),)),
    Line("APIs: who", "the APIs answer only those networks that need them", State.MET,
         "where `api.allowFrom` names them ([networks](networks.md#the-firewall-of-a-node));"
         " without it they are open to whoever reaches the controller",
         proof="tests/unit/test_api_sources.py"),
    Line("APIs: addresses", "the APIs listen on the management network alone", State.MET,
         "HAProxy does, and the services behind it for their node alone",
         (Reading("controller", LISTENING.format(ports="5000|6080|877[458]|9292|9696")
                  + " | sed 's/:[0-9]*$//' | sort -u", "127.0.0.1\nHOST"),)),
    Line("RabbitMQ: TLS", "what services tell each other is encrypted", State.MET,
         "and they know it by the cloud's authority", proof=PROOF),
    Line("Consoles", "what a server shows is encrypted from its compute on", State.MET,
         "by QEMU, for servers that have started since TLS is on ([TLS](tls.md#consoles))",
         (setting("controller", NOVA, "vnc", "auth_schemes", "vencrypt,none"),
          Reading("compute", "sed -n '/^vnc_tls/p' /etc/libvirt/qemu.conf",
                  'vnc_tls = 1\nvnc_tls_x509_cert_dir = "/etc/pki/qemu"\nvnc_tls_x509_verify = 1'),
          Reading("controller", "grep -ao 'novncproxy.py'"
                  " /proc/$(systemctl show -P MainPID nova-novncproxy)/cmdline", "novncproxy.py")),
         PROOF),
    Line("Live moves", "a server's memory and disk are encrypted while it moves", State.MET,
         "by QEMU, and libvirt refuses them in clear; libvirt's own words go by ssh",
         (setting("compute", NOVA, "libvirt", "live_migration_with_native_tls", "true"),
          Reading("compute", "sed -n '/^migrate_tls/p' /etc/libvirt/qemu.conf",
                  'migrate_tls_x509_cert_dir = "/etc/pki/qemu"\nmigrate_tls_x509_verify = 1\n'
                  "migrate_tls_force = 1"),
          Reading("compute", "stat -L -c '%U:%G %a' /etc/pki/qemu/{server,client}-key.pem | uniq",
                  "root:libvirt-qemu 640"),
          Reading("compute", "nsenter -m -t $(systemctl show -P MainPID libvirtd)"
                  " grep -c disabled /etc/gnutls/config; grep -c . /etc/gnutls/config",
                  "4\n0")), PROOF),
    Line("Secrets: files", "files with secrets are root's alone", State.MET, "mode 0600",
         (Reading("node", "stat -c '%U:%G %a' /etc/xiandian/{openrc,passwords}.sh | sort -u",
                  "root:root 600"),
          Reading("controller", "stat -c '%U:%G %a' /etc/keystone/admin-openrc.sh",
                  "root:root 600"))),
    Line("Secrets: elsewhere", "no secret in arguments, logs or what others may read", State.MET,
         "the lab's nodes and the state are searched for each of them",
         proof="tests/lab/test_lab.py"),
    Line("Secrets: killed steps", "a step that is killed leaves no file with passwords", State.MET,
         "it writes them in memory, in a folder of root's that its next run empties",
         (Reading("node", "find /run -maxdepth 1 -name 'iaas-*.d'; find /etc -name '.*.iaas'",
                  ""),),
         "tests/unit/test_killed_step.py"),
    Line("Logs", "logs do not fill the disk", State.MET,
         "the packages' rules and one for the steps' own, by logrotate",
         (Reading("node", "systemctl is-enabled logrotate.timer", "enabled"),
          Reading("node", UNMATCHED.format(folders="{iaas,nova,neutron,openvswitch,ovn}"),
                  ""),
          Reading("controller", UNMATCHED.format(folders="{keystone,glance,placement,rabbitmq}"),
                  ""))),
    Line("Disks", "a power cut leaves no torn packages", State.MET,
         "dpkg writes safely but in a container; a transaction that was cut off is repaired",
         proof="tests/unit/test_scripts.py"),
    Line("Units", "what we install may do no more than it must", State.MET,
         "by systemd; not `iaas-provider-nic`, whose change would cut the tunnels off",
         (in_unit("controller", "iaas-keys", "yes", "strict"),
          in_unit("controller", "iaas-backup", "yes", "full"),
          in_unit("node", "iaas-firewall", "yes", "strict"),
          in_unit("dashboard", "iaas-dashboard", "yes", "strict"))),
    Line("AppArmor", "profiles for what we install", State.NOT_YET,
         "systemd's lines keep our units; libvirt, chrony and others have Debian's profiles"),
    Line("ssh", "host keys are known, and logins are by key", State.MET,
         "`hostKey` of each node ([secrets](secrets.md)); how people log in is the team's own",
         proof="tests/unit/test_nodes.py"),
)  # fmt: skip

MORE = (*USERS, *ABOUT_IT, *BASE, *NODES)
