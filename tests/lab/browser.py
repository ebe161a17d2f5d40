"""A browser without a screen on the dashboard: Debian's Chromium, driven by Playwright."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Frame, Page, sync_playwright

from tests.lab.conftest import ADDRESSES, ROOT, on

URL = f"https://{ADDRESSES['controller']}"
KEY = """
openssl x509 -in /etc/xiandian/tls/node.crt -noout -pubkey |
  openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
"""
"""Prints the one key by which this browser knows the controller."""
PATIENCE = 60_000
"""Milliseconds that a page may take."""
LETTERS = "0123456789abcdef"
CELL = {720: (9, 16)}
"""How large a letter of a text console is (pixels), by its screen's width; of others 8 by 16."""
GLYPHS = """
(canvas, [width, height, row, count]) => {
  const pen = canvas.getContext("2d");
  return [...Array(count).keys()].map((column) => {
    const { data } = pen.getImageData(column * width, row * height, width, height);
    return Array.from({ length: data.length / 4 }, (_, i) => +(data[4 * i + 1] > 80)).join("");
  });
}
"""
"""Returns a text for each letter of a row, the same for the same letter."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the browser; it trusts the controller's own key and no other."""
    if shutil.which("chromium") is None:
        subprocess.run([ROOT / "tools/install", "chromium"], check=True, capture_output=True)
    options = [
        "--no-sandbox",  # the tests are root
        "--no-proxy-server",
        f"--ignore-certificate-errors-spki-list={on('controller', KEY).strip()}",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        try:
            yield started
        finally:
            started.close()


def log_in(context: BrowserContext, user: str, password: str) -> Page:
    """Log in by the page of logins."""
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(URL)
    page.fill("#id_username", user)
    page.fill("#id_password", password)
    page.click("#loginBtn")
    page.wait_for_load_state()
    return page


def listed(page: Page) -> Mapping[str, str]:
    """Return the servers on the page of them: the id of each by its name."""
    page.goto(f"{URL}/project/instances/")
    rows = page.locator("table#instances tbody tr[data-object-id]")
    rows.first.wait_for()
    pairs = rows.evaluate_all("rows => rows.map((r) => [r.dataset.display, r.dataset.objectId])")
    return {str(name): str(number) for name, number in pairs}


def console(page: Page, server: str) -> Frame:
    """Open the console of a server, by its id; return the frame when it has a picture."""
    page.goto(f"{URL}/project/instances/{server}/?tab=instance_details__console")
    page.wait_for_selector("iframe#console_embed")
    frame = next(one for one in page.frames if ":6080" in one.url)
    frame.wait_for_selector("canvas")
    frame.wait_for_function("() => document.querySelector('canvas').width >= 640")
    return frame


def read(frame: Frame, known: int, row: int, count: int) -> str:
    """Return the text in a row of a console whose row `known` has all of LETTERS in their order."""
    canvas = frame.locator("canvas").first
    width, height = CELL.get(int(canvas.evaluate("(c) => c.width")), (8, 16))
    shapes = canvas.evaluate(GLYPHS, [width, height, known, len(LETTERS)])
    letters = dict(zip(shapes, LETTERS, strict=True))
    found = canvas.evaluate(GLYPHS, [width, height, row, count])
    return "".join(letters.get(shape, "?") for shape in found)
