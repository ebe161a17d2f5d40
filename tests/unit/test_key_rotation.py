"""What the rotation of Keystone's keys promises: no token and no credential loses its key."""

import re

from components import steps

SCRIPT = steps.text("controller/iaas-install-keystone.sh")
WEEK = 7 * 24
TOKEN, ALLOWED = 1, 48
"""Hours: Keystone's `[token] expiration`, and `allow_expired_window`, in which services finish what
was begun with a token. Nothing changes them."""
STAGED_AND_PRIMARY = 2


def test_a_token_outlives_no_key_even_if_somebody_rotates_by_hand() -> None:
    found = re.search(r"^max_active_keys = (\d+)$", SCRIPT, re.MULTILINE)
    assert found and "OnCalendar=weekly\n" in SCRIPT
    assert "expiration" not in SCRIPT and "allow_expired_window" not in SCRIPT
    by_hand = 1
    assert int(found[1]) > (TOKEN + ALLOWED) / WEEK + STAGED_AND_PRIMARY + by_hand


def test_credentials_are_encrypted_with_the_new_key_before_the_next_rotation() -> None:
    done = re.findall(r"^ExecStart=/usr/bin/keystone-manage (\w+) ", SCRIPT, re.MULTILINE)
    migrate = "credential_migrate"
    assert done == ["fernet_rotate", migrate, "credential_rotate", migrate]


def test_keys_that_were_rotated_are_no_difference() -> None:
    """The step makes keys only where there are none, whatever their numbers."""
    keys = re.search(r"^make_keys\(\) \{\n.*?folder=.*?\n(.*?)\n", SCRIPT, re.MULTILINE | re.DOTALL)
    there = 'if [[ -e $folder/0 ]] && compgen -G "$folder/[1-9]*"; then continue; fi'
    assert keys and keys[1].strip() == there
