"""How the status is shown: the same as text, JSON and HTML, however large the cloud is."""

import json
import re
from html.parser import HTMLParser

import pytest

from tests.unit.readings import (
    GIB,
    NOW,
    PASSWORD,
    Json,
    cloud,
    disk,
    names,
    reported,
    seen,
    server,
    stack,
)
from tools.status import page, text
from tools.status.__main__ import as_json
from tools.status.table import ROWS, Table

SILENT: Json = {"unreached": {"cause": "silent", "said": "Connection timed out"}}
EVIL = "<script>alert(1)</script>"


def table(title: str, **of: object) -> Table:
    """Return a table of a cloud with these changes."""
    shown = reported(seen(**of))  # type: ignore[arg-type]
    return next(one for one in shown.tables if one.title == title)


def large() -> Json:
    """Return a cloud of 100 nodes and 1,000 servers, in which not all is well."""
    there = names(99)
    servers = [
        server(n, there[n % 90], **({"status": "ERROR"} if n % 4 else {})) for n in range(1000)
    ]
    changed = {name: SILENT for name in there[90:]} | {there[0]: {"disks": [disk(95)]}}
    return {"computes": 99, "changed": changed, "answers": {**cloud(99), "servers": servers}}


def test_what_is_wrong_comes_before_the_tables() -> None:
    shown = text.write(reported(seen(changed={"c1": SILENT})))
    head, blank, first, command, *_ = shown.splitlines()
    assert head == (
        "The cloud of controller (10.0.0.10), 2026-09-21 14:13 UTC, 2 of 3 nodes reached:"
        " needs you, 1 broken"
    )
    assert blank == ""
    assert first.startswith("broken  c1: does not answer at 10.0.0.20: Connection timed out;")
    assert command == "        ping -c 3 10.0.0.20"
    assert shown.index("broken ") < shown.index("\nNodes\n")


def test_a_healthy_cloud_says_so() -> None:
    shown = text.write(reported(seen()))
    assert "nothing needs you" in shown.splitlines()[0]
    assert "What needs" not in page.write(reported(seen()))


def test_a_large_cloud_is_shown_on_a_bounded_number_of_lines() -> None:
    shown = reported(seen(**large()), stack(99))
    lines = text.write(shown).splitlines()
    assert len(lines) < 150
    assert "broken  and 745 more like this" in lines
    assert any(line.startswith("broken  and 4 more like this, on c96, c97") for line in lines)
    assert max(len(one.rows) for one in shown.tables) <= ROWS
    nodes, computes = shown.tables[:2]
    assert [row[0] for row in nodes.rows] == ["c1", *names(99)[90:]]
    assert nodes.note == (
        "90 more nodes without findings; disks at most 40 % full; memory left at least 8192 MiB;"
        " load at most 0.1 for each CPU"
    )
    assert computes.note.startswith("89 more computes without findings: 244 ACTIVE, 744 ERROR; ")
    assert computes.note.endswith(
        "vCPUs 89 of 1424, memory 89.0 GiB of 1424.0 GiB, disk 890 GiB of 8900 GiB"
    )
    assert len(json.loads(as_json(shown))["findings"]) == 9 + 750 + 1


def test_all_nodes_of_a_small_cloud_are_shown() -> None:
    assert [row[0] for row in table("Nodes", computes=ROWS - 1).rows] == [
        "controller", *names(ROWS - 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "of", "row"),
    [
        ("Nodes", {}, ("c1", "ok", "2026-09-20 14:13", "/ 40 %", "8192 MiB of 16 GiB",
                       "0.5 on 4 CPUs", "+1.0 ms", "0 security, 0 in all (lists 60 min old)")),
        ("Nodes", {"changed": {"c1": SILENT}}, ("c1", "broken", "silent", "", "", "", "", "")),
        ("Nodes", {"changed": {"c1": {"disks": None, "unread": {"disks": "x"}}}},
         ("c1", "soon", "2026-09-20 14:13", "?", "8192 MiB of 16 GiB", "0.5 on 4 CPUs", "+1.0 ms",
          "0 security, 0 in all (lists 60 min old)")),
        ("Computes", {}, ("c1", "ok", "1 ACTIVE", "1 of 16", "1.0 GiB of 16.0 GiB",
                          "10 GiB of 100 GiB")),
        ("Computes", {"answers": {"room": None, "unanswered": {"placement": "no"}}},
         ("c1", "ok", "1 ACTIVE", "?", "?", "?")),
        ("Computes", {"answers": {"servers": None, "unanswered": {"nova": "no"}}},
         ("c1", "ok", "?", "1 of 16", "1.0 GiB of 16.0 GiB", "10 GiB of 100 GiB")),
        ("Computes", {"answers": {"room": [
            {"compute": "c1", "capacity": {}, "used": {}}, cloud()["room"][1]]}},
         ("c1", "ok", "1 ACTIVE", "none left", "none left", "none left")),
        ("Services and agents", {}, ("nova-compute", "Nova", "2", "", "")),
        ("Services and agents", {"changed": {"c2": {"units": {"failed": [], "services": {}}}}},
         ("what a compute needs", "systemd", "11",
          "chrony of c2, iaas-firewall of c2, iaas-provider-nic of c2, openvswitch-switch of c2,"
          " ovs-vswitchd of c2 and 6 more", "")),
        ("Servers", {}, ("ACTIVE", "2", "web 2")),
        ("Servers", {"answers": {"servers": [server(1, task="deleting")]}},
         ("ACTIVE, deleting", "1", "web 1")),
        ("Steps", {}, ("compute: pre-host", "2", "2026-09-21 12:13", "", "")),
        ("Steps", {"changed": {"c1": {"steps": {}}}},
         ("compute: pre-host", "1", "2026-09-21 12:13", "", "")),
        ("Queues", {"changed": {"controller": {"queues": {
            "q-plugin": {"messages": 7, "consumers": 1}}}}}, ("q-plugin", "7", "1")),
    ],
)  # fmt: skip
def test_a_row_of_each_table(title: str, of: Json, row: tuple[str, ...]) -> None:
    assert row in table(title, **of).rows


def test_a_compute_that_is_disabled_is_marked_and_needs_nobody() -> None:
    services = [*cloud()["services"]]
    services[2] = {**services[2], "enabled": False, "disabled_reason": "new disks"}
    shown = reported(seen(answers={"services": services}))
    assert shown.findings == ()
    assert shown.tables[1].rows[0][:2] == ("c1", "ok, disabled")


def test_images_are_told_with_the_room_that_is_left_for_them() -> None:
    store = {**disk(40), "folders": ["/var/lib/glance/images"]}
    note = table("Images", changed={"controller": {"disks": [disk(), store]}}).note
    assert note == "images: 2 active; 3072 MiB; 60 GiB are free on controller, where they are"


def test_a_cloud_without_servers_is_shown() -> None:
    assert table("Servers", answers={"servers": []}).note == "there is no server"


def test_without_an_api_the_nodes_are_shown_and_the_reason() -> None:
    none = dict.fromkeys(("services", "hypervisors", "agents", "servers", "room", "images"))
    shown = reported(seen(answers={**none, "unanswered": {"keystone": "no connection: refused"}}))
    assert [finding.rule for finding in shown.findings] == ["api"]
    titles = [one.title for one in shown.tables]
    assert titles == [
        "Nodes", "Services and agents", "Steps", "Queues", "Backups",
        "Services that gave no lists",
    ]  # fmt: skip
    assert shown.tables[-1].note == "Keystone: no connection: refused"


def test_without_any_node_the_cloud_is_shown() -> None:
    every = ("controller", "c1", "c2")
    shown = reported(seen(changed=dict.fromkeys(every, SILENT)))
    assert {finding.rule for finding in shown.findings} == {"node-silent"}
    assert "3 of 3" not in shown.title and "0 of 3 nodes reached" in shown.title
    titles = [one.title for one in shown.tables]
    assert "Servers" in titles and "Steps" not in titles


def test_json_has_all_that_was_found_and_judged() -> None:
    found = json.loads(as_json(reported(seen(changed={"c1": {"disks": [disk(95)]}}))))
    assert found.keys() == {"needs_a_person", "findings", "stack", "time", "nodes", "cloud"}
    assert (found["needs_a_person"], found["time"]) == (True, NOW)
    (finding,) = found["findings"]
    assert finding.keys() == {"severity", "rule", "where", "message", "commands"}
    assert (finding["rule"], finding["where"]) == ("disk", "c1")
    assert [node["name"] for node in found["nodes"]] == ["controller", "c1", "c2"]
    assert found["nodes"][1]["reading"]["disks"][0]["size"] == 100 * GIB
    assert found["cloud"].keys() == {*cloud()}


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; it asks for nothing."""
        self.tags.append(tag)
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Find tags that are not closed."""
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    tags = Tags()
    written = page.write(reported(seen(**large()), stack(99)))
    tags.feed(written)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe"} & {*tags.tags}
    assert "url(" not in written and "@import" not in written
    assert '<td class="broken">broken</td>' in written


def test_what_people_have_named_is_escaped_on_the_page() -> None:
    servers = [server(1, name=EVIL, project=EVIL, status="ERROR", fault=EVIL)]
    written = page.write(reported(seen(answers={"servers": servers})))
    assert EVIL not in written
    assert written.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 4


def test_a_name_can_not_command_the_terminal() -> None:
    servers = [server(1, name="web\x1b[2J\u202e", status="ERROR")]
    shown = text.write(reported(seen(answers={"servers": servers})))
    assert "server web?[2J? of project" in shown


def test_no_password_is_shown() -> None:
    shown = reported(seen(**large()), stack(99))
    assert PASSWORD not in text.write(shown) + page.write(shown) + as_json(shown)


def test_the_page_and_the_text_have_the_same_findings_and_tables() -> None:
    shown = reported(seen(changed={"c1": SILENT}))
    cells = re.sub(r"<[^>]+>", "\n", page.write(shown))
    for finding in shown.findings:
        assert finding.message in cells and finding.message in text.write(shown)
    for one in shown.tables:
        assert one.title in cells and one.title in text.write(shown)
