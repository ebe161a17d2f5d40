"""The stack of one tenant, in the cloud of the stack prod."""

from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import yaml

from components.passwords import Passwords
from tests.unit.examples import SECRET
from tests.unit.mocks import Deployment, deploy, main


def deploy_for(
    tenant: str,
    config: Mapping[str, object],
    outputs: Mapping[str, object],
    folder: Path,
    state: Mapping[str, Any] | None = None,
) -> Deployment:
    """Run the program of a tenant's stack in a folder; config and outputs are the cloud's."""
    content = {f"iaas:{key}": value for key, value in config.items()}
    content["iaas:secret"] = {"secure": "v1:abc"}
    (folder / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": content}))
    password = Passwords(SECRET).plain(f"project {tenant}")
    own = {"cloud": "prod", "tenant": tenant, "password": password}
    with chdir(folder):
        return deploy(main, own, stacks={"prod": outputs}, encrypted=["password"], state=state)
