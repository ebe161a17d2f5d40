"""A tenant's stack in a cloud with routers."""

from pathlib import Path

import pytest

from tests.unit.configs import GONE, Change, changed
from tests.unit.mocks import deploy, main
from tests.unit.routed import routed_config
from tests.unit.tenant_stack import deploy_for

INSIDE_ONLY: Change = {
    "tenantStacks": True,
    "routers[0].external": GONE,
    "servers[2].floatingIp": GONE,
    "servers[3].floatingIp": GONE,
}
"""A router that joins networks of a project, and leads nowhere else."""


@pytest.mark.parametrize(
    ("tenant", "servers"), [("web", {"web1", "app1", "app2"}), ("db", {"db1"})]
)
def test_a_router_without_a_way_out_is_nothing_to_a_tenants_stack(
    tenant: str, servers: set[str], files: Path, tmp_path: Path
) -> None:
    config = changed(routed_config(files), INSIDE_ONLY, files)
    deployed = deploy_for(tenant, config, deploy(main, config).outputs[""], tmp_path)
    assert set(deployed.outputs[""]["servers"]) == servers
