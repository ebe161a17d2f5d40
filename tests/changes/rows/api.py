"""Changes of who reaches the APIs."""

from tests.changes.facts import On
from tests.changes.kinds import LIST, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

MORE, LESS, REORDERED = LIST
RULES = "nft list table inet iaas"
LAB, OTHER = "192.168.100.0/24", "10.7.0.0/16"
OPEN: Change = {"api": {"allowFrom": [LAB, OTHER]}}
PORTS = "tcp dport { 5000, 6080, 8774, 8778, 9292, 9696 } accept"
"""Where they are open to all, ssh's port is in the same set."""
LOGGED = r"""
. /etc/keystone/admin-openrc.sh
openstack server group create --policy affinity audited -f value -c id >/dev/null
openstack server group delete audited
cat /var/log/keystone/keystone.log /var/log/nova/nova-api.log |
  sed -n 's/.*oslo.messaging.notification.\([a-z.]*\) .*"action": "\([a-z]*\)".*/\1 \2/p' | sort -u
"""
AUDIT: Change = {"api": {"audit": True}}


ROWS: tuple[Row, ...] = (
    Row(
        "api.allowFrom",
        MORE,
        OPEN,
        says=(f"API_NETWORKS + {OTHER} + {LAB}",),
        then=(
            On("controller", RULES, f"ip saddr {LAB} {PORTS}"),
            On("controller", RULES, f"ip saddr {OTHER} {PORTS}"),
            On("controller", RULES, "tcp dport 22 accept"),
            On("compute", RULES, "8774", absent=True),
        ),
    ),
    Row(
        "api.allowFrom",
        LESS,
        {"api.allowFrom": [LAB]},
        says=(f"API_NETWORKS - {OTHER}",),
        then=(
            On("controller", RULES, f"ip saddr {LAB} {PORTS}"),
            On("controller", RULES, OTHER, absent=True),
        ),
        before=OPEN,
    ),
    Row(
        "api.loginsPerMinute",
        Kind.CHANGED,
        {"api": {"loginsPerMinute": 3000}},
        says=("API_LOGINS 1200 -> 3000",),
        then=(On("controller", "cat /etc/haproxy/iaas/keystone.cfg", "gt 3000 }"),),
    ),
    Row(
        "api.audit",
        Kind.GIVEN,
        AUDIT,
        says=("API_AUDIT false -> true",),
        then=(
            On("controller", LOGGED, "identity.authenticate authenticate"),
            On("controller", LOGGED, "audit.http.response delete"),
        ),
    ),
    Row(
        "api.audit",
        Kind.TAKEN_OUT,
        {"api.audit": GONE},
        says=("API_AUDIT true -> false",),
        then=(
            On(
                "controller",
                "ls /etc/nova; cat /etc/default/nova-api",
                "audit",
                absent=True,
            ),
            On(
                "controller",
                "crudini --get /etc/keystone/keystone.conf oslo_messaging_notifications driver",
                "noop",
            ),
        ),
        before=AUDIT,
    ),
    Row("api.allowFrom", REORDERED, {"api.allowFrom": [OTHER, LAB]}, before=OPEN),
)
