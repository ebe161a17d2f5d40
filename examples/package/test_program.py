"""What the program makes. Pulumi's mocks stand for the nodes and the cloud."""

import json
import runpy
import secrets
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import mocks

CONFIG: dict[str, Any] = yaml.safe_load(Path("Pulumi.dev.yaml").read_text())["config"]
SECRET = {"shop:secret": secrets.token_hex(32)}


class Mocks(mocks.Mocks):
    """Notes what is registered, by type and name."""

    def __init__(self) -> None:
        self.inputs: dict[tuple[str, str], dict[str, Any]] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Answer as a node or a cloud would."""
        self.inputs[args.typ.rpartition(":")[2], args.name] = args.inputs
        return f"id of {args.name}", {**args.inputs, "stdout": "an answer"}

    def call(self, args: mocks.MockCallArgs) -> dict[Any, Any]:
        """There is nothing to ask."""
        raise AssertionError(f"the program calls {args.token}")


def test_the_server_is_on_its_network() -> None:
    seen = Mocks()
    pulumi.runtime.set_mocks(seen, "shop", "dev")
    config = {k: v if isinstance(v, str) else json.dumps(v) for k, v in CONFIG.items()} | SECRET
    pulumi.runtime.set_all_config(config, [*SECRET])
    pulumi.runtime.test(lambda: runpy.run_path("__main__.py"))()
    assert {("Controller", "controller"), ("Compute", "compute")} <= seen.inputs.keys()
    assert seen.inputs["Port", "www-port"]["networkId"] == "id of front-network"
