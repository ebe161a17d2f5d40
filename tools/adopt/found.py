"""Settings from what is found in a cloud: `WRITE=1 python -m tools.adopt`."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keystoneauth1.adapter import Adapter

from components.cloud.image import DOWNLOADS
from components.settings import Settings, SettingsError, load, yaml_text

from ..config import Entries
from ..interrupted import Connect
from . import yaml_file
from .express import CONTENT, TABLE, Alone, Entry
from .inventory import ADMIN, read

PASTE = Path("adopted.yaml")
"""Holds the entries if they cannot be put into the stack's file."""


@dataclass
class Written:
    """What was written, and what was left alone."""

    entries: list[Entry] = field(default_factory=list)
    alone: list[Alone] = field(default_factory=list)
    file: Path | None = None
    """None: nothing was to be written."""


def write(
    config: Entries,
    namespace: str,
    file: Path,
    connect: Connect,
    tell: Callable[[str], None],
) -> Written:
    """Add what the settings lack to a stack's file (SettingsError, ClientException, OSError)."""
    texts = {key: str(entry["value"]) for key, entry in config.items()}
    secret = [key for key, entry in config.items() if entry.get("secret")]

    def loaded(entries: Sequence[Entry]) -> Settings:
        return load(with_entries(texts, namespace, entries), secret, project=namespace)

    settings = loaded(())
    there = read(connect)
    done = Written()
    things = [thing for part in TABLE for thing in part(there, settings)]
    names = Counter(str(thing) for thing in things if isinstance(thing, Entry))
    for found in things:
        if isinstance(found, Alone):
            done.alone.append(found)
            continue
        if names[str(found)] > 1 and "id" not in found.values:
            done.alone.append(Alone(str(found), "there are several of that name"))
            continue
        entry = keep(found, connect(ADMIN, "image"), tell) if CONTENT in found.values else found
        try:
            loaded([*done.entries, entry])
        except SettingsError as error:
            done.alone.append(Alone(str(entry), " ".join(_problems(str(error)))))
        else:
            done.entries.append(entry)
    if done.entries:
        done.file = into(file, namespace, done.entries)
    return done


def with_entries(
    texts: Mapping[str, str], namespace: str, entries: Sequence[Entry]
) -> dict[str, str]:
    """Return a config, as Pulumi gives it to a program, with more entries."""
    found = dict(texts)
    for entry in entries:
        key = f"{namespace}:{entry.section}"
        found[key] = json.dumps([*json.loads(found.get(key) or "[]"), entry.values])
    return found


def keep(image: Entry, glance: Adapter, tell: Callable[[str], None]) -> Entry:
    """Fetch an image's content into a file, which its settings name (ClientException, OSError).

    By that and its SHA-256 `up` knows that the cloud has it: it is neither sent again nor replaced.
    """
    number = image.values[CONTENT]
    tell(f"fetching {image} from the cloud")
    DOWNLOADS.mkdir(exist_ok=True)
    part, digest = DOWNLOADS / f"{number}.part", hashlib.sha256()
    with part.open("wb") as content:
        for piece in glance.get(f"/v2/images/{number}/file", stream=True).iter_content(2**20):
            content.write(piece)
            digest.update(piece)
    whole = part.rename(DOWNLOADS / digest.hexdigest())
    values = {key: value for key, value in image.values.items() if key != CONTENT}
    return Entry("images", {**values, "file": str(whole), "sha256": digest.hexdigest()})


def into(file: Path, namespace: str, entries: Sequence[Entry]) -> Path:
    """Write entries into a stack's file, or beside it; return where they are (OSError)."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        lists.setdefault(f"{namespace}:{entry.section}", []).append(entry.values)
    before = file.read_text("utf-8")
    try:
        after = yaml_file.added(before, lists)
        if yaml_text.load(after.encode()) != _merged(yaml_text.load(before.encode()), lists):
            raise ValueError("would not be the same with it")
    except ValueError:
        text = "".join(f"  {key}:\n{yaml_file.block(of, 4)}" for key, of in lists.items())
        PASTE.write_text(f"config:\n{text}", "utf-8")
        return PASTE
    file.write_text(after, "utf-8")
    return file


def _merged(content: Any, lists: Mapping[str, Sequence[Any]]) -> object:  # noqa: ANN401  # any YAML
    config = content["config"]
    more = {key: [*(config.get(key) or ()), *entries] for key, entries in lists.items()}
    return {**content, "config": {**config, **more}}


def _problems(text: str) -> Iterator[str]:
    """Yield what the loader says is wrong, without its heading."""
    yield from (line.strip() for line in text.splitlines()[1:])


def said(done: Written) -> Iterator[str]:
    """Yield the lines of what was written, and what was not."""
    where = done.file or "nothing"
    yield from (f"written    {entry}  {where}" for entry in done.entries)
    yield from (f"left alone {thing.what}: {thing.why}" for thing in done.alone)
