"""Changes of whether the cloud has a dashboard."""

from tests.changes.facts import On
from tests.changes.kinds import Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change

ON: Change = {"dashboard": True}
ASKED = (
    ". /etc/xiandian/openrc.sh; python3 /usr/local/lib/iaas/dashboard.py https://$HOST_IP"
    " /etc/xiandian/tls/ca.crt && echo answers"
)
RULES = "nft list table inet iaas"
LEFT = """
dpkg-query -W -f '${Package} ${db:Status-Status}\\n' | grep -E 'dashboard|django|horizon|xstatic'
getent passwd horizon; getent group horizon
ls -d /etc/openstack-dashboard /var/lib/openstack-dashboard /run/iaas-dashboard \\
  /etc/haproxy/iaas/dashboard.cfg /usr/local/bin/*dashboard* /var/log/iaas/dashboard.log 2>/dev/null
systemctl list-unit-files --no-legend 'iaas-dashboard*'
ls -d /usr/lib/python3/dist-packages/{django,horizon,openstack_dashboard} 2>/dev/null
ss -Htln | grep ':443 '
grep -o DASHBOARD_SECRET /etc/xiandian/passwords.sh
echo nothing more
"""
"""What is there of a dashboard."""

ROWS: tuple[Row, ...] = (
    Row(
        "dashboard",
        Kind.GIVEN,
        ON,
        says=("OPENINGS none -> tcp/443/0.0.0.0_0", "+ dashboard"),
        unsaid=("removal",),
        then=(On("controller", ASKED, "answers"), On("controller", RULES, "443")),
        apart=True,
    ),
    Row(
        "dashboard",
        Kind.TAKEN_OUT,
        {"dashboard": GONE},
        says=("OPENINGS", "dashboard goes, with its packages"),
        unsaid=("removal", "deleted"),
        then=(
            On("controller", RULES, "443", absent=True),
            On("controller", LEFT, "nothing more"),
            *(
                On("controller", LEFT, word, absent=True)
                for word in ("dashboard", "django", "horizon", "xstatic", ":443", "DASHBOARD")
            ),
        ),
        before=ON,
        apart=True,
    ),
)
