"""The settings of the running stack: a cloud's, or those of one tenant's servers in it."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pulumi import runtime
from pulumi.runtime.config import CONFIG
from pydantic import Field, ValidationError

from . import hidden, yaml_text
from .advice import nearest
from .base import Base
from .deletion import DeletionSettings
from .fields import Password, ProjectName, Word
from .load import SettingsError, load
from .messages import at, namespace, show
from .settings import Settings

NOTHING = (
    *("", "[]", "{}", "false"),
    *(Settings.model_fields[field].default for field in ("region", "on_removal")),
)
"""Values that Pulumi gives for a key that is not in a stack's file."""
TLS_FILES = ("certificateFile", "keyFile")
ELSEWHERE = "it is encrypted for the cloud's own stack"
"""Replaces the secret, which a tenant's stack does not need."""


class TenantStackSettings(Base):
    """The config of a stack that has only one tenant's servers."""

    cloud: Word = Field(description="the stack of the cloud; its file has all other settings")
    tenant: ProjectName = Field(description="the project of the servers")
    password: Password = Field(
        description="the password of the project's user: docs/tenants.md says how to get it,"
        " set it with `pulumi config set --secret password …`"
    )


def from_pulumi() -> tuple[Settings, TenantStackSettings | None]:
    """Return the settings of the running program's stack (SettingsError).

    In a tenant's stack these are the cloud's settings with only that tenant's servers and without
    the secret; the second value names the tenant and its cloud.

    Pulumi's own `Config` returns only requested keys, so it would not show an unknown one. All keys
    are in `CONFIG` alone, which is private; https://github.com/pulumi/pulumi/issues/6789 asks for a
    public way, for Node.js. No report found for Python.
    """
    config = {**runtime.get_config_env(), **CONFIG.get()}
    secret_keys = {
        *runtime.get_config_secret_keys_env(),
        *(key for key in config if runtime.is_config_secret(key)),
    }
    if not config.get(f"{namespace()}cloud"):
        return load(config, secret_keys, hidden.places(secret_keys)), None
    return _tenant_stack(config, secret_keys)


def _tenant_stack(
    config: Mapping[str, str], secret_keys: Collection[str]
) -> tuple[Settings, TenantStackSettings]:
    """Return the part of a cloud's settings that a tenant's stack uses."""
    ours = namespace()
    own = {key: ours + key for key in TenantStackSettings.model_fields}
    file = Path(f"Pulumi.{config[own['cloud']]}.yaml")
    others = [
        key
        for key, value in config.items()
        if key.startswith(ours) and key not in own.values() and value not in NOTHING
    ]
    problems = [f"{key}: is not for a tenant's stack; it belongs into {file}" for key in others]
    try:
        # Pulumi gives "" for a key that is not there.
        keys = {name: config[key] for name, key in own.items() if config.get(key)}
        part = TenantStackSettings.model_validate(keys, by_name=False)
    except ValidationError as error:
        for wrong in error.errors():
            field = str(wrong["loc"][0])
            what = wrong["msg"]
            if wrong["type"] == "value_error":
                what = str(wrong["ctx"]["error"])
            elif wrong["type"] == "missing":
                what = f"is missing: {TenantStackSettings.model_fields[field].description}"
            problems.append(f"{ours}{field}: {what}")
    if config.get(own["password"]) and own["password"] not in secret_keys:
        what = "is stored in clear; set it with `pulumi config set --secret password …`"
        problems.append(f"{ours}password: {what}")
    for key in (own["cloud"], own["tenant"]):
        if key in secret_keys:
            problems.append(f"{key}: is encrypted, but names cannot be secret; store it in clear")
    if not problems and not file.exists():
        stacks = [
            path.name[len("Pulumi.") : -len(".yaml")] for path in Path().glob("Pulumi.*.yaml")
        ]
        problems.append(f"{ours}cloud: there is no {file}; {nearest(part.cloud, stacks)}")
    _refuse(problems)
    try:
        settings = load(_config(file))
    except SettingsError as error:
        raise SettingsError(f"{file}: {error}") from None
    names = [project.name for project in settings.projects]
    if not settings.tenant_stacks:
        problems.append(f"{ours}cloud: {file} must have {ours}tenantStacks: true")
    if part.tenant not in names:
        problems.append(
            f"{ours}tenant: {show(part.tenant)} is no project; {nearest(part.tenant, names)}"
        )
    _refuse(problems)
    servers = tuple(server for server in settings.servers if server.project == part.tenant)
    groups = tuple(group for group in settings.security_groups if group.project == part.tenant)
    server_groups = tuple(g for g in settings.server_groups if g.project == part.tenant)
    shown = {
        "servers": servers,
        "security_groups": groups,
        "server_groups": server_groups,
        "allow_deletion": DeletionSettings(),
    }
    return settings.model_copy(update=shown), part


def _refuse(problems: list[str]) -> None:
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise SettingsError(
            f"The settings of this tenant's stack are wrong; nothing was changed:\n{lines}"
        )


def _config(file: Path) -> dict[str, str]:
    """Return the config in a stack's file as Pulumi would give it, without encrypted values."""
    try:
        content: Any = yaml_text.load(file.read_bytes())
        values: dict[str, object] = dict(content["config"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{file} can't be read: {error}") from None
    ours = namespace()
    values[f"{ours}secret"] = ELSEWHERE
    if isinstance(tls := values.get(f"{ours}tls"), dict):
        # Only who runs the cloud's stack has these files; what a tenant trusts is an output of it.
        values[f"{ours}tls"] = {key: of for key, of in tls.items() if key not in TLS_FILES}
    _refuse(
        [
            f"{ours}{at(place)}: is encrypted in {file}, so no tenant's stack can read it"
            for key, value in values.items()
            for place in hidden.encrypted((key.removeprefix(ours),), value)
        ]
    )
    return {
        key: value if isinstance(value, str) else "" if value is None else json.dumps(value)
        for key, value in values.items()
    }
