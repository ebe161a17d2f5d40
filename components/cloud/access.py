"""The login to the cloud: providers with inputs that are known in every preview."""

import os
from collections.abc import Sequence

import pulumi
import pulumi_openstack as openstack

from ..passwords import Passwords
from ..settings.base import Base

DOMAIN = "Default"

OTHER_LOGINS = (
    *("OS_CLOUD", "OS_TOKEN", "OS_AUTH_TOKEN", "OS_CACERT", "OS_CERT", "OS_KEY"),
    *("OS_USER_ID", "OS_USER_DOMAIN_ID", "OS_DOMAIN_ID", "OS_DOMAIN_NAME"),
    *("OS_PROJECT_ID", "OS_TENANT_ID", "OS_PROJECT_DOMAIN_ID"),
    *(f"OS_APPLICATION_CREDENTIAL_{part}" for part in ("ID", "NAME", "SECRET")),
)
"""Variables that override the inputs of the OpenStack provider, even empty inputs."""


def refuse_other_logins() -> None:
    """Refuse variables that would override the settings (RunError)."""
    if others := [variable for variable in OTHER_LOGINS if os.environ.get(variable)]:
        raise pulumi.RunError(
            f"unset {' '.join(others)}: the OpenStack provider would follow the environment"
            " and not the settings; nothing was changed"
        )


def hidden(settings: Base, field: str, value: str) -> pulumi.Input[str]:
    """Return a value, which is secret where the settings have the field encrypted."""
    return pulumi.Output.secret(value) if settings.hides(field) else value


def provider(
    name: str,
    auth_url: str,
    region: str,
    user: str,
    project: str,
    password: pulumi.Input[str],
    ca: pulumi.Input[str],
    opts: pulumi.ResourceOptions | None = None,
) -> openstack.Provider:
    """A provider that logs in as this user at its first call, and not in a preview.

    `ca` has the certificates, as PEM, that it trusts; "": those of the machine. Each input that an
    OS_* variable could replace is set here; variables that override inputs are refused (RunError).
    """
    refuse_other_logins()
    return openstack.Provider(
        name,
        auth_url=auth_url,
        region=region,
        user_name=user,
        password=pulumi.Output.secret(password),
        tenant_name=project,
        user_domain_name=DOMAIN,
        project_domain_name=DOMAIN,
        endpoint_type="public",
        delayed_auth=True,
        insecure=False,
        cacert_file=ca or None,
        opts=opts,
    )


class Cloud(pulumi.ComponentResource):
    """The admin's login to a cloud: what projects, images, networks and flavors need.

    It owns nothing in the cloud. `ready` is what must be done before the first call: nothing
    for an existing cloud, the controller for one that the same program makes. The admin's
    password is the derived one, unless another is given. `member_role_id` is the id of the
    role that the users of projects get. `ca` has the certificates, as PEM, by which one knows its
    services; by default those of the machine that runs Pulumi.
    """

    admin: openstack.Provider

    def __init__(
        self,
        name: str,
        auth_url: str,
        region: str,
        passwords: Passwords,
        member_role_id: pulumi.Input[str],
        ready: Sequence[pulumi.Resource] = (),
        admin_password: str | None = None,
        ca: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Cloud", name, None, opts)
        self.auth_url = auth_url
        self.region = region
        self.ca = ca
        self.passwords = passwords
        self.member_role_id = member_role_id
        self.admin = provider(
            f"{name}-admin",
            auth_url,
            region,
            "admin",
            "admin",
            admin_password or passwords.plain("ADMIN_PASS"),
            ca,
            pulumi.ResourceOptions(parent=self, depends_on=ready),
        )
        self.register_outputs({"authUrl": auth_url, "region": region})
