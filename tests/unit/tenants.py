"""Tenants' files in the folder `tenants`, and a config whose tenants are taken out of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import SettingsError, load
from tests.unit.configs import Change, changed
from tests.unit.examples import as_pulumi, good_config, public_key

Files = Mapping[str, str]
"""Name of a file in the tenants' folder, and its text."""

OPS = f"""\
# What watches the others.
project:
  description: Watches the others
  quota: {{instances: 1, cores: 1, ram: 256}}
networks:
  - {{name: watch, segment: 103, cidr: 10.103.0.0/24}}
servers:
  - name: ops1
    image: guest
    flavor: tiny
    network: watch
    publicKey: {public_key("ops1")}
"""
SHORT = f"{{name: ops1, image: guest, flavor: tiny, network: front, publicKey: {public_key()}}}"


def config_of(folder: Path, files: Files, change: Change | None = None) -> dict[str, str]:
    """Return the good config with these tenants' files in the folder `tenants`."""
    (folder / "tenants").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "tenants" / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    config = {**good_config(folder), "tenants": "tenants"}
    return as_pulumi(changed(config, change or {}, folder))


def problems(config: Mapping[str, str]) -> list[str]:
    """Return the lines of what is wrong, without the header."""
    with pytest.raises(SettingsError) as caught:
        load(config)
    return [line.removeprefix("  ") for line in str(caught.value).split("\n")[1:]]


def moved(config: dict[str, Any], names: Files) -> tuple[dict[str, object], dict[str, str]]:
    """Take tenants out of a config, into the files of these names."""
    config = dict(config)
    files: dict[str, str] = {}
    for name, file in names.items():
        (project,) = (p for p in config["projects"] if p["name"] == name)
        content: dict[str, Any] = {"project": project}
        for section in ("networks", "servers"):
            own = [entry for entry in config[section] if entry.get("project") == name]
            config[section] = [entry for entry in config[section] if entry not in own]
            content[section] = [{k: v for k, v in e.items() if k != "project"} for e in own]
        config["projects"] = [p for p in config["projects"] if p is not project]
        files[file] = yaml.safe_dump(content, sort_keys=False)
    return config, files
