"""Snapshots of servers, and servers that are brought back to them."""

import json
from collections.abc import Sequence

import pulumi

from ..nodes import Controller
from ..settings import SnapshotSettings
from .parts import ExistingProject
from .project import Project


class Snapshot(pulumi.ComponentResource):
    """A server's disk as it was when this was made: an image of the server's project.

    It is taken once: nothing but another name makes another one. It outlives its server, and goes
    with its settings. `server_id` is read when it is taken. `ready` is what must be done before.
    """

    def __init__(
        self,
        name: str,
        settings: SnapshotSettings,
        project: Project | ExistingProject,
        server_id: pulumi.Input[str],
        controller: Controller,
        ready: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"server": settings.server, "project": project.settings.name}
        super().__init__("iaas:cloud:Snapshot", name, inputs, opts)
        self.settings = settings
        image = controller.snapshot(
            f"{name}-image",
            "take",
            _request(settings.name, server_id, project),
            pulumi.ResourceOptions(parent=self, depends_on=[*project.ready, *ready]),
            update="show",
            delete="delete",
        )
        self.id = image.stdout.apply(lambda said: str(json.loads(said)["id"]))
        self.register_outputs({"id": self.id})


class Restore(pulumi.ComponentResource):
    """A server that is brought back to a snapshot of its own: once, when this is made.

    Nova rebuilds it: id, addresses, key and user data stay, and what was written since then is
    lost. It owns nothing: without it the server stays as it is. `taken` is the snapshot's time, for
    a preview to show.
    """

    def __init__(
        self,
        name: str,
        server: str,
        snapshot: Snapshot,
        taken: str,
        project: Project | ExistingProject,
        server_id: pulumi.Input[str],
        controller: Controller,
        ready: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            **{"server": server, "snapshot": snapshot.settings.name, "taken": taken},
            "project": project.settings.name,
        }
        super().__init__("iaas:cloud:Restore", name, inputs, opts)
        controller.snapshot(
            f"{name}-rebuild",
            "restore",
            _request(snapshot.settings.name, server_id, project),
            pulumi.ResourceOptions(parent=self, depends_on=[*project.ready, snapshot, *ready]),
            # It is never done again, so it needs no other.
            ignore_changes=["connection"],
        )
        self.register_outputs({})


def _request(
    snapshot: str, server_id: pulumi.Input[str], project: Project | ExistingProject
) -> pulumi.Output[str]:
    """Return a Request of snapshots.py, with the login of the project's user."""
    return pulumi.Output.json_dumps(
        {
            "snapshot": snapshot,
            "server": server_id,
            "user": project.settings.name,
            "password": pulumi.Output.secret(project.password),
        }
    )
