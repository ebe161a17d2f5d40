"""Settings: the stack's config as one typed model, checked before anything is registered."""

from components.settings.load import SettingsError, load
from components.settings.models import (
    DeletionSettings,
    FlavorLimitSettings,
    FlavorSettings,
    ImageSettings,
    IngressSettings,
    NetworkSettings,
    NodeSettings,
    PoolSettings,
    ProjectSettings,
    ProviderSettings,
    QuotaSettings,
    RulesSettings,
    ServerSettings,
    Settings,
    SshSettings,
    TenantSettings,
    TenantStackSettings,
)
from components.settings.stack import from_pulumi

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
