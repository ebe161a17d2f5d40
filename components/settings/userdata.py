"""User data: whether the server's cloud-init will read it. No message repeats it: it may be secret.

The rules are those of cloud-init's `user_data` and `handlers`, of Ignition, and of Windows'
cloudbase-init.
"""

import base64
import json
import re
import zlib
from email import message_from_string
from functools import cache
from pathlib import Path

import yaml

LIMIT = 49149
"""Bytes that fit into Nova's 65535 characters of base64."""

LIMIT_BASE64 = 65535

CONFIG, ARCHIVE = "#cloud-config", "#cloud-config-archive"
JINJA, MIME = "## template: jinja", "mime-version:"
SCRIPTS = ("#!", "#cloud-boothook", "#part-handler", "#upstart-job")
WINDOWS = ("#ps1", "rem cmd", "<powershell>", "<script>")

BEGINNINGS = (
    *SCRIPTS,
    ARCHIVE,
    "#cloud-config-jsonp",
    CONFIG,
    "#include",
    JINJA,
    "content-type:",
    MIME,
    *WINDOWS,
)
"""Starts of the first line; case is ignored."""

UNKNOWN: tuple[tuple[str, str], ...] = (
    ("\ufeff", "begins with a byte order mark; save it as UTF-8 without one"),
    (r"\s", "begins with a space or an empty line; its first line must be in the first column"),
    (r"https?://\S+\s*$", "is an address; put a line #include above it"),
    (
        r"[^\s<>]*(/[^\s<>]*|\.(ya?ml|sh|txt|cfg|conf|ps1|ign|json|j2))\s*$",
        "is a file's path and not what is in it; a path is for userDataFile",
    ),
    (r"#?\s*cloud[ _-]?config", f"has a first line that is not quite {CONFIG}; write just that"),
    (rf"(.*\n){CONFIG}\s", f"has {CONFIG} below its first line; cloud-init reads it only there"),
    (
        "",
        f"begins with no line that cloud-init knows: {CONFIG} above YAML,"
        " #!/bin/sh above a script, or another in its documentation",
    ),
)
"""Starts of texts that nothing reads (case is ignored), and the message."""

SHAPES = {CONFIG: (dict, "mapping, such as `packages: [nginx]`"), ARCHIVE: (list, "list of parts")}
"""Kinds that are YAML, and the type of their content."""

BROKEN_YAML = (
    yaml.YAMLError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What PyYAML raises; all but the first for a wrong tag or number."""


def _plain(text: str) -> str:
    """Return the text that is encoded in base64 (and perhaps gzip), or the text itself.

    Terraform's provider sends base64 unchanged, and cloud-init unpacks gzip.
    """
    try:
        content = base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
        if content.startswith(b"\x1f\x8b"):
            content = zlib.decompressobj(wbits=31).decompress(content, 64 * LIMIT)
        return content.decode()
    except (ValueError, zlib.error):
        return text


def _check_yaml(text: str, kind: str) -> None:
    shape, words = SHAPES[kind]
    try:
        content = yaml.safe_load(text)
    except BROKEN_YAML as error:
        mark = getattr(error, "problem_mark", None)
        position = getattr(error, "position", None)  # of a character that YAML doesn't have
        line = text.count("\n", 0, position) if isinstance(position, int) else None
        line = mark.line if isinstance(mark, yaml.Mark) else line
        what = f"is no YAML under {kind}"
        if isinstance(error, RecursionError):
            raise ValueError(f"{what}: it is nested too deeply") from None
        if line is None:
            raise ValueError(f"{what}; look for a wrong tag (!) or date") from None
        near = text.splitlines()[max(0, line - 1) : line + 1]
        if any("\t" in each[: len(each) - len(each.lstrip())] for each in near):
            raise ValueError(f"{what}: line {line + 1} is indented by a tab; use spaces") from None
        raise ValueError(f"{what}: there is a mistake at line {line + 1}") from None
    if content is not None and not isinstance(content, shape):
        raise ValueError(f"has no {words} under {kind}")


def _check_mime(text: str) -> None:
    if MIME not in text[:4096].lower():
        raise ValueError("has no line `MIME-Version: 1.0`, so cloud-init finds no part in it")
    message = message_from_string(text)
    if message.get_content_maintype() == "multipart" and not message.is_multipart():
        raise ValueError("is a MIME message without a line that has its boundary; create it again")


def _ignition(text: str) -> bool:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "ignition" in content


def _kind(text: str) -> str | None:
    words = text.lower()
    kind = next((begin for begin in BEGINNINGS if words.startswith(begin)), None)
    if kind is None and re.match(r"[\w-]+:|from ", words) and MIME in words[:4096]:
        return MIME
    return kind


@cache
def _check(text: str) -> None:
    """Find the program that reads it, and check for that program (ValueError)."""
    kind = _kind(text)
    if kind is None and not _ignition(text):
        flags = re.DOTALL | re.IGNORECASE
        raise ValueError(next(what for begin, what in UNKNOWN if re.match(begin, text, flags)))
    if kind in SHAPES:
        _check_yaml(text, kind)
    if kind in ("content-type:", MIME):
        _check_mime(text)
    if kind == JINJA:
        rest = text.partition("\n")[2]
        kind = _kind(rest)
        if kind is None and not rest.lstrip().startswith("{"):  # otherwise only the template knows
            raise ValueError(f"has no line such as {CONFIG} or #!/bin/sh below its first line")
    if kind in SCRIPTS and "\r" in text:
        what = "is a script with carriage returns, the line ends of Windows, which does not start"
        raise ValueError(f"{what}; save it with those of Unix (`dos2unix`)")


def check(text: str) -> str:
    """Return user data that a server will read; ValueError says what is wrong with it."""
    if not text.strip():
        raise ValueError("is empty; leave it out")
    plain = _plain(text)
    size, limit = (len(text.encode()), LIMIT) if plain is text else (len(text), LIMIT_BASE64)
    if size > limit:
        raise ValueError(f"has {size} bytes, more than the {limit} that Nova takes")
    _check(plain)
    return text


def read(path: Path) -> str:
    """Return the user data in a file (OSError; ValueError says what is wrong with it)."""
    size = path.stat().st_size
    if size > LIMIT_BASE64:
        raise ValueError(f"has {size} bytes, more than the {LIMIT} that Nova takes")
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        raise ValueError("is compressed by gzip; give what is in it (`gunzip`)")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError("is no text in UTF-8; save it as such") from None
    return check(text)
