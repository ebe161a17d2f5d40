"""What a project promises: its quota, and a user who is its member and no other's."""

from collections.abc import Mapping

import pytest

from components.cloud import Project
from components.settings import ProjectSettings, QuotaSettings
from tests.unit.clouds import cloud
from tests.unit.mocks import Deployment, deploy

COMPUTE = dict.fromkeys(("keyPairs", "serverGroups", "serverGroupMembers"), -1)
UNLIMITED = dict.fromkeys(
    ("floatingip", "port", "router", "securityGroup", "securityGroupRule"), -1
)


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (None, {**COMPUTE, "instances": 10, "cores": 20, "ram": 51200}),
        (
            QuotaSettings(instances=1, cores=2, ram=3),
            {**COMPUTE, "instances": 1, "cores": 2, "ram": 3},
        ),
    ],
    ids=["OpenStack's own", "given"],
)
def test_a_tenant_acts_when_its_user_may_within_its_quota(
    quota: QuotaSettings | None, expected: Mapping[str, int]
) -> None:
    """What limits it is its servers, not what each server brings along."""
    web = ProjectSettings(name="web", quota=quota)
    deployed = deploy(lambda: Project("p", web, cloud()).provider)
    assert deployed.named("p-provider").after == {"p-member", "p-quota", "p-network-quota"}
    project = {"projectId": "id of p-project"}
    assert deployed.named("p-quota").inputs == {**project, **expected}
    assert deployed.named("p-network-quota").inputs == {**project, **UNLIMITED}


def test_a_tenants_user_is_a_member_of_its_project_alone(served: Deployment) -> None:
    assert served.named("p-user").inputs == {
        "name": "web",
        "password": served.named("p-provider").inputs["password"],
        "defaultProjectId": "id of p-project",
    }
    assert served.named("p-member").inputs == {
        "projectId": "id of p-project",
        "userId": "id of p-user",
        "roleId": "role of members",
    }
    assert len(served.names("RoleAssignment")) == 1
