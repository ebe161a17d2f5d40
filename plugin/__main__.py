"""The package `iaas` for programs in any of Pulumi's languages: `pulumi package add FOLDER`."""

from importlib.metadata import version

from iaas.any_language import Nodes
from pulumi.provider.experimental import component_provider_host

component_provider_host([Nodes], "iaas", version=version("iaas"))
