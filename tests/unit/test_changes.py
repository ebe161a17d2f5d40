"""What the table of changes promises of itself: it has a row for everything, and rows that go."""

import contextlib
from collections import Counter
from pathlib import Path

import pytest

from components import settings
from components.settings import Settings, TenantSettings, TenantStackSettings, load
from components.settings.base import Base
from tests.changes.base import STORE, base, stand_ins, with_host_keys
from tests.changes.kinds import LIST, OPTIONAL, Kind, reached, visible
from tests.changes.packs import SHARE, change_of, chosen, disturb, stages
from tests.changes.row import SERVERS, Row
from tests.changes.table import EXEMPT, TABLE
from tests.unit.configs import GONE, changed
from tests.unit.examples import SECRET, as_pulumi

SEEN = {(key, kind) for row in TABLE for key, kind in row.sees()}
CAN_BE_SEEN = {(key, kind) for key, kinds in visible().items() for kind in kinds}


def test_each_key_has_a_row_for_each_kind_of_change_that_it_can_see() -> None:
    assert {*CAN_BE_SEEN} <= SEEN | EXEMPT.keys()


KINDS: dict[str, tuple[Kind, ...]] = {
    "region": (Kind.CHANGED,),
    "ssh": (),
    "ssh.privateKeyFile": OPTIONAL,
    "controller.name": (Kind.RENAMED,),
    "controller.host": (Kind.CHANGED,),
    "computes": LIST,
    "computes[].name": (Kind.RENAMED, Kind.SWAPPED),
    "computes[].host": (Kind.CHANGED, Kind.SWAPPED),
    "computes[].checkHostKey": (Kind.GIVEN, Kind.TAKEN_OUT),
    "projects[].quota": (Kind.GIVEN, Kind.TAKEN_OUT),
    "projects[].quota.ram": (Kind.CHANGED,),
    "networks[].project": (Kind.GIVEN, Kind.MOVED, Kind.TAKEN_OUT),
    "servers[].project": (Kind.MOVED,),
    "servers[].address": (*OPTIONAL, Kind.SWAPPED),
    "servers[].networks": LIST,
    "servers[].networks[].network": (Kind.CHANGED,),
    "servers[].networks[].address": (*OPTIONAL, Kind.SWAPPED),
    "servers[].networks[].allowedAddresses": LIST,
    "servers[].networks[].portSecurity": (Kind.GIVEN, Kind.TAKEN_OUT),
    "servers[].ingress[].cidr": OPTIONAL,
    "servers[].ingress[].ports": LIST,
    "servers[].ingress[].from": (Kind.GIVEN, Kind.TAKEN_OUT),
    "servers[].egress": (Kind.GIVEN, Kind.TAKEN_OUT, *LIST),
    "servers[].egress[].to.group": (Kind.CHANGED,),
    "securityGroups[].name": (Kind.RENAMED, Kind.SWAPPED),
    "securityGroups[].project": (Kind.MOVED,),
    "rules.openPorts": (Kind.GIVEN, Kind.TAKEN_OUT, *LIST),
}


@pytest.mark.parametrize("key", KINDS)
def test_the_kinds_of_a_key_come_from_its_model(key: str) -> None:
    assert visible()[key] == KINDS[key]


def test_rows_and_exemptions_are_of_keys_and_kinds_that_exist() -> None:
    assert SEEN | EXEMPT.keys() <= CAN_BE_SEEN
    assert EXEMPT.keys() & SEEN == set()


def test_the_keys_are_those_of_all_models() -> None:
    every = [getattr(settings, name) for name in settings.__all__]
    all_models = {m for m in every if isinstance(m, type) and issubclass(m, Base)}
    # The keys of a tenant's file are those of the stack's, a tenant's stack has no settings.
    assert all_models - reached(Settings) == {TenantSettings, TenantStackSettings}


def test_no_two_rows_have_one_name() -> None:
    assert [name for name, count in Counter(r.name for r in TABLE).items() if count > 1] == []


def test_a_row_says_what_is_refused_or_what_is_done_and_not_both() -> None:
    for row in TABLE:
        assert not (row.refused and (row.says or row.then or row.lost or row.down)), row.name
        assert {*row.lost, *row.down} <= set(SERVERS), row.name
        assert not {*row.lost} & {*row.down}, row.name


def test_a_row_that_is_applied_says_what_is_then_true_of_the_cloud() -> None:
    only_said = {"ssh", "controller", "computes", "rules"}
    silent = [
        row.name
        for row in TABLE
        if row.says
        and not row.then
        and not row.unseen
        and row.key.split(".")[0] not in only_said
        and not row.key.startswith("computes[]")
    ]
    assert silent == []


def row(*places: str, gone: bool = False, **more: object) -> Row:
    values: dict[str, object] = {"says": ("x",), **more}
    change = dict.fromkeys(places, GONE if gone else 1)
    return Row("x", Kind.CHANGED, change, **values)  # type: ignore[arg-type]


TOGETHER: dict[str, tuple[Row, Row, bool]] = {
    "other keys": (row("a"), row("b"), True),
    "one key": (row("a"), row("a"), False),
    "a key in the other's": (row("a"), row("a.b"), False),
    "other entries": (row("servers[0].address"), row("servers[1].address"), True),
    "other keys of an entry": (row("servers[0].address"), row("servers[0].image"), False),
    "an entry, and one that is gone": (row("images[0].file"), row("images[1]", gone=True), False),
    "a server that is lost": (row("servers[0].address"), row("b", lost=("web1",)), False),
    "a server that is down": (row("servers[0].address"), row("b", down=("web1",)), False),
    "another server": (row("servers[0].address"), row("b", lost=("web2",)), True),
    "a refusal": (row("a"), row("b", refused="no", says=()), False),
    "nothing to do": (row("a"), row("b", says=()), False),
    "one that is not done yet": (row("a"), row("b", pending="so"), False),
    "one that fails when it is done": (row("a"), row("b", faulty="so"), False),
    "one that wants to be alone": (row("a"), row("b", apart=True), False),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_rows_share_an_up_only_where_they_do_not_disturb_each_other(case: str) -> None:
    one, other, together = TOGETHER[case]
    assert disturb(one, other) != together
    assert disturb(other, one) != together


def test_all_rows_are_in_the_packs_once_and_each_has_what_comes_before_it() -> None:
    found = stages(TABLE)
    packs = [pack for stage in found for pack in stage.packs]
    assert Counter(row.name for pack in packs for row in pack) == Counter(r.name for r in TABLE)
    for pack in packs:
        assert len(change_of(pack)) == sum(len(row.change) for row in pack)
    for stage in found:
        for each in (row for pack in stage.packs for row in pack):
            assert each.before.items() <= stage.before.items()


def test_settings_that_are_not_refused_have_no_problem(tmp_path: Path) -> None:
    files = stand_ins(tmp_path / STORE)
    whole = with_host_keys(base(), files) | {"secret": SECRET}
    with contextlib.chdir(tmp_path):
        for stage in stages(TABLE):
            before = changed(whole, stage.before, files)
            load(as_pulumi(before))
            for pack in stage.packs:
                if not pack[0].refused:
                    load(as_pulumi(changed(before, change_of(pack), files)))


def test_a_stage_changes_nothing_before_that_one_of_its_rows_changes() -> None:
    one, other = row("a.b", before={"c": 1}), row("d", before={"a": 2})
    assert len(stages([one, other])) == 2
    assert len(stages([one, row("d", before={"c": 1, "e": 2})])) == 1
    assert len(stages([one, row("d", before={"c": 2})])) == 2
    assert len(stages([one, row("d")])) == 2, "what needs nothing before runs on the base"


def test_a_commit_draws_the_dangerous_rows_and_a_share_that_changes() -> None:
    dangerous = {row.name for row in TABLE if row.danger}
    draws = [{row.name for row in chosen(TABLE, str(i))} for i in range(8 * SHARE)]
    assert all(dangerous < drawn < {row.name for row in TABLE} for drawn in draws)
    assert chosen(TABLE, "0") == chosen(TABLE, "0")
    assert set.union(*draws) == {row.name for row in TABLE}


def test_the_base_has_what_the_rows_speak_of() -> None:
    config = base()
    names = {section: [entry["name"] for entry in config[section]] for section in SECTIONS}
    assert names == SECTIONS
    found = [
        (s["name"], s["project"], s["flavor"], s["network"], s["address"])
        for s in config["servers"]
    ]
    assert found == [
        ("web1", "web", "tiny", "front", "10.101.0.11"),
        ("db1", "db", "small", "data", "10.150.0.11"),
        ("web2", "web", "tiny", "front", "10.101.0.12"),
    ]


SECTIONS = {
    "computes": ["compute", "compute2"],
    "projects": ["web", "db", "app"],
    "images": ["guest", "other"],
    "networks": ["front", "data", "spare"],
    "flavors": ["tiny", "small", "own"],
    "servers": list(SERVERS),
}
