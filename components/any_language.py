"""What programs in any of Pulumi's languages use: components whose arguments are plain values.

`plugin/` hosts them. Their schema comes from the annotations and docstrings of the classes.
"""

import json

import pulumi
from pulumi import runtime

from .arguments import NodesArgs
from .nodes import Compute, Controller, Hosts, NodeDefaults
from .passwords import Passwords
from .settings import Settings, load, namespace


class Nodes(pulumi.ComponentResource):
    """A controller and computes, made of bare Debian 13 machines.

    The secret that every password is derived from is no argument, as a program could only give it
    in clear: it is `secret` in the config of the program's stack, encrypted. Files that arguments
    name are found from the program's folder.
    """

    auth_url: pulumi.Output[str]
    """where Keystone answers"""
    region: pulumi.Output[str]
    """the region's name in the catalogue"""
    ca: pulumi.Output[str]
    """the certificates, as PEM, by which one knows the cloud's services"""
    admin_password: pulumi.Output[str]
    """the password of the user admin in the project admin, both of the domain Default"""
    member_role_id: pulumi.Output[str]
    """the role of projects' users, known once the controller is up"""

    def __init__(
        self, name: str, args: NodesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = _settings(name, args)
        super().__init__("iaas:index:Nodes", name, None, opts)
        inner = pulumi.ResourceOptions(parent=self)
        passwords = Passwords(settings.secret.get_secret_value())
        defaults = NodeDefaults.of(settings, passwords)
        controller = Controller.of(settings, defaults, inner)
        computes = [
            Compute(node.name, node, controller, defaults, inner)
            for node in settings.other_computes
        ]
        Hosts("hosts", controller, computes, inner)
        self.auth_url = pulumi.Output.from_input(controller.auth_url)
        self.region = pulumi.Output.from_input(controller.region)
        self.ca = pulumi.Output.from_input(controller.ca)
        self.admin_password = pulumi.Output.secret(passwords.plain("ADMIN_PASS"))
        self.member_role_id = controller.member_role_id
        self.register_outputs(
            {
                "authUrl": self.auth_url,
                "region": self.region,
                "ca": self.ca,
                "adminPassword": self.admin_password,
                "memberRoleId": self.member_role_id,
            }
        )


def _settings(name: str, args: NodesArgs) -> Settings:
    """Return the settings in a component's arguments (SettingsError, with places NAME:KEY)."""
    config = {
        f"{name}:{key}": value if isinstance(value, str) else json.dumps(_whole(value))
        for key, value in args.items()
    }
    ours, theirs = f"{name}:secret", f"{namespace()}secret"
    if secret := runtime.get_config(theirs):
        config[ours] = secret
    return load(config, [ours] if runtime.is_config_secret(theirs) else [], project=name)


def _whole(value: object) -> object:
    """Return a value with whole numbers as such: all numbers that an engine gives are floats."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
