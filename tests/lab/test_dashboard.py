"""The dashboard, as people see it in a browser: their own project and no other, and its end."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.changes.rows.dashboard import LEFT
from tests.lab import browser as eyes
from tests.lab import dashboard as lab
from tests.lab.checklist import Line, Reading, answers, script
from tests.lab.checklist_dashboard import NODE
from tests.lab.checklist_lines import LINES
from tests.lab.conftest import (
    ADDRESSES,
    COMPUTES,
    CONFIG,
    PATIENCE,
    changes,
    done,
    on,
    run,
    up,
)
from tests.lab.ports import OUTSIDE, scan, unexpected
from tests.lab.servers import servers

STEP = "/usr/local/bin/iaas-install-dashboard.sh"
MINE, OTHERS = lab.PROJECT, "db"
ASKED = [(line, one) for line in LINES for one in line.readings if one.node == NODE]


def named(project: str) -> set[str]:
    """Return the names of a project's servers in the settings."""
    return {one["name"] for one in CONFIG["iaas:servers"] if one["project"] == project}


@pytest.fixture(scope="module")
def with_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's stack with a dashboard, applied."""
    path = lab.with_dashboard(tmp_path_factory.mktemp("stack"))
    done(up(path))
    return path


@pytest.mark.parametrize("view", [OUTSIDE, COMPUTES[0]])
@pytest.mark.usefixtures("with_dashboard")
def test_its_port_is_open_to_all_and_no_other_is(view: str) -> None:
    controller = ADDRESSES["controller"]
    found = scan(view, [controller])[controller]
    assert unexpected("controller", found, outside=view == OUTSIDE, dashboard=True) == {}


@pytest.fixture(scope="module")
def chromium(with_dashboard: Path) -> Iterator[Browser]:
    """The browser, once there is a dashboard."""
    assert with_dashboard.exists()
    with eyes.browser() as started:
        yield started


@pytest.fixture(scope="module")
def password() -> str:
    """The password of the project's user."""
    return lab.password()


@pytest.fixture(scope="module")
def page(chromium: Browser, password: str) -> Iterator[Page]:
    """The dashboard, logged in as the project's user."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield eyes.log_in(context, MINE, password)
    context.close()


def test_a_wrong_password_does_not_log_in(chromium: Browser) -> None:
    context = chromium.new_context()
    page = eyes.log_in(context, MINE, "wrong-password")
    assert "Invalid credentials" in page.content()
    assert page.url.startswith(f"{eyes.URL}/auth/login/")
    context.close()


def test_a_browser_is_told_to_keep_to_this_site_and_to_tls(page: Page) -> None:
    answer = page.goto(f"{eyes.URL}/project/")
    assert answer is not None
    headers = answer.all_headers()
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    cookies = {one["name"]: one for one in page.context.cookies()}
    assert {name for name, one in cookies.items() if one["secure"]} >= {"sessionid", "csrftoken"}
    assert cookies["sessionid"]["httpOnly"]


def test_a_tenant_sees_its_servers_and_no_others(page: Page) -> None:
    assert lab.show_servers(page) == named(MINE)


def test_a_tenant_sees_the_picture_of_its_networks(page: Page) -> None:
    violations: list[str] = []
    page.on(
        "console", lambda said: violations.append(said.text) if "Security" in said.text else None
    )
    drawn = lab.show_networks(page, *named(MINE), "inside", "front")
    assert not [name for name in (*named(OTHERS), "vault") if name in drawn]
    assert violations == []


def test_a_tenant_reads_on_a_console_what_its_server_writes_there(page: Page) -> None:
    server = servers()["web1"]
    word = secrets.token_hex(8)
    server.shell(f"printf '\\033[2J\\033[H{eyes.LETTERS}\\n\\r{word}\\n' >/dev/tty1")
    frame = eyes.console(page, server.id)
    until = time.monotonic() + PATIENCE
    while (read := eyes.read(frame, 0, 1, len(word))) != word and time.monotonic() < until:
        time.sleep(1)
    page.screenshot(path=lab.PICTURES / "dashboard-console.png")
    assert read == word


def test_a_tenant_does_not_get_to_the_server_of_another(page: Page) -> None:
    other = servers()["db1"]
    for path in (f"instances/{other.id}/", f"instances/{other.id}/?tab=instance_details__console"):
        page.goto(f"{eyes.URL}/project/{path}")
        assert other.name not in page.content()
        assert page.locator("iframe#console_embed").count() == 0


def test_who_has_logged_out_must_log_in_again(chromium: Browser, password: str) -> None:
    context = chromium.new_context()
    page = eyes.log_in(context, MINE, password)
    assert set(eyes.listed(page)) == named(MINE)
    kept = context.cookies()
    page.goto(f"{eyes.URL}/auth/logout/")
    context.add_cookies([one for one in kept if one["name"] == "sessionid"])  # type: ignore[misc]
    page.goto(f"{eyes.URL}/project/instances/")
    assert page.url.startswith(f"{eyes.URL}/auth/login/")
    context.close()


@pytest.fixture(scope="module")
def said(with_dashboard: Path) -> list[str]:
    """What the checklist's readings of the dashboard say."""
    assert with_dashboard.exists()
    return answers(on("controller", script(one for _, one in ASKED)))


@pytest.mark.parametrize(
    ("number", "line", "reading"),
    [pytest.param(n, *one, id=f"{one[0].name} {n}") for n, one in enumerate(ASKED)],
)
def test_a_line_is_as_the_checklist_says(
    number: int, line: Line, reading: Reading, said: list[str]
) -> None:
    assert said[number] == reading.says, f"{line.name}: {line.asks}; {reading.command}"


def test_the_step_runs_twice_without_a_change(with_dashboard: Path) -> None:
    assert on("controller", f"{STEP} compare") == ""
    assert "dashboard: nothing to change" in on("controller", STEP)
    assert changes(with_dashboard) == {}


def test_its_service_is_in_the_status(with_dashboard: Path) -> None:
    assert with_dashboard.exists()

    def broken() -> list[tuple[str, str]]:
        words = ("agent", sys.executable, "-m", "tools.status", "--json")
        found = json.loads(run(*words).stdout)["findings"]
        return [(one["rule"], one["where"]) for one in found if one["severity"] == "broken"]

    on("controller", "systemctl stop iaas-dashboard")
    try:
        assert broken() == [("service", "controller")]
    finally:
        on("controller", "systemctl start iaas-dashboard")
    assert broken() == []


def test_taken_out_it_leaves_nothing() -> None:
    done(up())
    assert on("controller", LEFT) == "nothing more\n"
    asked = ["curl", "--insecure", "--max-time", "3", "--noproxy", "*", "--silent", eyes.URL]
    assert subprocess.run(asked, check=False).returncode != 0
    assert changes() == {}
