"""Who is locked out by wrong passwords: users, but not the accounts that the cloud itself needs."""

import os
import re
import subprocess
import sys

import pytest

from components import steps
from components.passwords import Passwords
from tests.unit.services import service
from tests.unit.test_step_proofs import TOKEN

KEYSTONE = steps.text("controller/iaas-install-keystone.sh")
ACCOUNT = {
    "OS_USERNAME": "admin",
    "OS_PASSWORD": "secret",
    "OS_PROJECT_NAME": "admin",
    "OS_USER_DOMAIN_NAME": "Default",
    "OS_PROJECT_DOMAIN_NAME": "Default",
    "OS_REGION_NAME": "R",
    "GLANCE_PASS": "secret",
}
URL, PUBLIC = "http://10.0.0.1:9292", "http://cloud.example.org:9292"
FREE, LOCKED = {"ignore_lockout_failure_attempts": True}, dict[str, bool]()


def cloud(admin: dict[str, bool], glance: dict[str, bool]) -> dict[str, object]:
    """Return a Keystone's answers; the admin's id is the token's."""
    roles = [{"name": name, "id": name} for name in ("admin", "service")]
    granted = [{"user": {"id": "g"}, "role": {"id": role["id"]}} for role in roles]
    urls = {"public": PUBLIC, "internal": URL, "admin": URL}
    endpoints = [{"id": i, "interface": i, "url": url} for i, url in urls.items()]
    return {
        "/v3/auth/tokens": {"token": TOKEN},
        "/v3/projects?name=service&domain_id=default": {"projects": [{"id": "s"}]},
        "/v3/roles": {"roles": roles},
        "/v3/roles?name=placer": {"roles": [{"name": "placer", "id": "p"}]},
        "/v3/role_assignments?scope.project.id=s": {"role_assignments": granted},
        "/v3/users?name=glance&domain_id=default": {"users": [{"id": "g"}]},
        "/v3/users/1": {"user": {"options": admin}},
        "/v3/users/g": {"user": {"options": glance}},
        "/v3/services?type=image": {"services": [{"id": "i"}]},
        "/v3/endpoints?service_id=i&region_id=R": {"endpoints": endpoints},
    }


@pytest.mark.parametrize(
    ("admin", "glance", "differ"),
    [
        (FREE, FREE, []),
        (LOCKED, FREE, ["admin"]),
        (FREE, LOCKED, ["glance"]),
        (LOCKED, LOCKED, ["admin", "glance"]),
    ],
)
def test_wrong_passwords_lock_out_no_account_of_the_cloud(
    admin: dict[str, bool], glance: dict[str, bool], differ: list[str]
) -> None:
    with service(cloud(admin, glance)) as (base, _):
        said = subprocess.run(
            [sys.executable, "-c", steps.text("lib/cloud.py"), "catalogue", "compare"],
            env={**os.environ, **ACCOUNT, "OS_AUTH_URL": f"{base}/v3"},
            input=f"glance image {URL} {PUBLIC}\n",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    expected = [f"Keystone has not, or otherwise: {name} is never locked out" for name in differ]
    assert said.splitlines() == expected


def test_derived_passwords_are_as_the_rule_wants_them() -> None:
    rule = re.search(r"^password_regex = (.+)$", KEYSTONE, re.MULTILINE)
    assert rule and re.match(rule[1], Passwords("s" * 40).plain("project web"))
    assert not re.match(rule[1], "eleven-char")


@pytest.mark.parametrize(
    "key", ["password_expires_days", "unique_last_password_count", "minimum_password_age",
            "change_password_upon_first_use", "disable_user_account_days_inactive"],
)  # fmt: skip
def test_no_rule_takes_a_derived_password_away(key: str) -> None:
    assert key not in KEYSTONE
