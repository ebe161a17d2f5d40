"""What a server starts from, and when another content of that replaces it.

Nova says another image of a server that was brought back to a snapshot, and a refresh believes it.
So that image replaces no server. What does is a value of our own, which stays in the state: the
name of the image, and with `replaceServers` what its content was when that last replaced it.
"""

import pulumi

from .before import ServerBefore
from .changes import Change
from .settings import ServerSettings

Origin = list[object]


def origin(
    change: Change, server: ServerSettings, image_id: pulumi.Input[str] | None = None
) -> pulumi.Input[Origin]:
    """Return a server's origin: the one in the state, unless it is to be replaced.

    `replaceServers` alone replaces no server: the next new content of the image does. `image_id` is
    for images of another stack, whose files are not read here: there another id does.
    """
    if server.from_snapshot is not None:
        return [{"snapshot": server.from_snapshot}]
    before = change.before.servers.get(server.name)
    there = before.origin if before is not None else None
    name: Origin = [server.image]
    kept = there if isinstance(there, list) and there[:1] == name else None
    image = next(image for image in change.settings.images if image.name == server.image)
    if not image.replace_servers:
        return kept or name
    if image_id is not None:
        return pulumi.Output.from_input(image_id).apply(
            lambda number: _by_id(kept, before, image.name, number)
        )
    _, content = change.before.images.get(image.name, ("", None))
    if kept is None or content in (None, image.digest):
        return kept or name
    return [*name, image.digest]


def _by_id(kept: Origin | None, before: ServerBefore | None, name: str, number: str) -> Origin:
    """Return the origin of a server of an image of another stack, which now has this id."""
    if kept is not None and before is not None:
        known = kept[1] if len(kept) > 1 else before.image
        # Of a server of before this, only the image's name says that it was brought back.
        restored = len(kept) == 1 and before.image_name not in ("", name)
        if restored or known == number:
            return kept
    return [name, number]
