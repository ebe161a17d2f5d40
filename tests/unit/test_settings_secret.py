"""What the settings promise of the secret: strong, encrypted, and in no message."""

from pathlib import Path

import pytest

from components.settings import load
from tests.unit.configs import (
    GONE,
    Allowed,
    Case,
    Change,
    changed,
    check_refused,
    check_taken,
    each,
    problems,
)
from tests.unit.examples import SECRET, as_pulumi, good_config, private_key

CASES: tuple[Case, ...] = (
    ("no secret", {"secret": GONE}, "secret", "`pulumi config set --secret secret …`"),
    ("empty secret", {"secret": ""}, "secret", "is missing: what every password"),
    ("short secret", {"secret": "hunter2"}, "secret", "shorter than 20 characters; make one with"),
    (
        "secret of twenty equal letters",
        {"secret": "x" * 20},
        "secret",
        "has fewer than 8 different characters; make one with `openssl rand -hex 32`",
    ),
    ("secret of few letters", {"secret": "abcdefg" * 9}, "secret", "fewer than 8 different"),
    ("secret of spaces", {"secret": "x" * 19 + " " * 9}, "secret", "shorter than 20 characters"),
)

ALLOWED: tuple[Allowed, ...] = (("the shortest secret", {"secret": "abcdefgh" + "a" * 12}),)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)


def test_no_secret_is_in_any_message(tmp_path: Path) -> None:
    """Neither the secret nor a text of another encrypted key, wherever else it stands."""
    inner = private_key().splitlines()[1]
    change: Change = {
        "region": f"{SECRET} again",
        "ssh.user": "Hidden Word",
        "ssh.privateKeyFile": private_key(),
        "controller.hostKey": private_key(),
        "servers[0].publicKey": private_key(),
        "servers[0].image": SECRET,
        "servers[1]": {private_key(): 1},
    }
    config = as_pulumi(changed(good_config(tmp_path), change, tmp_path))
    text = "\n".join(problems(config, ("iaas:secret", "iaas:ssh")))
    assert "[secret]" in text
    for hidden in (SECRET, "Hidden Word", inner, "BEGIN OPENSSH"):
        assert hidden not in text


def test_a_secret_is_hidden_whole_wherever_it_comes_from(tmp_path: Path) -> None:
    """One that another holds, too, and one of a list."""
    change: Change = {
        "ssh": {"user": "word", "privateKeyFile": "hidden word"},
        "projects[0].description": "deep",
        "region": "hidden word deep!",
    }
    config = as_pulumi(changed(good_config(tmp_path), change, tmp_path))
    keys = ("iaas:secret", "iaas:ssh", "iaas:projects")
    assert problems(config, keys)[0].startswith("region: '[secret] [secret]!' is not")


@pytest.mark.parametrize("secret", ["short", "in clear but long enough for all"])
def test_a_wrong_secret_is_not_repeated(secret: str, tmp_path: Path) -> None:
    config = good_config(tmp_path) | {"secret": secret}
    lines = problems(as_pulumi(config), ())
    assert any("is stored in clear" in line for line in lines)
    assert all(line.startswith("secret: ") for line in lines)
    assert secret not in "".join(lines).replace("is shorter", "")


def test_an_encrypted_secret_is_taken(tmp_path: Path) -> None:
    assert load(as_pulumi(good_config(tmp_path)), ["iaas:secret"]).secret
