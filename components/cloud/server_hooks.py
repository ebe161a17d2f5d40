"""What is asked of Nova while a server is made or changed, by the project's user."""

from functools import cached_property

import pulumi
from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from ..certificates import file_of
from .access import DOMAIN
from .parts import ExistingProject
from .project import Project

TAGS = "2.26"
"""The version of Nova's API that has tags of servers."""


class ServerHooks:
    """The hooks of a program's servers; `name` begins their names.

    Three for all servers: each one more takes the engine milliseconds in every preview.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._servers: dict[str, tuple[str, Project | ExistingProject, pulumi.Resource]] = {}
        self._tags: dict[str, set[str]] = {}
        self._labels = pulumi.ResourceHook(f"{name}-labels", self._keep_labels)
        self._tagged = pulumi.ResourceHook(f"{name}-tags", self._set_tags)
        self._fault = pulumi.ErrorHook(f"{name}-fault", self._say_fault)

    def of(
        self,
        resource: str,
        server: str,
        project: Project | ExistingProject,
        component: pulumi.Resource,
        guard: pulumi.ResourceHook | None,
    ) -> pulumi.ResourceHookBinding:
        """Return the hooks of a server, which are called with its resource's name."""
        self._servers[resource] = (server, project, component)
        return pulumi.ResourceHookBinding(
            before_update=[self._labels],
            after_update=[self._tagged],
            before_delete=[guard] if guard is not None else None,
            on_error=[self._fault],
        )

    def of_adopted(
        self,
        resource: str,
        server: str,
        project: Project,
        component: pulumi.Resource,
        guard: pulumi.ResourceHook,
    ) -> pulumi.ResourceHookBinding:
        """Return the hooks of a server that is never made, as it was made by hand."""
        binding = self.of(resource, server, project, component, guard)
        binding.before_create, binding.on_error = [self._never_made], None
        return binding

    @cached_property
    def _never_made(self) -> pulumi.ResourceHook:
        previews = pulumi.ResourceHookOptions(on_dry_run=True)
        return pulumi.ResourceHook(f"{self._name}-never-made", self._refuse_to_make, previews)

    def _refuse_to_make(self, args: pulumi.ResourceHookArgs) -> None:
        """Refuse to make a server that was made by hand (ValueError); warn in a preview."""
        server, _, component = self._servers[args.name]
        what = (
            f"server {server} of adoptedServers is not in the state, and is never made:"
            " `make adopt` takes it in; if it is gone from the cloud, take it out of the settings"
        )
        if not pulumi.runtime.is_dry_run():
            raise ValueError(what)
        pulumi.log.warn(what, component)

    async def _say_fault(self, args: pulumi.ErrorHookArgs) -> bool:
        """Say why Nova could not build a server; ask for no other try."""
        if args.name not in self._servers:
            return False  # it is deleted, and there is nothing to build
        server, project, component = self._servers[args.name]
        nova = await _nova(project)
        try:
            wanted = {"name": f"^{server}$", "status": "ERROR"}
            for found in nova.get("/servers", params=wanted).json()["servers"]:
                reason = nova.get(f"/servers/{found['id']}").json()["server"].get("fault", {})
                said = reason.get("message", "it is in ERROR, and Nova gives no reason")
                pulumi.log.error(f"server {server}: {said}", component)
        except ClientException as error:
            why = f"Nova does not say why it failed: {error}"
            pulumi.log.error(f"server {server}: {why}", component)
        return False

    async def _keep_labels(self, args: pulumi.ResourceHookArgs) -> None:
        """Give a server the metadata again that the provider is about to delete; note its tags.

        The provider takes a key that is gone already, by hand or by a run that was cut off, for a
        server that is gone, and fails at each further run. No report found.
        """
        old = (args.old_outputs or {}).get("metadata") or {}
        new = (args.new_inputs or {}).get("metadata") or {}
        going = {key: value for key, value in old.items() if key not in new}
        if going:
            nova = await self._nova(args)
            nova.post(f"/servers/{args.id}/metadata", json={"metadata": going})
        old_tags = set((args.old_outputs or {}).get("tags") or ())
        new_tags = set((args.new_inputs or {}).get("tags") or ())
        if old_tags != new_tags:
            nova = await self._nova(args)
            there = set(nova.get(f"/servers/{args.id}/tags", microversion=TAGS).json()["tags"])
            self._tags[args.name] = there - old_tags | new_tags

    async def _set_tags(self, args: pulumi.ResourceHookArgs) -> None:
        """Give a server its tags, and those that others have given it.

        The provider does not read them after a change. So the next one would bring back what an
        earlier one has removed, if a refresh has seen it in between. No report found.
        """
        if (tags := self._tags.pop(args.name, None)) is not None:
            nova = await self._nova(args)
            path = f"/servers/{args.id}/tags"
            nova.put(path, json={"tags": sorted(tags)}, microversion=TAGS)

    async def _nova(self, args: pulumi.ResourceHookArgs) -> Adapter:
        _, project, _ = self._servers[args.name]
        return await _nova(project)


async def _nova(project: Project | ExistingProject) -> Adapter:
    # `future` is private, see `components/guard.py`.
    ca = await pulumi.Output.from_input(project.cloud.ca).future()
    auth = Password(
        auth_url=project.cloud.auth_url,
        username=project.settings.name,
        password=await pulumi.Output.from_input(project.password).future() or "",
        project_name=project.settings.name,
        user_domain_name=DOMAIN,
        project_domain_name=DOMAIN,
    )
    return Adapter(
        Session(auth=auth, timeout=30, verify=file_of(ca) if ca else True),
        service_type="compute",
        interface="public",
        region_name=project.cloud.region,
    )
