"""Settings: the stack's config as one typed model, checked before anything is registered."""

from components.settings.load import SettingsError, from_pulumi, load
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
)

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
    "from_pulumi",
    "load",
]
