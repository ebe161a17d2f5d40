"""What happens to snapshots, and to servers that are brought back to them."""

from collections.abc import Iterator, Mapping

from pull_requests.preview import Preview, Resource
from pull_requests.summary import shown
from pull_requests.words import Part

RESTORE = "iaas:cloud:Restore"
SINCE = "was written on it since then is lost"
"""The end of the program's own warning of a restore."""


def snapshot(component: Resource, own: Mapping[str, Resource]) -> Iterator[Part]:
    """Say that a snapshot is taken or deleted; another connection is said of the controller."""
    image = own.get("image")
    if image is None or image.op not in ("create", "delete"):
        return
    values = component.state.values
    name = component.name.removeprefix("snapshot-")
    what = f"snapshot {name} of server {shown(values.get('server'))}"
    owner = f"project {shown(values.get('project'))}"
    if image.op == "create":
        yield Part(owner, f"+ {what}")
    else:
        yield Part(owner, f"{what} is deleted", marked=True)


def restore(preview: Preview, component: Resource, own: Mapping[str, Resource]) -> Iterator[Part]:
    """Say what a server loses, or that it stays as it is without its `restore`."""
    rebuild = own.get("rebuild")
    if rebuild is None:
        return
    values = component.state.values
    server, of = shown(values.get("server")), shown(values.get("snapshot"))
    owner = f"project {shown(values.get('project'))}"
    if rebuild.op == "create":
        since = f"snapshot {of} of {shown(values.get('taken'))}"
        lost = f"everything written on it since {since} is lost"
        yield Part(owner, f"server {server} is restored, {lost}", marked=True, first=True)
    elif rebuild.op == "delete" and not _says_more(preview, component):
        yield Part(owner, f"server {server} stays as it is, without restore: {of}")


def _says_more(preview: Preview, component: Resource) -> bool:
    """Return whether something else happens to the server: it goes, or to another snapshot."""
    server = component.old.values.get("server")
    return any(
        (other.type == RESTORE and other.op == "create" and other.new.values["server"] == server)
        or (other.name == f"server-{server}" and other.op == "delete")
        for other in preview.changed
    )
