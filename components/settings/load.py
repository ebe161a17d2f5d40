"""Reads `Settings` from the stack's config, or reports all problems at once."""

import contextlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pulumi
from pydantic import ValidationError, create_model
from pydantic.alias_generators import to_snake

from . import hidden, tenants, yaml_text
from .base import Base
from .base import key as key_of
from .draft import Draft, until_broken
from .explain import explain
from .messages import STACK, Place, Problem, namespace
from .nodes import ITSELF, ComputeSettings, ControllerItself
from .places import FLAGS, SECTIONS, order
from .settings import CHECKS, Settings

LATER = {"rules": "later"}
"""Validation context: `load` collects broken rules itself."""


class SettingsError(pulumi.RunError):
    """The config is wrong; the message has a line for each problem."""


def _rules(place: Place, entry: Base) -> Iterator[Problem]:
    """Yield what is wrong between the fields of an entry and of the entries in it."""
    for rule in until_broken(entry.broken_rules()):
        yield Problem((*place, rule.key), rule.message)
    for name, value in vars(entry).items():
        for i, item in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(item, Base):
                yield from _rules((*place, key_of(name), i), item)


def _read(config: Mapping[str, str], ours: str) -> dict[str, object]:
    """Return the keys of our namespace; mappings and lists are parsed from JSON."""
    tree: dict[str, object] = {}
    for key, value in config.items():
        name = key.removeprefix(ours)
        # Pulumi requires keys without a default in its schema, so it gives "" for missing ones.
        if name != key and not (
            value == "" and name in ("secret", "tenants", "cloud", "tenant", "password")
        ):
            tree[name] = value
            if name in SECTIONS or name in FLAGS:
                with contextlib.suppress(ValueError):  # the model refuses a text here
                    tree[name] = json.loads(value)
    return tree


@cache
def _model_of_field(model: type[Base], name: str) -> type[Base]:
    """Return a model with one field of another model."""
    field: dict[str, Any] = {name: (model.model_fields[name].annotation, model.model_fields[name])}
    return create_model(name, __base__=Base, **field)


def _readable(model: type[Base], raw: object) -> Base:
    """Return a broken entry with the fields that can be read, and no others."""
    values: dict[str, object] = {}
    given = raw.items() if isinstance(raw, dict) else ()
    for name in model.model_fields if isinstance(raw, dict) else ():
        one = {key: value for key, value in given if key == key_of(name)}
        with contextlib.suppress(ValidationError):
            field = _model_of_field(model, name).model_validate(one, by_name=False, context=LATER)
            values[name] = vars(field)[name]
    entry = model.model_construct()
    vars(entry).clear()  # removes the defaults
    vars(entry).update(values)
    return entry


def _validate_entries(tree: dict[str, object], draft: Draft) -> None:
    """Replace each valid entry of the tree by an instance of its model; put all into the draft."""

    def enter(place: Place, model: type[Base], raw: object) -> object:
        if model is ComputeSettings and raw == ITSELF:
            name = draft.names("controller").get(("controller",))
            draft.entries[place] = _readable(ControllerItself, {"name": name})
            return raw
        try:
            whole = model.model_validate(raw, by_name=False, context=LATER)
        except ValidationError:
            draft.entries[place] = _readable(model, raw)
            return raw
        draft.entries[place] = whole
        return whole

    defaults = {field.alias: field.default for field in Settings.model_fields.values()}
    for key, model in SECTIONS.items():
        default = defaults[key]
        value = tree.get(key)
        if key not in tree:
            if isinstance(default, Base):
                draft.entries[(key,)] = default
        elif not isinstance(default, tuple):
            tree[key] = enter((key,), model, value)
        elif isinstance(value, list):
            tree[key] = [enter((key, i), model, raw) for i, raw in enumerate(value)]
        else:
            draft.unread.add(key)


def _texts(value: object, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield each text in a value, and where it is."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*place, str(key)))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, (*place, i))


def _without(secrets: Iterable[str], text: str) -> str:
    """Replace each secret text in a message by [secret]."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "[secret]", text)
    return text


def _at(value: object, place: Place) -> object:
    """Return the value at a place in a tree; None if there is none."""
    for part in place:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def load(
    config: Mapping[str, str],
    secret_keys: Collection[str] | None = None,
    encrypted: Collection[Place] = (),
    project: str | None = None,
) -> Settings:
    """Return the settings in a stack's config, or raise SettingsError with all problems.

    `config` is as Pulumi gives it to a program: `PROJECT:region`, objects as JSON text; keys of
    other namespaces are ignored. `secret_keys` are those that the stack stores encrypted:
    `PROJECT:secret` must be one of them (None: unknown, not checked). `encrypted` are the places
    that are encrypted in the stack's file; without them messages hide all of the `secret_keys`.
    `project` is Pulumi's name of the project (None: the running program's). The files of the
    folder `PROJECT:tenants` belong to the config.
    """
    ours = namespace(project)
    tree = _read(config, ours)
    keys = {(key.removeprefix(ours),) for key in secret_keys or ()}
    secrets = {
        text
        for place in {("secret",), *(encrypted or keys)}
        for _, text in _texts(_at(tree, place))
        if text.strip()
    }
    problems = [
        Problem(place, yaml_text.NO_DATE)
        for place, text in _texts(tree)
        if yaml_text.GO_DATE.fullmatch(text)
    ]
    draft = Draft({}, set(), {})
    problems += [*hidden.refused(encrypted), *tenants.read(tree, draft)]
    _validate_entries(tree, draft)
    settings = None
    try:
        settings = Settings.model_validate(tree, by_name=False, context=LATER)
    except ValidationError as error:
        problems += (explain(wrong, tree) for wrong in error.errors(include_url=False))
    if secret_keys is not None and "secret" in tree and f"{ours}secret" not in secret_keys:
        what = "is stored in clear; make a new one with `openssl rand -hex 32`"
        what += " and set it with `pulumi config set --secret secret …`"
        problems.append(Problem(("secret",), what))
    for place, entry in draft.entries.items():
        problems += _rules(place, entry)
    for check in CHECKS:
        problems += check(draft)
    if settings is None or problems:
        lines = [
            f"  {draft.at(problem.place)}: {_without(secrets, problem.message)}"
            for problem in sorted(problems, key=lambda p: (draft.origin(p.place)[0], order(p)))
        ]
        count = "a problem" if len(lines) == 1 else f"{len(lines)} problems"
        text = "\n".join([f"The settings have {count}; nothing was changed:", *lines])
        raise SettingsError(text.replace(STACK, ours))
    for place in encrypted:
        match place:
            case (str(key), int(i), str(field)):
                getattr(settings, to_snake(key))[i].hide(to_snake(field))
    return settings
