"""What the settings promise of backups of the controller."""

from pathlib import Path

import pytest

from components.settings.fields import FOLDER
from components.settings.kinds import formed
from tests.unit.configs import Allowed, Case, check_refused, check_taken, each
from tests.unit.examples import public_key

HOST: dict[str, object] = {"host": "10.7.0.5", "hostKey": public_key("backup")}

CASES: tuple[Case, ...] = (
    ("no hour", {"backup": {"every": 0}}, "backup.every", "0 is outside 1..744"),
    ("a time as a word", {"backup": {"every": "daily"}}, "backup.every", "'daily'"),
    ("no backup kept", {"backup": {"keep": 0}}, "backup.keep", "0 is outside 1.."),
    (
        "a folder that is not whole",
        {"backup": {"folder": "backups"}},
        "backup.folder",
        "'backups' is not a folder's whole path: it begins with '/'",
    ),
    (
        "a host without its key",
        {"backup": {"host": "10.7.0.5"}},
        "backup.hostKey",
        "is missing; take the machine's /etc/ssh/ssh_host_ed25519_key.pub",
    ),
    (
        "a key without its host",
        {"backup": {"hostKey": public_key("backup")}},
        "backup.hostKey",
        "is of the machine in `host`; give that, or leave it out",
    ),
    ("a user without a host", {"backup": {"user": "me"}}, "backup.user", "is of the machine in"),
    ("a port without a host", {"backup": {"port": 2}}, "backup.port", "is of the machine in"),
    (
        "the controller as the host",
        {"backup": HOST | {"host": "192.168.100.10"}},
        "backup.host",
        "192.168.100.10 is the controller, which loses them with its disk",
    ),
    ("another tool's key", {"backup": {"cron": "@daily"}}, "backup.cron", "are `every`"),
    ("a password", {"backup": {"password": "x"}}, "backup.password", "derived from"),
)

ALLOWED: tuple[Allowed, ...] = (
    ("backups by hand", {"backup": {}}),
    ("backups by a timer", {"backup": {"every": 6, "keep": 28, "folder": "/srv/iaas"}}),
    ("backups on another machine", {"backup": HOST | {"every": 24, "user": "me", "port": 2222}}),
)


@each(CASES)
def test_a_wrong_backup_is_refused(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_a_backup_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


@pytest.mark.parametrize("path", ["/", "/a b", "/a/../b", "/..", "/a/", "/a\n", "/$(id)", "//a"])
def test_a_folder_is_one_word_for_a_shell_and_leads_down(path: str) -> None:
    check = formed(FOLDER).func
    with pytest.raises(ValueError, match="whole path"):
        check(path)  # type: ignore[call-arg]
