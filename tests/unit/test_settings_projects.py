"""What the settings promise of projects: a quota for its servers, no name of the cloud's own."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.settings import ProjectSettings
from tests.unit.configs import SERVER, Allowed, Case, check_refused, check_taken, each

CASES: tuple[Case, ...] = (
    ("project's name too long", {"projects[2]": {"name": "p" * 65}}, "projects[2].name", "1 to 64"),
    (
        "description beyond the database",
        {"projects[1].description": "all 😀"},
        "projects[1].description",
        "holds U+1F600; the database stores none beyond U+FFFF",
    ),
    ("description with NUL", {"projects[1].description": "\0"}, "projects[1].description", "a NUL"),
    (
        "description too long",
        {"projects[1].description": "é" * 32768},
        "projects[1].description",
        "65536 bytes are more than the 65535",
    ),
    ("project admin", {"projects[2]": {"name": "Admin"}}, "projects[2].name", "cloud's own"),
    ("project service", {"projects[2]": {"name": "service"}}, "projects[2].name", "cloud's own"),
    ("project admin with an accent", {"projects[2]": {"name": "Ádmin"}}, "projects[2].name", "own"),
    ("quota of none", {"projects[0].quota.cores": 0}, "projects[0].quota.cores", "outside 1.."),
    (
        "too many servers",
        {"projects[0].quota.instances": 1, "servers[2]": SERVER},
        "projects[0].quota.instances",
        "1 is too little; its servers need 2",
    ),
    (
        "too many cores",
        {"projects[0].quota.cores": 1, "servers[2]": SERVER},
        "projects[0].quota.cores",
        "its servers need 2",
    ),
    (
        "too much memory",
        {"projects[0].quota.ram": 511, "servers[2]": SERVER},
        "projects[0].quota.ram",
        "511 is too little; its servers need 512",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    ("a description of lines", {"projects[1].description": "one\n\ttwo" + "é" * 32000}),
    ("as much as the quota has", {"projects[0].quota": {"instances": 1, "cores": 1, "ram": 256}}),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


@pytest.mark.parametrize("name", ["keystone", "glance", "placement", "nova", "neutron"])
def test_a_project_takes_no_services_account(name: str) -> None:
    """Its user would get another password, and the service could not log in."""
    with pytest.raises(ValidationError, match=f"'{name}' is a name of the cloud's own"):
        ProjectSettings(name=name)
