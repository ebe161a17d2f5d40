"""How the comment on a pull request describes nodes, projects, networks and servers.

pyproject.toml names WORDS, and `pull_requests` calls `tell` for each resource of a preview. The
components give the names of resources: `server-web1-port` is the port of the server web1.
"""

from collections.abc import Iterable

from pull_requests.preview import Preview, Resource
from pull_requests.words import Part, Words

from .cloud import CLOUD, KINDS, LOST, PROJECTS, cloud_resource
from .nodes import NODES, SECTION, node
from .picture import chart
from .snapshots import SINCE

__all__ = ["LOST", "WORDS"]


def tell(preview: Preview, resource: Resource) -> Iterable[Part] | None:
    """Describe what happens to a component and its children."""
    own = preview.children.get(resource.urn, {})
    if resource.type in NODES:
        return node(resource, own)
    if resource.type in KINDS:
        return cloud_resource(preview, resource, own)
    parent = preview.resources.get(resource.parent)
    return () if parent is not None and parent.type in (*NODES, *KINDS) else None


WORDS = Words(
    tell=tell,
    sections=(SECTION, PROJECTS, CLOUD),
    nothing="Nothing to do: the cloud is as the settings say.",
    skipped_warnings=(LOST, SINCE),
    # The authority is also in files of nodes, where a change of it shows.
    skipped_properties=frozenset({"imageCachePath", "cacertFile"}),
    links=frozenset({"port"}),
    picture=chart,
    # Files and steps: a second run of one finds that there is nothing to do.
    repeatable=("iaas:nodes:", "iaas:cloud:Cloud", "pulumi:pulumi:Stack", "pulumi:providers:"),
)
