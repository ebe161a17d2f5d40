"""Settings: the stack's config as one typed model, checked before anything is registered.

A file has one subject, as `networks`: its models, what each checks alone, and what is checked
between them and others. `settings` has the whole and the table of all checks; `load` and `stack`
read the config.
"""

from .adopted_servers import AdoptedServerSettings
from .api import ApiSettings
from .backup import BackupSettings
from .deletion import DeletionSettings
from .flavors import FlavorSettings
from .floating import reached
from .images import ImageSettings
from .ipv6 import Ipv6Settings
from .load import SettingsError, load
from .messages import namespace
from .networks import NetworkSettings
from .nics import NicSettings
from .node_openings import NodeOpeningSettings
from .nodes import (
    ITSELF,
    ComputeSettings,
    NodeSettings,
    ProviderSettings,
    SshSettings,
    TunnelSettings,
)
from .openings import EgressSettings, IngressSettings, PeerSettings, Traffic
from .pools import PoolSettings
from .projects import ProjectSettings, QuotaSettings
from .routers import RouterSettings
from .routes import RouteSettings
from .rules import FlavorLimitSettings, RulesSettings
from .security_groups import SecurityGroupSettings
from .server_groups import ServerGroupSettings
from .servers import ServerSettings
from .settings import Settings
from .sizes import SizeSettings
from .snapshots import SnapshotSettings
from .stack import TenantStackSettings, from_pulumi
from .tenants import TenantSettings
from .tls import TlsSettings

__all__ = [
    "ITSELF",
    "AdoptedServerSettings",
    "ApiSettings",
    "BackupSettings",
    "ComputeSettings",
    "DeletionSettings",
    "EgressSettings",
    "FlavorLimitSettings",
    "FlavorSettings",
    "ImageSettings",
    "IngressSettings",
    "Ipv6Settings",
    "NetworkSettings",
    "NicSettings",
    "NodeOpeningSettings",
    "NodeSettings",
    "PeerSettings",
    "PoolSettings",
    "ProjectSettings",
    "ProviderSettings",
    "QuotaSettings",
    "RouteSettings",
    "RouterSettings",
    "RulesSettings",
    "SecurityGroupSettings",
    "ServerGroupSettings",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "SizeSettings",
    "SnapshotSettings",
    "SshSettings",
    "TenantSettings",
    "TenantStackSettings",
    "TlsSettings",
    "Traffic",
    "TunnelSettings",
    "from_pulumi",
    "load",
    "namespace",
    "reached",
]
