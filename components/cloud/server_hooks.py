"""What is asked of Nova while a server is made or changed, by the project's user."""

from collections.abc import Awaitable, Callable

import pulumi
from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from .access import DOMAIN
from .parts import ExistingProject
from .project import Project


def fault(
    server: str, project: Project | ExistingProject, resource: pulumi.Resource
) -> Callable[[pulumi.ErrorHookArgs], Awaitable[bool]]:
    """Return a hook that says why Nova could not build the server; it asks for no other try."""

    async def explain(_: pulumi.ErrorHookArgs) -> bool:
        nova = await _nova(project)
        try:
            wanted = {"name": f"^{server}$", "status": "ERROR"}
            for found in nova.get("/servers", params=wanted).json()["servers"]:
                reason = nova.get(f"/servers/{found['id']}").json()["server"].get("fault", {})
                said = reason.get("message", "it is in ERROR, and Nova gives no reason")
                pulumi.log.error(f"server {server}: {said}", resource)
        except ClientException as error:
            pulumi.log.error(f"server {server}: Nova does not say why it failed: {error}", resource)
        return False

    return explain


def keep_labels(
    project: Project | ExistingProject,
) -> Callable[[pulumi.ResourceHookArgs], Awaitable[None]]:
    """Return a hook that gives a server the metadata again that the provider is about to delete.

    The provider takes a key that is gone already, by hand or by a run that was cut off, for a
    server that is gone, and fails at each further run. No report found.
    """

    async def keep(args: pulumi.ResourceHookArgs) -> None:
        old = (args.old_outputs or {}).get("metadata") or {}
        new = (args.new_inputs or {}).get("metadata") or {}
        going = {key: value for key, value in old.items() if key not in new}
        if going:
            nova = await _nova(project)
            nova.post(f"/servers/{args.id}/metadata", json={"metadata": going})

    return keep


async def _nova(project: Project | ExistingProject) -> Adapter:
    # `future` is private, see `components/guard.py`.
    auth = Password(
        auth_url=project.cloud.auth_url,
        username=project.settings.name,
        password=await pulumi.Output.from_input(project.password).future() or "",
        project_name=project.settings.name,
        user_domain_name=DOMAIN,
        project_domain_name=DOMAIN,
    )
    return Adapter(
        Session(auth=auth, timeout=30),
        service_type="compute",
        interface="public",
        region_name=project.cloud.region,
    )
