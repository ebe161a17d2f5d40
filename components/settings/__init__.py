"""Settings: the stack's config as one typed model, checked before anything is registered."""

from components.settings.load import SettingsError, from_pulumi, load
from components.settings.models import (
    FlavorSettings,
    ImageSettings,
    IngressSettings,
    NetworkSettings,
    NodeSettings,
    PoolSettings,
    ProjectSettings,
    ProviderSettings,
    QuotaSettings,
    ServerSettings,
    Settings,
    SshSettings,
)

__all__ = [
    "FlavorSettings",
    "ImageSettings",
    "IngressSettings",
    "NetworkSettings",
    "NodeSettings",
    "PoolSettings",
    "ProjectSettings",
    "ProviderSettings",
    "QuotaSettings",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "SshSettings",
    "from_pulumi",
    "load",
]
