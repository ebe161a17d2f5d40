"""Settings: the stack's config as one typed model, checked before anything is registered.

A file has one subject, as `networks`: its models, what each checks by itself, and what is checked
between them and others. `settings` has the whole and the table of all checks; `load` and `stack`
read the config.
"""

from components.settings.deletion import DeletionSettings
from components.settings.flavors import FlavorSettings
from components.settings.images import ImageSettings
from components.settings.ingress import IngressSettings
from components.settings.load import SettingsError, load
from components.settings.networks import NetworkSettings, PoolSettings
from components.settings.nodes import NodeSettings, ProviderSettings, SshSettings
from components.settings.projects import ProjectSettings, QuotaSettings
from components.settings.rules import FlavorLimitSettings, RulesSettings
from components.settings.servers import ServerSettings
from components.settings.settings import Settings
from components.settings.stack import TenantStackSettings, from_pulumi
from components.settings.tenants import TenantSettings

__all__ = [
    "DeletionSettings",
    "FlavorLimitSettings",
    "FlavorSettings",
    "ImageSettings",
    "IngressSettings",
    "NetworkSettings",
    "NodeSettings",
    "PoolSettings",
    "ProjectSettings",
    "ProviderSettings",
    "QuotaSettings",
    "RulesSettings",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "SshSettings",
    "TenantSettings",
    "TenantStackSettings",
    "from_pulumi",
    "load",
]
