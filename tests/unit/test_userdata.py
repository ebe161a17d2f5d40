"""User data that no server would read is refused, and no message repeats it."""

import base64
import gzip
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.settings import ServerSettings, load
from components.settings.userdata import check, read
from tests.unit.configs import changed, file, problems
from tests.unit.examples import as_pulumi, good_config, public_key

BOUNDARY = 'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n'
PART = "--b\nContent-Type: text/cloud-config\n\n#cloud-config\n--b--\n"
UNKNOWN = "begins with no line that cloud-init knows: #cloud-config above YAML, #!/bin/sh above"


def packed(text: str) -> str:
    """Return the text as Terraform's base64gzip writes it."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


# A promise, user data, and what is said of it.
WRONG: tuple[tuple[str, str, str], ...] = (
    ("nothing", "", "is empty; leave it out"),
    ("empty lines", " \n\n", "is empty; leave it out"),
    ("no first line", "hunter2: a\n", UNKNOWN),
    ("a word", "test", UNKNOWN),
    ("a command", "apt-get install nginx", UNKNOWN),
    ("a comment", "# hunter2\n", UNKNOWN),
    ("a mapping in JSON", '{"hunter2": 1}', UNKNOWN),
    ("a list in JSON", '["ignition"]', UNKNOWN),
    ("base64 of a word", base64.b64encode(b"hunter2").decode(), UNKNOWN),
    ("base64 of broken gzip", base64.b64encode(b"\x1f\x8b\x08hunter2").decode(), UNKNOWN),
    ("no hyphen", "#cloudconfig\na: hunter2\n", "has a first line that is not quite #cloud-config"),
    ("a space after #", "# cloud-config\n", "has a first line that is not quite #cloud-config"),
    ("no #", "cloud-config\n", "has a first line that is not quite #cloud-config"),
    ("a space before", " #cloud-config\n", "begins with a space or an empty line"),
    ("an empty line before", "\n#!/bin/sh\n", "begins with a space or an empty line"),
    (
        "a comment before",
        "# web1\n\n#cloud-config\na: 1\n",
        "has #cloud-config below its first line",
    ),
    ("a byte order mark", "\ufeff#cloud-config\n", "begins with a byte order mark; save it as"),
    (
        "a path",
        "./cloud-init.yaml",
        "is a file's path and not what is in it; a path is for userDat",
    ),
    ("an address", "https://example.org/hunter2.yaml", "is an address; put a line #include above"),
    ("a name of a file", "hunter2.sh", "is a file's path"),
    (
        "an open list",
        "#cloud-config\na: [hunter2\n",
        "is no YAML under #cloud-config: there is a m",
    ),
    (
        "where it is",
        "#cloud-config\na: 1\nhunter2\nb: 2\n",
        "is no YAML under #cloud-config: there",
    ),
    ("a tab", "#cloud-config\na:\n\t- hunter2\n", "is no YAML under #cloud-config: line 3 is ind"),
    (
        "an unknown alias",
        "#cloud-config\na: *hunter2\n",
        "is no YAML under #cloud-config: there is",
    ),
    (
        "an unknown tag",
        "#cloud-config\na: !hunter2 b\n",
        "is no YAML under #cloud-config: there is",
    ),
    (
        "no date",
        "#cloud-config\na: 2024-13-45\n",
        "is no YAML under #cloud-config; look for a wrong tag",
    ),
    (
        "no boolean",
        "#cloud-config\na: !!bool hunter2\n",
        "is no YAML under #cloud-config; look for",
    ),
    (
        "a character",
        "#cloud-config\na: \x07hunter2\n",
        "is no YAML under #cloud-config: there is a",
    ),
    (
        "depth",
        "#cloud-config\n" + "- " * 1000,
        "is no YAML under #cloud-config: it is nested too dee",
    ),
    (
        "two documents",
        "#cloud-config\na: 1\n---\nb: 2\n",
        "is no YAML under #cloud-config: there is",
    ),
    (
        "a list",
        "#cloud-config\n- hunter2\n",
        "has no mapping, such as `packages: [nginx]` under #c",
    ),
    ("a text", "#cloud-config\nhunter2\n", "has no mapping, such as"),
    ("an archive's mapping", "#cloud-config-archive\na: 1\n", "has no list of parts under #cloud-"),
    ("a script of Windows", "#!/bin/bash\r\necho hunter2\r\n", "is a script with carriage returns"),
    ("one line of Windows", "#!/bin/sh\necho a\r\n", "is a script with carriage returns"),
    ("a hook of Windows", "#cloud-boothook\r\n#!/bin/sh\r\n", "is a script with carriage returns"),
    ("a template's script", "## template: jinja\n#!/bin/sh\r\n", "is a script with carriage retur"),
    (
        "a template alone",
        "## template: jinja\nhunter2\n",
        "has no line such as #cloud-config or #!",
    ),
    ("MIME of no version", BOUNDARY.replace("MIME", "X") + PART, "has no line `MIME-Version: 1.0`"),
    (
        "MIME of no parts",
        BOUNDARY + "hunter2",
        "is a MIME message without a line that has its boundary",
    ),
    ("packed", packed("#cloudconfig\n"), "has a first line that is not quite #cloud-config"),
    ("too long", "#!".ljust(49150), "has 49150 bytes, more than the "),
    ("too long in letters", "#!" + "é" * 24574, "has 49150 bytes, more than the "),
    (
        "too long in base64",
        base64.b64encode(b"#!".ljust(49152)).decode(),
        "has 65536 bytes, more than the ",
    ),
)

TAKEN: tuple[tuple[str, str], ...] = (
    ("an empty config", "#cloud-config"),
    ("a config", "#cloud-config\npackages:\n  - nginx\n"),
    ("a config of Windows", "#cloud-config\r\npackages: [nginx]\r\n"),
    ("a config in capitals", "#Cloud-Config\na: 1\n"),
    ("a config with a word behind", "#cloud-config # of web1\na: 1\n"),
    ("tabs in a script in a config", "#cloud-config\nruncmd:\n  - |\n    if a\n    \tb\n"),
    ("a script", "#!/bin/sh\necho\ta\n"),
    ("an archive", "#cloud-config-archive\n- {type: text/cloud-config, content: a}\n"),
    ("a patch", '#cloud-config-jsonp\n[{"op": "add", "path": "/a", "value": 1}]'),
    ("an include", "#include\nhttp://10.0.0.1/a\n"),
    ("an include once", "#include-once http://10.0.0.1/a\n"),
    ("a hook", "#cloud-boothook\n#!/bin/sh\n"),
    ("a handler", "#part-handler\n"),
    ("an older image's job", "#upstart-job\n"),
    ("a template of YAML", "## template: jinja\n#cloud-config\na: {{ b }}\n{% if c %}\n"),
    ("a template of a template", "## template: jinja\n{% if a %}#cloud-config{% endif %}\n"),
    ("a template of a script", "## template: jinja\n#!/bin/sh\n"),
    ("MIME", BOUNDARY + PART),
    (
        "MIME, version first",
        "MIME-Version: 1.0\nContent-Type: text/cloud-config\n\n#cloud-config\n",
    ),
    ("MIME as Python writes it", f"From nobody Mon Jan 1\n{BOUNDARY}{PART}"),
    ("MIME with another head", f"Number-Attachments: 1\n{BOUNDARY}{PART}"),
    ("base64", base64.b64encode("#!/bin/sh\n# é\n".encode()).decode()),
    ("base64 of gzip", packed("#cloud-config\na: 1\n")),
    ("base64 in lines", base64.encodebytes(b"#cloud-config\n" + b"# a\n" * 99).decode()),
    ("Ignition", '{"ignition": {"version": "3.4.0"}}'),
    ("PowerShell", "#ps1_sysnative\r\nGet-Date\r\n"),
    ("batch", "rem cmd\r\ndir\r\n"),
    ("the longest", "#!".ljust(49149)),
    ("the longest in base64", base64.b64encode(b"#!".ljust(49149)).decode()),
)


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_what_no_server_reads_is_refused(text: str, words: str, tmp_path: Path) -> None:
    """Whether it stands in the settings or in a file."""
    path = Path(file(text)(tmp_path))
    with pytest.raises(ValueError, match=f"^{re.escape(words)}") as error:
        check(text)
    assert "hunter2" not in str(error.value), "it may be a secret"
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        read(path)


@pytest.mark.parametrize("text", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_what_a_server_reads_is_taken_as_it_is(text: str, tmp_path: Path) -> None:
    assert check(text) == text
    assert read(Path(file(text)(tmp_path))) == text


def test_a_mistake_in_user_data_is_named_at_its_place(here: Path) -> None:
    change: dict[str, object] = {
        "servers[0].userData": "hunter2",
        "servers[1].userDataFile": file("hunter2", "data"),
    }
    lines = problems(as_pulumi(changed(good_config(here), change, here)))
    assert lines[0].startswith(f"servers[0].userData: {UNKNOWN}")
    assert lines[1].startswith(f"servers[1].userDataFile: 'data' {UNKNOWN}")
    assert "hunter2" not in "".join(lines)


def test_a_server_has_it_from_config_or_file(tmp_path: Path) -> None:
    change: dict[str, object] = {"servers[1].userDataFile": file("#!/bin/sh\n", "data")}
    settings = load(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert [server.user_data_text for server in settings.servers] == [
        "#cloud-config\n",
        "#!/bin/sh\n",
    ]


def test_the_line_of_a_mistake_is_said() -> None:
    with pytest.raises(ValueError, match=r"there is a mistake at line 4$"):
        check("#cloud-config\na: 1\nb: 2\n- c\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe#\0!\0", "is no text in UTF-8; save it as such"),
        (
            gzip.compress(b"#!/bin/sh\n", mtime=0),
            "is compressed by gzip; give what is in it (`gunzip`)",
        ),
        (b"#!".ljust(65536), "has 65536 bytes, more than the 49149 that Nova takes"),
        (None, "is not there, in "),
    ],
)
def test_a_file_that_is_no_user_data_is_refused(
    content: bytes | None, words: str, here: Path
) -> None:
    change: dict[str, object] = {
        "servers[1].userDataFile": "none" if content is None else file(content, "data")
    }
    (said,) = problems(as_pulumi(changed(good_config(here), change, here)))
    assert said.startswith("servers[1].userDataFile: '")
    assert f"' {words}" in said


def test_user_data_stands_in_one_place(tmp_path: Path) -> None:
    change: dict[str, object] = {"servers[0].userDataFile": file("#cloud-config\n")}
    (said,) = problems(as_pulumi(changed(good_config(tmp_path), change, tmp_path)))
    assert said == (
        "servers[0].userDataFile: is given together with userData; leave one of them out"
    )


def test_a_users_own_program_does_not_repeat_it_either() -> None:
    server = {"name": "a", "project": "b", "image": "c", "flavor": "d", "network": "e"}
    with pytest.raises(ValidationError) as caught:
        ServerSettings.model_validate(
            server | {"publicKey": public_key("web2"), "userData": "hunter2"}
        )
    assert "hunter2" not in str(caught.value)
