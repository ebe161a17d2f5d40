#!/usr/bin/env python3
"""Backups of the controller, each a folder of encrypted parts with a manifest.

    python3 -m iaas.backup make           makes one, and deletes those that are too old
    python3 -m iaas.backup list           prints all, and how the last run ended, as JSON
    python3 -m iaas.backup ready          whether the place of backups can be written
    python3 -m iaas.backup check NAME     reads one back; age's identity comes by stdin
    python3 -m iaas.backup send NAME FILE…  prints one as a tar, without these images' files
    python3 -m iaas.backup receive        takes one from such a tar on stdin
    python3 -m iaas.backup restore NAME   puts one onto a controller without services; as `check`
    python3 -m iaas.backup settle         brings OVN and Placement in line with what was restored

`last` is the newest NAME, which is the time in UTC. In the folder of backups are
NAME/manifest.json and NAME/PART.age, and images/ID-KEY.age. A backup is whole when its manifest is
there: it is made as .NAME and then renamed.

The databases are read first, in one transaction, then all else: so each image that they name is
there, but for one that was deleted meanwhile, which the manifest says. OVN's northbound database
may be a little newer; a restore brings it in line with Neutron's. Exit status 1 with the reason on
stderr if it was not done; then all earlier backups are still there.
"""

import fcntl
import hmac
import json
import socket
import sys
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from .backup_check import check
from .backup_parts import IMAGE_FILES, PARTS, active_images, ask, chunks, image_file, seal
from .backup_places import IMAGES, MANIFEST, Json, Place, Settings, place_of, settings
from .backup_restore import MARK, restore, settle
from .backup_streams import Chunks, Failed, Sum, drain, encrypted, packed, through

STATUS = Path("/var/lib/iaas/backup.json")
"""How the last run ended, and which backups were read back."""
LOCK = Path("/run/lock/iaas-backups")
SPARE = 256 * 2**20
"""Bytes that stay free beside a backup."""


def stored(place: Place, path: str, chunks: Chunks, recipient: str, *, pack: bool) -> Json:
    """Store a part encrypted; return its sizes and sums, plain and as it is stored (Failed)."""
    plain = Sum()
    passed = plain.of(chunks)
    there = place.write(path, encrypted(packed(passed) if pack else passed, recipient))
    return {"size": there.size, "sha256": there.text, "plain": plain.text, "length": plain.size}


def check_room(place: Place, new: list[str]) -> None:
    """Refuse a backup for which there is no room (Failed)."""
    query = "SELECT COALESCE(SUM(data_length), 0) FROM information_schema.tables"
    size = int(float(ask(query)[0][0])) + sum((IMAGE_FILES / n).stat().st_size for n in new)
    if (free := place.room()) < size + SPARE:
        raise Failed(
            f"{place} has {free >> 20} MiB free; this backup may need {(size + SPARE) >> 20} MiB:"
            " make room there, or keep fewer (backup.keep)"
        )


def make(of: Settings, place: Place) -> Json:
    """Make a backup; return its manifest (Failed)."""
    began = time.time()
    name = f"{datetime.fromtimestamp(began, UTC):%Y%m%d-%H%M%S}"
    place.open()
    # Only a run that was cut off has left some: this one has the lock.
    place.ask(f"mkdir -p {IMAGES} && rm -rf .[0-9]* {IMAGES}/*.new")
    known: Json = {}
    for manifest in place.manifests().values():
        if manifest["recipient"] == of.recipient:
            known |= manifest["images"]
    there = place.images()
    images = {n: known[n] for n in known if image_file(n, of.recipient) in there}
    check_room(
        place, [n for n in active_images() if n not in images and (IMAGE_FILES / n).exists()]
    )
    place.ask('mkdir "$1"', f".{name}")
    parts = {
        part: stored(place, f".{name}/{part}.age", proof(source()), of.recipient, pack=True)
        for part, (source, proof) in PARTS.items()
    }
    wanted = active_images()
    gone = []
    for number in wanted:
        if number in images:
            continue
        file = image_file(number, of.recipient)
        try:
            content = (IMAGE_FILES / number).open("rb")
        except FileNotFoundError:
            gone.append(number)
            continue
        with content:
            images[number] = stored(place, f"{file}.new", chunks(content), of.recipient, pack=False)
        place.ask('mv "$1.new" "$1"', file)
    made: Json = {
        "name": name, "began": began, "ended": time.time(), "host": socket.gethostname(),
        "recipient": of.recipient, "parts": parts, "gone": gone,
        "images": {number: images[number] for number in wanted if number in images},
    }  # fmt: skip
    made["seal"] = seal(made, of.seal)
    place.write(f".{name}/{MANIFEST}", [json.dumps(made).encode()])
    place.ask('mv ".$1" "$1" && sync', name)
    return made


def prune(of: Settings, place: Place) -> list[str]:
    """Delete the oldest backups, and images that none has; return their names (Failed)."""
    manifests = place.manifests()
    old = list(manifests)[: -of.keep]
    for name in old:
        # Without its manifest it is no backup, wherever this is cut off.
        place.ask(f'rm "$1/{MANIFEST}" && rm -r "$1"', name)
    kept = {file for name, one in manifests.items() if name not in old for file in files_of(one)}
    for file in place.images() - kept:
        place.ask('rm "$1"', file)
    return old


def files_of(manifest: Json) -> list[str]:
    """Return where the images of a backup are."""
    return [image_file(number, manifest["recipient"]) for number in manifest["images"]]


def size(manifest: Json) -> int:
    """Return the bytes of a backup, with its images."""
    parts = (*manifest["parts"].values(), *manifest["images"].values())
    return sum(part["size"] for part in parts)


def status() -> Json:
    """Return how the last run ended."""
    try:
        found: Json = json.loads(STATUS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def note(**changed: object) -> None:
    """Keep something of the last run."""
    new = STATUS.with_suffix(".new")
    new.write_text(json.dumps(status() | changed), encoding="utf-8")
    new.replace(STATUS)


def find(place: Place, name: str, key: str) -> Json:
    """Return the manifest of a backup that this cloud has made; `last` is the newest (Failed)."""
    manifests = place.manifests()
    chosen = next(reversed(manifests), "") if name == "last" else name
    if chosen not in manifests:
        raise Failed(
            f"there is no backup {name} in {place}; there are: {', '.join(manifests) or 'none'}"
        )
    manifest = manifests[chosen]
    if not hmac.compare_digest(manifest.get("seal", ""), seal(manifest, key)):
        raise Failed(
            f"the manifest of {chosen} is not signed by this cloud: it was changed, or made with"
            " another secret than the one of the settings"
        )
    return manifest


def timed(of: Settings, place: Place) -> None:
    """Make a backup, and keep for the status how it ended (Failed)."""
    if MARK.exists():
        raise Failed(
            "a restore of this controller has not ended: run `make restore-controller` again"
        )
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another backup is under way") from None
        try:
            made = make(of, place)
            old = prune(of, place)
        except Exception as error:
            # Whatever it was: a person must see it.
            note(failed={"time": time.time(), "reason": " ".join(str(error).split())[:500]})
            raise
    last = {"name": made["name"], "time": made["began"], "size": size(made), "gone": made["gone"]}
    note(last=last, failed=None)
    took = made["ended"] - made["began"]
    print(f"backup {made['name']} in {place}: {size(made) >> 20} MiB, made in {took:.0f} s")
    for name in old:
        print(f"backup {name} is deleted: {of.keep} are kept")
    for number in made["gone"]:
        print(f"image {number} is not in it: it was deleted meanwhile")


def listed(of: Settings, place: Place) -> Json:
    """Return what there is."""
    checked = status().get("checked", {})
    backups = [
        {
            "name": one["name"], "time": one["began"], "size": size(one),
            "images": len(one["images"]), "ours": one.get("seal") == seal(one, of.seal),
            "checked": checked.get(one["name"]),
        }
        for one in place.manifests().values()
    ]  # fmt: skip
    return {"place": str(place), "every": of.every, "backups": backups, **status()}


def send(place: Place, manifest: Json, without: Collection[str]) -> None:
    """Print a backup with its images as a tar."""
    words = (manifest["name"], *(file for file in files_of(manifest) if file not in without))
    for chunk in through(place.command('tar -cf - "$@"', *words)):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def receive(place: Place) -> None:
    """Take a backup from stdin."""
    place.open()
    drain(through(place.command("tar -xf -"), chunks(sys.stdin.buffer)))


def main(command: str, name: str = "last", *without: str) -> None:
    """Run the command of the command line (Failed)."""
    of = settings()
    place = place_of(of)
    if command == "make":
        timed(of, place)
    elif command == "ready":
        place.open()
    elif command == "list":
        place.open()
        print(json.dumps(listed(of, place)))
    elif command == "receive":
        receive(place)
    elif command == "settle":
        settle()
    elif command in ("send", "check", "restore"):
        manifest = find(place, name, of.seal)
        if command == "send":
            send(place, manifest, without)
        elif command == "check":
            check(place, manifest, sys.stdin.readline().strip())
            there = place.manifests()
            checked = {n: t for n, t in status().get("checked", {}).items() if n in there}
            note(checked={**checked, manifest["name"]: time.time()})
        else:
            restore(place, manifest, sys.stdin.readline().strip())
    else:
        raise Failed(f"there is no {command}")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (Failed, OSError) as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
