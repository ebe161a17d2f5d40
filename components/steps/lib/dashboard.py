#!/usr/bin/env python3
"""Asks the dashboard as a browser does, for its step.

    dashboard.py URL CA              its page of logins comes with all that it names
    dashboard.py URL CA --refuses    it asks Keystone, which does not know a made-up user

CA is the file of the certificates by which its own is known. Exit status 0 if it is so, 1 with the
reason on stderr if not.
"""

import re
import ssl
import sys
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin

LOGIN = "/auth/login/"
TIMEOUT = 60
PARTS = re.compile(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+)"')
HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
REGION = re.compile(r'name="region" value="([^"]*)"')
ALERT = re.compile(r'class="alert[^"]*"[^>]*>(.*?)</div>', re.DOTALL)
REFUSED = "Invalid credentials"


class Browser:
    """Keeps cookies, and knows the certificate."""

    def __init__(self, url: str, ca: str) -> None:
        self.url = url
        secure = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca))
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        # No proxy of the environment: the address is this node's own.
        direct = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(direct, secure, cookies)

    def get(self, path: str, form: dict[str, str] | None = None) -> str:
        """Return what is at a path, or what it says to a form (OSError)."""
        url = urljoin(self.url, path)
        data = urlencode(form).encode() if form else None
        request = urllib.request.Request(url, data, {"Referer": url})
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            return str(answer.read().decode(errors="replace"))


def found(pattern: re.Pattern[str], text: str) -> str:
    """Return what a page has at a pattern (LookupError)."""
    match = pattern.search(text)
    if match is None:
        raise LookupError(f"the page of logins has no {pattern.pattern}")
    return match[1]


def prove(browser: Browser, *, refuses: bool) -> None:
    """Fail unless it is as the arguments say (OSError, LookupError)."""
    page = browser.get(LOGIN)
    token = found(HIDDEN, page)
    parts = PARTS.findall(page)
    if not parts:
        raise LookupError("the page of logins names no styles and scripts")
    if not refuses:
        for part in parts:
            browser.get(part)
        return
    form = {
        "csrfmiddlewaretoken": token,
        "region": found(REGION, page),
        "username": "nobody-of-the-proof",
        "password": "none",
    }
    answer = browser.get(LOGIN, form)
    if REFUSED not in answer:
        alerts = [" ".join(re.sub(r"<[^>]+>", " ", text).split()) for text in ALERT.findall(answer)]
        raise LookupError(f"it does not refuse a made-up user; it says: {' / '.join(alerts)}")


if __name__ == "__main__":
    try:
        prove(Browser(sys.argv[1], sys.argv[2]), refuses="--refuses" in sys.argv[3:])
    except (OSError, LookupError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
