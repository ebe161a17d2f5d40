"""What may not be deleted by accident: the controller, networks with servers, images in use.

With Pulumi's own `protect` a deletion takes two changes, as its flag is from the last run. These
are hooks, which Pulumi calls by name before it deletes, in previews too, and also for what the
settings no longer have. So the change that deletes something can allow it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from .settings import DeletionSettings, ServerSettings, namespace


def allow() -> str:
    """Return the key of the stack's config that allows a deletion."""
    return f"{namespace()}allowDeletion"


class Guard:
    """Hooks that refuse a deletion, or a replacement, that the settings don't allow (ValueError).

    Each is registered in every run, as what it guards may be only in the state. `pulumi destroy`
    calls them too, so it needs `--run-program`.
    """

    controller: pulumi.ResourceHook
    """For a command of the controller: refuses its deletion, and another machine for it."""
    server: pulumi.ResourceHook
    """For a server: says what is lost with it, and refuses nothing."""

    def __init__(self, allowed: DeletionSettings, servers: Iterable[ServerSettings]) -> None:
        servers = list(servers)
        self._allowed = allowed
        self._allow = allow()
        self._networks = {nic.network for server in servers for nic in server.nics}
        self._images = {server.image for server in servers if server.image is not None}
        previews = pulumi.ResourceHookOptions(on_dry_run=True)
        self._network = pulumi.ResourceHook("keep-network", self._keep_network, previews)
        self._image = pulumi.ResourceHook("keep-image", self._keep_image, previews)
        self.controller = pulumi.ResourceHook("keep-controller", self._keep_controller, previews)
        self.server = pulumi.ResourceHook("say-what-is-lost", _say_what_is_lost, previews)
        words = ["the controller and all of its cloud"] if allowed.controller else []
        words += [f"network {name}" for name in allowed.networks]
        words += [f"image {name}" for name in allowed.images]
        if words:
            pulumi.log.warn(
                f"{self._allow} allows to delete {', '.join(words)}; remove it after this change"
            )

    def network(self, name: str) -> pulumi.ResourceHook | None:
        """Return the hook for a network with servers; None for one without."""
        return self._network if name in self._networks else None

    def image(self, name: str) -> pulumi.ResourceHook | None:
        """Return the hook for an image that servers start from; None for another."""
        return self._image if name in self._images else None

    def _keep_network(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        if not self._allowed.controller and name not in self._allowed.networks:
            raise ValueError(
                f"network {name} has servers, which would lose it;"
                f" {self._allow} must have networks: [{name}] in the same change"
            )

    def _keep_image(self, args: pulumi.ResourceHookArgs) -> None:
        name = _name(args)
        if name in self._images:
            return  # only its content is new; its servers stay as they are
        if not self._allowed.controller and name not in self._allowed.images:
            raise ValueError(
                f"image {name} is in use: servers were made from it;"
                f" {self._allow} must have images: [{name}] in the same change"
            )

    async def _keep_controller(self, args: pulumi.ResourceHookArgs) -> None:
        before, after = await _host(args.old_inputs), await _host(args.new_inputs)
        if before != after and not self._allowed.controller:
            what = f"moves from {before} to {after}" if after else f"at {before} is removed"
            raise ValueError(
                f"the controller {what}, and with it all that is in its cloud;"
                f" {self._allow} must have controller: true in the same change"
            )


def _say_what_is_lost(args: pulumi.ResourceHookArgs) -> None:
    pulumi.log.warn(f"server {_name(args)} is deleted or replaced, its disk is lost")


def _name(args: pulumi.ResourceHookArgs) -> str:
    return str((args.old_inputs or {}).get("name"))


async def _host(inputs: Mapping[str, Any] | None) -> str:
    """Return the host that a command runs on; "" for a command that is removed."""
    if not inputs:
        return ""
    # `future` is private: the SDK has no other way to await an output. No report found.
    connection = await pulumi.Output.from_input(inputs["connection"]).future()
    return str((connection or {})["host"])
