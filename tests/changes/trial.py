"""Rows that are really applied on the lab, and what is then not as they say."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from keystoneauth1.exceptions import ClientException

from pull_requests.cli import OPTIONS, parse_preview
from tests.changes.compare import contradictions
from tests.changes.facts import identity
from tests.changes.lab import (
    FOLDER,
    MARK,
    PAUSE,
    Lab,
    Server,
    Settings,
    UpError,
    move,
    resume,
    run,
    servers_of,
    unsettled,
    up,
    watched,
    whole,
    write,
)
from tests.changes.packs import Stage, change_of, stages
from tests.changes.row import Row
from tests.changes.table import TABLE
from tests.logins import PATIENCE
from tests.unit.configs import Change, changed
from wording import WORDS


@dataclass
class Trial:
    """Rows that share an `up`, and for each what was not as it says."""

    stage: Stage
    pack: Sequence[Row]
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wrong = {row.name: [] for row in self.pack}

    def all_rows(self, problems: Iterable[str]) -> None:
        """Note problems that cannot be assigned to one row of the pack."""
        for problem in problems:
            for found in self.wrong.values():
                found.append(problem)

    @property
    def settings(self) -> Settings:
        """The settings before it."""
        return changed(whole(), self.stage.before, FOLDER)

    @property
    def stopped(self) -> set[str]:
        """The servers that do not stay, or not all the time."""
        return {name for row in self.pack for name in row.stopped}

    def apply(self, lab: Lab) -> None:
        """Apply the change and undo it (UpError: the lab is somewhere in between)."""
        before = self.settings
        after = changed(before, change_of(self.pack), FOLDER)
        servers = servers_of(lab, before)
        lab.remember(self.pack, servers)
        token = secrets.token_hex(8)
        for server in servers.values():
            there = answers(lab, server)
            if not there or not marked(server, token):
                self.all_rows([f"{server.name} does not answer before the change"])
        stay = [server for name, server in servers.items() if name not in self.stopped]
        with watched(stay) as silent:
            write(after)
            preview = parse_preview(run("pulumi", "preview", *OPTIONS), WORDS)
            for row in self.pack:
                self.wrong[row.name] += contradictions(row, self.pack, preview)
            if any(row.refused for row in self.pack):
                self._refused()
            else:
                up(after)
        self.all_rows(f"{name} did not answer all the time" for name in sorted(silent))
        lost = {name for row in self.pack for name in row.lost}
        stays = servers.keys() - lost
        refused = any(row.refused for row in self.pack)
        restored = {name for row in self.pack for name in row.restored}
        settled = before if refused else after
        self.all_rows(not_kept(lab, settled, stays - restored, token))
        self.all_rows(not_restored(lab, settled, restored, token))
        for name in restored:  # it must be there after the way back
            if not marked(servers[name], token):
                self.all_rows([f"{name} does not answer after it was restored"])
        self.all_rows(not_replaced(lab, after, lost))
        for row in self.pack:
            for fact in row.then:
                self.wrong[row.name] += fact.wrong(lab)
        if any(row.refused for row in self.pack):
            write(before)
        self.all_rows(unsettled())
        stays -= self._back(lab, before)
        self.all_rows(f"on the way back: {what}" for what in not_kept(lab, before, stays, token))

    def _refused(self) -> None:
        """Run `up`, which must fail."""
        tried = run("pulumi", "up", "--yes", "--non-interactive")
        if not tried.returncode:
            self.all_rows(["`up` succeeds, though the row says that it is refused"])

    def _back(self, lab: Lab, before: Settings) -> set[str]:
        """Undo the change, and return the servers that are made anew for it."""
        words: Change = {where: value for row in self.pack for where, value in row.back.items()}
        anew: set[str] = set()
        if words:
            between = changed(before, words, FOLDER)
            anew = servers_of(lab, before).keys() - servers_of(lab, between).keys()
            up(between)
        up(before)
        preview = parse_preview(run("pulumi", "preview", *OPTIONS), WORDS)
        if preview.changed or preview.errors:
            left = [f"{resource.op} {resource.name}" for resource in preview.changed]
            self.all_rows([f"the way back leaves changes: {[*preview.errors, *left]}"])
        return anew


def answers(lab: Lab, server: Server) -> bool:
    """Return whether a server answers; it is restarted once, as it may not know its address yet."""
    if server.ping(PAUSE):
        return True
    lab.reboot(identity(lab, "server", server.name))
    return server.ping(PATIENCE)


def marked(server: Server, token: str) -> bool:
    """Write a token on a server's disk; return whether it could be done."""
    return server.shell(f"echo {token} >{MARK}; sync").returncode == 0


def not_kept(lab: Lab, settings: Settings, names: Iterable[str], token: str) -> Iterator[str]:
    """Yield which servers have not kept their identity and their disk."""
    servers = servers_of(lab, settings)
    for name in sorted(names):
        found = identity(lab, "server", name)
        if name not in servers or found != lab.before["server", name]:
            yield f"server {name} is another one than before the change"
            continue
        server = servers[name]
        if not answers(lab, server):
            yield f"server {name} does not answer"
            continue
        told = server.shell(f"cat {MARK}")
        if told.returncode:
            yield f"server {name} does not show its disk: {told.stdout}{told.stderr}"
        elif told.stdout.strip() != token:
            yield f"server {name} has lost its disk"


def not_restored(lab: Lab, settings: Settings, names: Iterable[str], token: str) -> Iterator[str]:
    """Yield which servers have not kept their identity, or have still what was written last."""
    servers = servers_of(lab, settings)
    for name in sorted(names):
        if identity(lab, "server", name) != lab.before["server", name]:
            yield f"server {name} is another one than before the change"
        elif not answers(lab, servers[name]):
            yield f"server {name} does not answer"
        elif servers[name].shell(f"cat {MARK}").stdout.strip() == token:
            yield f"server {name} has still what was written on it since its snapshot"


def not_replaced(lab: Lab, settings: Settings, names: Iterable[str]) -> Iterator[str]:
    """Yield which servers should have been replaced and are not, or do not answer."""
    servers = servers_of(lab, settings)
    for name in sorted(names):
        found = identity(lab, "server", name)
        if found and found == lab.before["server", name]:
            yield f"server {name} is the same as before the change"
        elif name in servers and not servers[name].ping(PATIENCE):
            yield f"server {name} does not answer after it was replaced"


def applied(rows: Iterable[Row], table: Sequence[Row] = TABLE) -> dict[str, list[str]]:
    """Apply rows of a table, and return for each what is not as it says.

    Rows share an `up` with those that they share it with when all of the table is applied: other
    rows together may be wrong settings.
    A row that fails does not spoil others: a pack whose `up` fails is applied again, a row at a
    time, and the lab is brought back to the base in between.
    """
    found: dict[str, list[str]] = {}
    config = whole()
    move(config)
    lab = Lab(config["controller"]["host"], config.get("region", "RegionOne"))
    wanted = {row.name for row in rows}
    for stage in stages(row for row in table if not row.unseen):
        packs = [[row for row in pack if row.name in wanted] for pack in stage.packs]
        packs = [pack for pack in packs if pack]
        while packs:
            trial = Trial(stage, packs.pop(0))
            print(f"applying {', '.join(trial.wrong)}", flush=True)
            try:
                move(trial.settings)
                trial.apply(lab)
            except (UpError, ClientException) as error:
                if len(trial.pack) > 1:
                    print(f"`up` fails, so each is applied alone: {error}", flush=True)
                    packs = [[row] for row in trial.pack] + packs
                    trial.wrong = {}
                trial.all_rows([f"`up` fails: {error}"])
                resume()
                move(config)
            for name, wrong in trial.wrong.items():
                found[name] = wrong
                print(f"{name}: {wrong or 'as the row says'}", flush=True)
    move(config)
    return found


def verdict(row: Row, wrong: Sequence[str]) -> list[str]:
    """Return what to do about a row that was applied: nothing where it fails as expected."""
    if not (row.pending or row.faulty):
        return list(wrong)
    return [] if wrong else ["the row passes now: remove `pending` and `faulty` from it"]
