"""With the word in the settings, `pulumi destroy` leaves nodes as they came.

It is the last test of a lab, as it ends its cloud.
"""

import re
from typing import Any

import pytest

from components import steps
from tests.lab.conftest import NODES, Beginning, MakeStack, changes, done, here, on, run, up

BY_HAND = (
    "touch /etc/by-hand /etc/logrotate.d/by-hand; useradd --system --no-create-home by-hand;"
    " nft add table inet by-hand; echo '10.9.9.9 by-hand' >>/etc/hosts;"
    " apt-get -q -y --no-install-recommends install tree >/dev/null"
)
OF_HANDS = re.compile(r"by-hand|\btree\b")
NOT_COMPARED = re.compile(
    # What dpkg, apt, ldconfig and systemd write for themselves.
    r"^file /(var/lib/(dpkg|apt|systemd|ucf|misc|pam|debconf|sgml-base|xml-core)(/|$)"
    r"|var/log/(apt/|dpkg\.log|alternatives\.log|journal(/|$)|lastlog|wtmp|btmp)"
    r"|etc/(ld\.so\.cache|\.pwd\.lock|(passwd|group|shadow|gshadow|subuid|subgid)-?|\.updated)$)"
)


def test_nodes_are_as_they_came_and_what_others_have_made_stays(
    beginning: Beginning, stack: MakeStack
) -> None:
    def cleaned(config: dict[str, Any]) -> None:
        config["iaas:onRemoval"] = "clean"
        config["iaas:allowDeletion"] = {"controller": True}

    done(up())
    settings = stack(cleaned)
    # The word alone asks no node for anything.
    assert set(changes(settings).values()) == {"update"}
    assert {name.split("-")[-1] for name in changes(settings)} == {"clean"}
    done(up(settings))
    for node in NODES:
        on(node, BY_HAND)
    words = ("--yes", "--skip-preview", "--non-interactive", "--run-program")
    done(run("pulumi", "destroy", *words, stack=settings))
    differences: list[str] = []
    for node in NODES:
        bare, now = beginning.bare[node], here(node)
        for mark, lines in (("-", bare - now), ("+", now - bare)):
            differences += [
                f"{node}: {mark} {line}"
                for line in sorted(lines)
                if not NOT_COMPARED.search(line) and not OF_HANDS.search(line)
            ]
    print("\n".join(differences))
    for node in NODES:
        found = "\n".join(here(node))
        for one in ("package tree", "/etc/by-hand", "10.9.9.9 by-hand", "table inet by-hand"):
            assert one in found, f"{node}: {one}"
    assert differences == []


@pytest.mark.usefixtures("beginning")
def test_a_clean_node_says_that_there_is_nothing_to_do() -> None:
    """The script of the last run once more, as if Pulumi had not learned that it ended."""
    exports = steps.exports(dict.fromkeys(steps.CLEAN.reads, "none"))
    text = exports + steps.text(f"lib/{steps.BEFORE}") + steps.text(steps.CLEAN.source)
    for node in NODES:
        assert "nothing of the cloud is on" in on(node, text)
