"""Changes of the controller's backups."""

from tests.changes.facts import On
from tests.changes.kinds import OPTIONAL, Kind
from tests.changes.row import Row
from tests.unit.configs import GONE, Change
from tests.unit.examples import public_key

G, C, T = OPTIONAL
SETTINGS = "cat /etc/xiandian/backup.json"
TIMER = "systemctl show -P TimersMonotonic iaas-backup.timer"
ENABLED = "systemctl is-enabled iaas-backup.timer || true"
ONE = "the lab has no machine for backups"
DAILY: Change = {"backup": {"every": 24}}
AWAY: Change = {
    "backup": {"every": 24, "host": "10.7.0.5", "hostKey": public_key("backup"), "user": "me",
               "port": 2222},
}  # fmt: skip


def away(key: str, kind: Kind, value: object, says: str) -> Row:
    """Return the row of what is said of a machine for backups."""
    change: Change = {f"backup.{key}": value}
    return Row(f"backup.{key}", kind, change, says=(says,), before=AWAY, unseen=ONE)


ROWS: tuple[Row, ...] = (
    Row(
        "backup.every",
        G,
        DAILY,
        says=("BACKUP_EVERY none -> 24", "backup runs again"),
        then=(On("controller", ENABLED, "enabled"), On("controller", TIMER, "1d")),
    ),
    Row(
        "backup.every",
        C,
        {"backup.every": 6},
        says=("BACKUP_EVERY 24 -> 6",),
        then=(On("controller", TIMER, "6h"),),
        before=DAILY,
    ),
    Row(
        "backup.every",
        T,
        {"backup.every": GONE},
        says=("BACKUP_EVERY 24 -> none",),
        then=(On("controller", ENABLED, "enabled", absent=True),),
        before=DAILY,
    ),
    Row(
        "backup.keep",
        C,
        {"backup": {"keep": 3}},
        says=("BACKUP_KEEP 7 -> 3",),
        then=(On("controller", SETTINGS, '"keep": 3,'),),
    ),
    Row(
        "backup.folder",
        C,
        {"backup": {"folder": "/var/backups/other"}},
        says=("BACKUP_FOLDER /var/backups/iaas -> /var/backups/other",),
        then=(On("controller", "ls -d /var/backups/other", "/var/backups/other"),),
    ),
    Row("backup.host", G, AWAY, says=("BACKUP_HOST none -> 10.7.0.5",), unseen=ONE,
        also=(("backup.hostKey", G), ("backup.user", C), ("backup.port", C))),
    away("host", C, "10.7.0.6", "BACKUP_HOST 10.7.0.5 -> 10.7.0.6"),
    Row("backup.host", T, DAILY, says=("BACKUP_HOST 10.7.0.5 -> none",), before=AWAY, unseen=ONE,
        also=(("backup.hostKey", T),)),
    away("hostKey", C, public_key("other"), "BACKUP_HOST_KEY"),
    away("user", C, "other", "BACKUP_USER me -> other"),
    away("port", C, 22, "BACKUP_PORT 2222 -> 22"),
)  # fmt: skip
