"""Projects, and what the admin has for all of them: images and flavors."""

from components.cloud.image import DOWNLOADS
from components.cloud.project import UNLIMITED
from components.settings import FlavorSettings, ImageSettings, ProjectSettings

from .resources import ADMIN, Resources, alias, project_id, reference

ROLE = "id of the member role"


def project(made: Resources, settings: ProjectSettings, password: str) -> None:
    """Declare a project with its quotas and its user."""
    name, quota = settings.name, settings.limits
    made.log_in(alias(name), name, password)
    own = reference(
        made.add(
            "openstack_identity_project_v3",
            name,
            ADMIN,
            {"name": name, "description": settings.description},
        )
    )
    made.add(
        "openstack_compute_quotaset_v2",
        name,
        ADMIN,
        {
            "project_id": own,
            "instances": quota.instances,
            "cores": quota.cores,
            "ram": quota.ram,
            "key_pairs": UNLIMITED,
            "server_groups": UNLIMITED,
            "server_group_members": UNLIMITED,
        },
    )
    made.add(
        "openstack_networking_quota_v2",
        name,
        ADMIN,
        {
            "project_id": own,
            "floatingip": UNLIMITED,
            "port": UNLIMITED,
            "router": UNLIMITED,
            "security_group": UNLIMITED,
            "security_group_rule": UNLIMITED,
        },
    )
    user = made.add(
        "openstack_identity_user_v3",
        name,
        ADMIN,
        {"name": name, "password": password, "default_project_id": own},
    )
    made.add(
        "openstack_identity_role_assignment_v3",
        name,
        ADMIN,
        {"project_id": own, "user_id": reference(user), "role_id": ROLE},
    )


def ready(project: str) -> list[str]:
    """Return what a project's user waits for, as an OpenTofu provider waits for nothing."""
    kinds = (
        "openstack_compute_quotaset_v2",
        "openstack_networking_quota_v2",
        "openstack_identity_role_assignment_v3",
    )
    return [f"{kind}.{project}" for kind in kinds]


def image(made: Resources, settings: ImageSettings) -> None:
    """Declare an image."""
    made.add(
        "openstack_images_image_v2",
        settings.name,
        ADMIN,
        {
            "name": settings.name,
            "local_file_path": str(settings.file or DOWNLOADS / settings.digest),
            "container_format": "bare",
            "disk_format": settings.disk_format,
            "min_disk_gb": settings.min_disk,
            "min_ram_mb": settings.min_ram,
            "visibility": "public",
            "lifecycle": {"create_before_destroy": True},
        },
    )


def flavor(made: Resources, settings: FlavorSettings) -> None:
    """Declare a flavor, and which projects may use it."""
    own = made.add(
        "openstack_compute_flavor_v2",
        settings.name,
        ADMIN,
        {
            "name": settings.name,
            "vcpus": settings.vcpus,
            "ram": settings.ram,
            "disk": settings.disk,
            "is_public": settings.public,
        },
    )
    for user in settings.projects:
        made.add(
            "openstack_compute_flavor_access_v2",
            f"{settings.name}_{user}",
            ADMIN,
            {"flavor_id": reference(own), "tenant_id": project_id(user)},
        )
