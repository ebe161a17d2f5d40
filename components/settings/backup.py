"""Backups of the controller: how often, where, and how many are kept."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from .base import Base, Instead, Rule
from .draft import Draft
from .fields import Count, Folder, HostKey, Hours, NodeAddress, Port, User
from .messages import STACK, Place, Problem
from .nodes import NodeSettings


class BackupSettings(Base):
    """Backups of the controller."""

    every: Hours | None = Field(
        None, description="hours from one backup to the next; none: only those made by hand"
    )
    keep: Count = Field(
        7, description="backups that are kept; after a new one the oldest is deleted"
    )
    folder: Folder = Field(
        "/var/backups/iaas", description="where they are, on `host` or else on the controller"
    )
    host: NodeAddress | None = Field(
        None,
        description="a machine that has them, by ssh (IPv4); none: the controller, which loses them"
        " with its disk",
    )
    host_key: HostKey | None = Field(
        None, description="that machine's ssh host key: one line such as 'ssh-ed25519 AAAA…'"
    )
    user: User = Field("backup", description="its user, who owns the folder")
    port: Port = Field(22, description="TCP port of its ssh service")

    def broken_rules(self) -> Iterator[Rule]:
        """Require a host key for a host, and a host for all that is said of one."""
        if self.host is not None and self.host_key is None:
            yield Rule(
                "hostKey",
                "is missing; take the machine's /etc/ssh/ssh_host_ed25519_key.pub, or what"
                " `ssh-keyscan -t ed25519 HOST` prints on a network that you trust (without the"
                " HOST before it)",
            )
        if self.host is None:
            for field, key in (("host_key", "hostKey"), ("user", "user"), ("port", "port")):
                if vars(self)[field] != type(self).model_fields[field].default:
                    yield Rule(key, "is of the machine in `host`; give that, or leave it out")

    instead: ClassVar[Instead] = {
        "schedule cron timer interval hours": "hours from one to the next are `every`",
        "retention count days": "how many are kept is `keep`",
        "path directory dir": "it is `folder`",
        "target to server address": "the machine is `host`",
        "key encryptionKey password passphrase": "they are encrypted to a key that is derived from"
        f" `{STACK}secret`; leave it out",
        "privateKeyFile": "the controller's key is derived from the secret; docs/backup.md says how"
        " to get its public part",
    }


def elsewhere(draft: Draft, place: Place, backup: BackupSettings) -> Iterator[Problem]:
    """Find a machine for backups that is the controller itself."""
    for node, host in draft.values(NodeSettings, "host"):
        if node[:1] == ("controller",) and host == backup.host is not None:
            what = f"{host} is the controller, which loses them with its disk"
            yield Problem((*place, "host"), f"{what}; take another machine, or leave it out")
