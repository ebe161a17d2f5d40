"""What is in the cloud: projects, images, networks, flavors and servers, each a component.

Each takes its settings and the components that it refers to. Names, counts and the inputs of
providers come from settings alone, so a preview is whole before there is a cloud.
"""

import hashlib
import os
import shutil
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import pulumi
import pulumi_openstack as openstack
from keystoneauth1.adapter import Adapter
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from components.passwords import Passwords
from components.settings import (
    FlavorSettings,
    ImageSettings,
    NetworkSettings,
    ProjectSettings,
    ServerSettings,
)

DOMAIN = "Default"
UNLIMITED = -1  # in a quota

OTHER_LOGINS = (
    *("OS_CLOUD", "OS_TOKEN", "OS_AUTH_TOKEN", "OS_CACERT", "OS_CERT", "OS_KEY"),
    *("OS_USER_ID", "OS_USER_DOMAIN_ID", "OS_DOMAIN_ID", "OS_DOMAIN_NAME"),
    *("OS_PROJECT_ID", "OS_TENANT_ID", "OS_PROJECT_DOMAIN_ID"),
    *(f"OS_APPLICATION_CREDENTIAL_{part}" for part in ("ID", "NAME", "SECRET")),
)
"""Variables that the OpenStack provider follows whatever its inputs say, empty ones too."""


def provider(
    name: str,
    cloud: "Cloud",
    user: str,
    project: str,
    password: str,
    opts: pulumi.ResourceOptions,
) -> openstack.Provider:
    """A provider that logs in as this user at its first call, and not in a preview.

    What OS_* variables of whoever runs Pulumi could change is spelled out here; those that
    no input outdoes are refused (RunError).
    """
    if others := [variable for variable in OTHER_LOGINS if os.environ.get(variable)]:
        raise pulumi.RunError(
            f"unset {' '.join(others)}: the OpenStack provider would follow the environment"
            f" and not log in as {user}"
        )
    return openstack.Provider(
        name,
        auth_url=cloud.auth_url,
        region=cloud.region,
        user_name=user,
        password=pulumi.Output.secret(password),
        tenant_name=project,
        user_domain_name=DOMAIN,
        project_domain_name=DOMAIN,
        endpoint_type="public",
        delayed_auth=True,
        insecure=False,
        opts=opts,
    )


class Cloud(pulumi.ComponentResource):
    """The way into a cloud, as its admin: what projects, images, networks, flavors need.

    It owns nothing in the cloud. `ready` is what must be done before the first call: nothing
    for a cloud that is there, the controller for one that the same program makes. The admin's
    password is the derived one, unless another is given. `member_role_id` is the id of the
    role that the users of projects get.
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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Cloud", name, None, opts)
        self.auth_url = auth_url
        self.region = region
        self.passwords = passwords
        self.member_role_id = member_role_id
        self.admin = provider(
            f"{name}-admin",
            self,
            "admin",
            "admin",
            admin_password or passwords.plain("ADMIN_PASS"),
            pulumi.ResourceOptions(parent=self, depends_on=ready),
        )
        self.register_outputs({"authUrl": auth_url, "region": region})


class Project(pulumi.ComponentResource):
    """A tenant: its project, its quota, and the user by which its servers are made.

    The user has the project's name and the role `member` in it and nowhere else. Deleting a
    project leaves what others made in it.
    """

    provider: openstack.Provider
    """Acts as the project's own user."""

    def __init__(
        self,
        name: str,
        settings: ProjectSettings,
        cloud: Cloud,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Project", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=cloud.admin)
        project = openstack.identity.Project(
            f"{name}-project", name=settings.name, description=settings.description, opts=child
        )
        self.settings = settings
        self.cloud = cloud
        self.id = project.id
        # What limits a project is its servers: each has a key pair and a security group.
        quota = settings.quota
        ready: list[pulumi.Resource] = [
            openstack.compute.QuotaSetV2(
                f"{name}-quota",
                project_id=project.id,
                instances=quota.instances if quota is not None else None,
                cores=quota.cores if quota is not None else None,
                ram=quota.ram if quota is not None else None,
                key_pairs=UNLIMITED,
                opts=child,
            ),
            openstack.networking.QuotaV2(
                f"{name}-network-quota",
                project_id=project.id,
                port=UNLIMITED,
                security_group=UNLIMITED,
                security_group_rule=UNLIMITED,
                opts=child,
            ),
        ]
        self.password = cloud.passwords.plain(f"project {settings.name}")
        user = openstack.identity.User(
            f"{name}-user",
            name=settings.name,
            password=pulumi.Output.secret(self.password),
            default_project_id=project.id,
            opts=child,
        )
        ready.append(
            openstack.identity.RoleAssignment(
                f"{name}-member",
                project_id=project.id,
                user_id=user.id,
                role_id=cloud.member_role_id,
                opts=child,
            )
        )
        self.provider = provider(
            f"{name}-provider",
            cloud,
            settings.name,
            settings.name,
            self.password,
            pulumi.ResourceOptions(parent=self, depends_on=ready),
        )
        self.register_outputs({"id": self.id, "name": settings.name})


class Image(pulumi.ComponentResource):
    """An image that all projects may use.

    New content is a new image: Glance's images never change. Servers stay on the disk that
    they have, unless the settings say `replaceServers`.
    """

    def __init__(
        self,
        name: str,
        settings: ImageSettings,
        cloud: Cloud,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Image", name, None, opts)
        self.settings = settings
        hooks = None
        path = settings.file
        if path is None:
            path = DOWNLOADS / settings.digest
            hooks = pulumi.ResourceHookBinding(before_create=[_download(name, settings, path)])
        image = openstack.images.Image(
            f"{name}-image",
            name=settings.name,
            local_file_path=str(path),
            container_format="bare",
            disk_format=settings.disk_format,
            min_disk_gb=settings.min_disk,
            min_ram_mb=settings.min_ram,
            visibility="public",
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=cloud.admin,
                hooks=hooks,
                # The path says nothing of the content. The old image goes when the new one
                # is there: servers can be made at any time.
                replacement_trigger=settings.digest,
                delete_before_replace=False,
            ),
        )
        self.id = image.id
        self.register_outputs({"id": self.id, "sha256": settings.digest})


class ProviderNetwork(pulumi.ComponentResource):
    """A VLAN of the provider network with one subnet, made by the admin.

    For all projects, or for one that then owns it. Addresses come by DHCP. The router, where
    there is one, is the site's own.
    """

    def __init__(
        self,
        name: str,
        settings: NetworkSettings,
        physical_name: str,
        cloud: Cloud,
        project: Project | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:ProviderNetwork", name, None, opts)
        self.settings = settings
        child = pulumi.ResourceOptions(parent=self, provider=cloud.admin)
        owner = project.id if project is not None else None
        network = openstack.networking.Network(
            f"{name}-network",
            name=settings.name,
            shared=settings.shared,
            tenant_id=owner,
            admin_state_up=True,
            segments=[
                openstack.networking.NetworkSegmentArgs(
                    network_type="vlan",
                    physical_network=physical_name,
                    segmentation_id=settings.segment,
                )
            ],
            # Neutron refuses a change of the segment, and two networks on one.
            opts=pulumi.ResourceOptions.merge(
                child,
                pulumi.ResourceOptions(replace_on_changes=["segments"], delete_before_replace=True),
            ),
        )
        pools = None
        if settings.pool is not None:
            pools = [
                openstack.networking.SubnetAllocationPoolArgs(
                    start=str(settings.pool.start), end=str(settings.pool.end)
                )
            ]
        subnet = openstack.networking.Subnet(
            f"{name}-subnet",
            name=settings.name,
            network_id=network.id,
            tenant_id=owner,
            cidr=str(settings.cidr),
            ip_version=4,
            gateway_ip=str(settings.gateway) if settings.gateway is not None else None,
            no_gateway=True if settings.gateway is None else None,
            allocation_pools=pools,
            dns_nameservers=[str(address) for address in settings.dns],
            enable_dhcp=True,
            opts=child,
        )
        self.id = network.id
        self.subnet_id = subnet.id
        self.register_outputs(
            {"id": self.id, "subnetId": self.subnet_id, "segment": settings.segment}
        )


class Flavor(pulumi.ComponentResource):
    """A size of servers: for all projects, or for those given."""

    def __init__(
        self,
        name: str,
        settings: FlavorSettings,
        cloud: Cloud,
        projects: Mapping[str, Project],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Flavor", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=cloud.admin)
        flavor = openstack.compute.Flavor(
            f"{name}-flavor",
            name=settings.name,
            vcpus=settings.vcpus,
            ram=settings.ram,
            disk=settings.disk,
            is_public=settings.public,
            opts=child,
        )
        self.access = [
            openstack.compute.FlavorAccess(
                # The last slash ends the flavor's name, whatever is in both names.
                f"{name}/{quote(project, safe='')}-access",
                flavor_id=flavor.id,
                tenant_id=projects[project].id,
                opts=child,
            )
            for project in settings.projects
        ]
        self.id = flavor.id
        self.register_outputs({"id": self.id})


class Server(pulumi.ComponentResource):
    """A server of a project, made by the project's own user, with a port of its own.

    It owns the server, its port, its security group and its key pair. The port is made by the
    admin for the project: only the owner of a network may choose an address on it.

    A server that Nova cannot build fails the run with Nova's reason, and the next run makes it
    anew. `hosts` are what must be done before a server can be placed.
    """

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        project: Project,
        image: Image,
        flavor: Flavor,
        network: ProviderNetwork,
        hosts: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("iaas:cloud:Server", name, None, opts)
        tenant = pulumi.ResourceOptions(parent=self, provider=project.provider)
        group = openstack.networking.SecGroup(
            f"{name}-group",
            name=settings.name,
            description=f"What may reach {settings.name}",
            opts=tenant,
        )
        rules = [
            openstack.networking.SecGroupRule(
                f"{name}-{_rule(ingress.protocol, ingress.port, str(ingress.cidr))}",
                direction="ingress",
                ethertype="IPv4",
                protocol=ingress.protocol,
                port_range_min=ingress.port,
                port_range_max=ingress.port,
                remote_ip_prefix=str(ingress.cidr),
                security_group_id=group.id,
                # Neutron has no two rules that say the same.
                opts=pulumi.ResourceOptions.merge(
                    tenant, pulumi.ResourceOptions(delete_before_replace=True)
                ),
            )
            for ingress in settings.ingress
        ]
        key = openstack.compute.Keypair(
            f"{name}-key", name=settings.name, public_key=settings.key, opts=tenant
        )
        port = openstack.networking.Port(
            f"{name}-port",
            name=settings.name,
            network_id=network.id,
            tenant_id=project.id,
            admin_state_up=True,
            fixed_ips=[
                openstack.networking.PortFixedIpArgs(
                    subnet_id=network.subnet_id,
                    ip_address=str(settings.address) if settings.address is not None else None,
                )
            ],
            security_group_ids=[group.id],
            opts=pulumi.ResourceOptions(
                parent=self, provider=project.cloud.admin, delete_before_replace=True
            ),
        )
        trigger = [image.settings.name]
        if image.settings.replace_servers:
            trigger.append(image.settings.digest)
        server = openstack.compute.Instance(
            f"{name}-server",
            name=settings.name,
            image_id=image.id,
            flavor_id=flavor.id,
            key_pair=key.name,
            networks=[openstack.compute.InstanceNetworkArgs(port=port.id)],
            user_data=settings.user_data,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=project.provider,
                depends_on=[*rules, *flavor.access, *hosts],
                # Two servers cannot hold one port.
                delete_before_replace=True,
                # A new image of the same name is for servers to come; Pulumi ignores this
                # where it replaces the server, so a replaced one starts from the new image.
                ignore_changes=["imageId"],
                replacement_trigger=trigger,
                # Only a server whose creation failed has no metadata in the state, not even an
                # empty map: without this the next run would take it as done. "#initerror"
                # would replace it after a failed change too, and lose its disk.
                replace_on_changes=["allMetadata"],
                hooks=pulumi.ResourceHookBinding(
                    on_error=[
                        pulumi.ErrorHook(f"{name}-fault", _fault(settings.name, project, self))
                    ]
                ),
            ),
        )
        self.id = server.id
        self.address: pulumi.Input[str] = (
            str(settings.address)
            if settings.address is not None
            else port.all_fixed_ips.apply(lambda addresses: str(addresses[0]))
        )
        self.summary: Mapping[str, pulumi.Input[str | int]] = {
            "project": settings.project,
            "network": settings.network,
            "segment": network.settings.segment,
            "address": self.address,
        }
        self.register_outputs({"id": self.id, **self.summary})


# Images fetched by url, each by its digest, in the folder that Pulumi runs in.
DOWNLOADS = Path(".images")


def _rule(protocol: str, port: int | None, cidr: str) -> str:
    """A rule's name: what it opens, so that the order in the settings does not matter."""
    return "-".join([protocol, *([str(port)] if port is not None else []), cidr.replace("/", "-")])


def _download(name: str, settings: ImageSettings, path: Path) -> pulumi.ResourceHook:
    """A hook that fetches the image when it is about to be uploaded, and checks it."""

    def fetch(_: pulumi.ResourceHookArgs) -> None:
        if path.exists():
            return
        pulumi.log.info(f"fetching {settings.url}")
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        with (
            urllib.request.urlopen(str(settings.url), timeout=60) as answer,
            part.open("wb") as content,
        ):
            shutil.copyfileobj(answer, content)
        with part.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != settings.digest:
            part.unlink()
            raise ValueError(
                f"image {settings.name}: {settings.url} has the sha256 {digest},"
                f" the settings say {settings.digest}"
            )
        part.rename(path)

    return pulumi.ResourceHook(f"{name}-download", fetch)


def _fault(
    server: str, project: Project, resource: pulumi.Resource
) -> Callable[[pulumi.ErrorHookArgs], bool]:
    """A hook that says why Nova could not build the server; it never asks for another try."""

    def explain(_: pulumi.ErrorHookArgs) -> bool:
        auth = Password(
            auth_url=project.cloud.auth_url,
            username=project.settings.name,
            password=project.password,
            project_name=project.settings.name,
            user_domain_name=DOMAIN,
            project_domain_name=DOMAIN,
        )
        nova = Adapter(
            Session(auth=auth, timeout=30),
            service_type="compute",
            interface="public",
            region_name=project.cloud.region,
        )
        try:
            wanted = {"name": f"^{server}$", "status": "ERROR"}
            for found in nova.get("/servers", params=wanted).json()["servers"]:
                fault = nova.get(f"/servers/{found['id']}").json()["server"].get("fault", {})
                reason = fault.get("message", "it is in ERROR, and Nova gives no reason")
                pulumi.log.error(f"server {server}: {reason}", resource)
        except ClientException as error:
            pulumi.log.error(f"server {server}: Nova does not say why it failed: {error}", resource)
        return False

    return explain
