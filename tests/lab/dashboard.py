"""The lab with a dashboard, and pictures of what a project's user sees there: `make lab-dashboard`.

The next `make lab` takes the dashboard away again.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Page

from components.passwords import Passwords
from tests.lab import browser
from tests.lab.conftest import LAB, STACK, STORE, done, run

PROJECT = "web"
"""Whose user looks."""
PICTURES = STORE / "log"
PASSWORD = (
    f"lab/pulumi config get secret | .venv/bin/python -m components.passwords 'project {PROJECT}'"
)


def with_dashboard(folder: Path) -> Path:
    """Write the lab's stack with a dashboard, and return its file."""
    content: dict[str, Any] = yaml.safe_load(STACK.read_text(encoding="utf-8"))
    content["config"]["iaas:dashboard"] = True
    path = folder / "Pulumi.dashboard.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def password() -> str:
    """Return the derived password of the project's user, by the lab's secret."""
    secret = done(run("pulumi", "config", "get", "secret")).stdout.strip()
    return Passwords(secret).plain(f"project {PROJECT}")


def show_servers(page: Page) -> set[str]:
    """Take a picture of the page of servers; return their names."""
    found = browser.listed(page)
    page.screenshot(path=PICTURES / "dashboard-servers.png")
    return {*found}


def show_networks(page: Page, *names: str) -> str:
    """Take a picture of the picture of networks when it has these names; return all its text."""
    page.goto(f"{browser.URL}/project/network_topology/")
    for name in names:
        page.wait_for_function(
            "(name) => [...document.querySelectorAll('svg text')]"
            ".some((one) => one.textContent.includes(name))",
            arg=name,
        )
    page.screenshot(path=PICTURES / "dashboard-networks.png")
    return " ".join(page.locator("svg text").all_text_contents())


def main() -> int:
    """Add it to the lab, look at it, and say where it is and who logs in."""
    environment = {**os.environ, "LAB_STACK": str(with_dashboard(STORE))}
    if status := subprocess.run([LAB / "run"], env=environment, check=False).returncode:
        return status
    with browser.browser() as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        page = browser.log_in(context, PROJECT, password())
        show_networks(page, *show_servers(page))
    print(f"the dashboard is at {browser.URL}; a browser warns of the lab's own authority")
    print(f"user {PROJECT}, whose password this prints: {PASSWORD}")
    print("what it sees: .lab/log/dashboard-servers.png, .lab/log/dashboard-networks.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
