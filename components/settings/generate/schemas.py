"""JSON schemas for editors, of a stack's file and of a tenant's, made from the models.

They check each key and value alone; the program checks all else.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from ..hidden import MAY_BE_ENCRYPTED
from ..settings import Settings
from ..stack import TenantStackSettings
from ..tenants import WITHHELD, TenantSettings

Schema = dict[str, Any]

ENCRYPTED: Schema = {
    "description": "encrypted by `pulumi config set --secret`",
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}

PULUMIS: Schema = {
    "environment": {"description": "the stack's Pulumi ESC environments"},
    "secretsprovider": {"type": "string", "description": "who encrypts: a passphrase, a KMS"},
    "encryptedkey": {"type": "string", "description": "the key of what is encrypted"},
    "encryptionsalt": {"type": "string", "description": "the salt of the passphrase"},
}
"""What Pulumi itself writes into a stack's file."""


def _tidy(schema: Any) -> Any:  # noqa: ANN401
    """Remove titles, and defaults that are null or a mapping; choices are all `anyOf`."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    noise = {
        key
        for key, value in schema.items()
        if (key == "title" and isinstance(value, str))
        or (key == "default" and (value is None or isinstance(value, dict)))
    }
    return {
        "anyOf" if key == "oneOf" else key: _tidy(value)
        for key, value in schema.items()
        if key not in noise
    }


def _json_schema(model: type[BaseModel]) -> Schema:
    schema: Schema = _tidy(model.model_json_schema())
    return schema


def stack(project: str) -> Schema:
    """Return the schema of Pulumi.*.yaml; keys of other namespaces are not ours to check."""
    settings = _json_schema(Settings)
    keys, required = _encrypted(settings, "secret")
    for section, fields in MAY_BE_ENCRYPTED.items():
        entry = _definition(settings, settings["properties"][section]["items"])["properties"]
        for field in fields:
            given = entry[field]
            description = given.pop("description")
            plain = given.pop("anyOf", None) or [dict(given)]
            given.clear()
            given |= {"description": description, "anyOf": [*plain, ENCRYPTED]}
    what = "A stack of the cloud: its settings."
    described = _stack_file(project, what, settings["description"], keys, required)
    return described | {"$defs": settings["$defs"]}


def tenant_stack(project: str) -> Schema:
    """Return the schema of the Pulumi.*.yaml of a stack that has one tenant's servers."""
    settings = _json_schema(TenantStackSettings)
    keys, required = _encrypted(settings, "password")
    return _stack_file(project, "A tenant's stack.", settings["description"], keys, required)


def _encrypted(settings: Schema, name: str) -> tuple[Schema, list[str]]:
    """Return all keys and the required ones, of which one is encrypted by a command."""
    keys = dict(settings["properties"])
    keys[name] = ENCRYPTED | {
        "description": keys[name]["description"],
        "errorMessage": f"is stored in clear; set it with `pulumi config set --secret {name} …`",
    }
    # The command needs the stack's file, so the file is right without the key, too.
    return keys, [key for key in settings["required"] if key != name]


def _stack_file(
    project: str, what: str, description: str, keys: Schema, required: list[str]
) -> Schema:
    config = {
        "type": "object",
        "description": description,
        "properties": {f"{project}:{key}": value for key, value in keys.items()},
        "required": [f"{project}:{key}" for key in required],
        "patternProperties": {f"^(?!{project}:)[^:]+:": {}},
        "additionalProperties": False,
    }
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "description": what,
        "type": "object",
        "properties": {"config": config, **PULUMIS},
        "additionalProperties": False,
    }


def tenant() -> Schema:
    """Return the schema of a tenant's file: its entries name no project."""
    schema = _json_schema(TenantSettings)
    for section, key in WITHHELD:
        definition = _definition(schema, schema["properties"][section]["items"])
        del definition["properties"][key]
        definition["required"] = [name for name in definition["required"] if name != key]
    # The file's name is the project's.
    del schema["required"], _definition(schema, schema["properties"]["project"])["required"]
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def _definition(schema: Schema, reference: Mapping[str, str]) -> Schema:
    found: Schema = schema["$defs"][reference["$ref"].removeprefix("#/$defs/")]
    return found


def texts(project: str) -> dict[str, str]:
    """Return the text of each file of schemas/, by its path, for a Pulumi project of this name."""
    schemas = {
        "stack.json": stack(project),
        "tenant.json": tenant(),
        "tenant-stack.json": tenant_stack(project),
    }
    return {
        f"schemas/{name}": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }
