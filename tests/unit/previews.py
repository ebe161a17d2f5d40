"""Previews as Pulumi's JSON, for the tests of what a comment says."""

from typing import Any

from pull_requests.preview import Preview
from pull_requests.preview import read as read_plain
from wording import WORDS

PROJECT = "iaas:cloud:Project"
IMAGE = "iaas:cloud:Image"
SERVER = "iaas:cloud:Server"
COMPUTE = "iaas:nodes:Compute"


def read(preview: dict[str, Any]) -> Preview:
    """Return a preview in the project's words."""
    return read_plain(preview, WORDS)


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:prod::iaas::{kind}::{name}"


def step(
    op: str,
    kind: str,
    name: str,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    **state: Any,  # noqa: ANN401  # any JSON
) -> dict[str, Any]:
    """Return a step of a preview; states that are not given are not there."""
    made = {
        key: {"type": kind, "inputs": inputs, **state}
        for key, inputs in (("oldState", old), ("newState", new))
        if inputs is not None
    }
    return {"op": op, "urn": urn(kind, name), **made}


def component(op: str, kind: str, name: str) -> dict[str, Any]:
    return step(op, kind, name, *({"create": (None, {}), "delete": ({}, None)}.get(op, ({}, {}))))


def shown(*steps: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"steps": [component("same", "pulumi:pulumi:Stack", "iaas-prod"), *steps], **more}


def image(name: str, content: str) -> list[dict[str, Any]]:
    """Return the steps that make an image with this text in it."""
    parent = urn(IMAGE, f"image-{name}")
    kind = "openstack:images/image:Image"
    new = {"diskFormat": "raw", "properties": {"note": content}}
    return [
        component("create", IMAGE, f"image-{name}"),
        step("create", kind, f"image-{name}-image", None, new, parent=parent),
    ]
