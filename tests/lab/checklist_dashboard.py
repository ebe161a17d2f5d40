"""The Security Guide's checklist of the dashboard: asked where that is on (test_dashboard.py)."""

from tests.lab.checklist import Line, Reading, State

NODE = "dashboard"
"""The controller of a cloud with a dashboard."""
FILE = "/etc/openstack-dashboard/local_settings.py"
PROOF = "tests/lab/test_dashboard.py"
ON = "where it is on: "


def has(line: str) -> Reading:
    """Return the reading of a whole line of Horizon's settings."""
    return Reading(NODE, f"grep -Fx '{line}' {FILE}", line.strip())


def met(number: int, asks: str, how: str, *readings: Reading) -> Line:
    """Return a line of the list."""
    name = f"Check-Dashboard-{number:02}"
    return Line(name, asks, State.MET, ON + how, readings, PROOF)


DASHBOARD = (
    met(1, "owner of its files", "root owns the files and their folder, and its group reads them",
        Reading(NODE, f"stat -L -c '%U:%G' /etc/openstack-dashboard {FILE} | sort -u",
                "root:horizon")),
    met(2, "mode of its files", "nobody else opens the folder",
        Reading(NODE, f"stat -L -c '%a' /etc/openstack-dashboard {FILE}", "750\n640")),
    met(3, "no page of it in a frame", "`DISALLOW_IFRAME_EMBED`, and headers that say so",
        has("DISALLOW_IFRAME_EMBED = True")),
    met(4, "cookie against forged requests by TLS alone", "`CSRF_COOKIE_SECURE`",
        has("CSRF_COOKIE_SECURE = True")),
    met(5, "session's cookie by TLS alone", "`SESSION_COOKIE_SECURE`",
        has("SESSION_COOKIE_SECURE = True")),
    met(6, "session's cookie hidden from scripts", "`SESSION_COOKIE_HTTPONLY`",
        has("SESSION_COOKIE_HTTPONLY = True")),
    met(7, "browsers keep no password", "`password_autocomplete`",
        has('HORIZON_CONFIG["password_autocomplete"] = "off"')),
    met(8, "no password is shown", "`disable_password_reveal`",
        has('HORIZON_CONFIG["disable_password_reveal"] = True')),
    met(9, "the admin's own password is asked for", "`ENFORCE_PASSWORD_CHECK`",
        has("ENFORCE_PASSWORD_CHECK = True")),
    met(10, "rule for passwords", "at least 12 characters, as Keystone has it",
        has('    "regex": ".{12}",')),
    met(11, "header of a proxy that ends TLS",
        "`SECURE_PROXY_SSL_HEADER`; HAProxy sets it, whatever a browser says",
        has('SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")'),
        Reading(NODE, "grep -o 'set-header X-Forwarded-Proto .*' /etc/haproxy/iaas/dashboard.cfg",
                "set-header X-Forwarded-Proto https")),
)  # fmt: skip

ABOUT_IT = (
    Line("Dashboard: headers", "a browser loads nothing from elsewhere, and comes back by TLS",
         State.MET, ON + "Content-Security-Policy, Strict-Transport-Security, Referrer-Policy;"
         " Horizon's pages need scripts in them, and `eval`", (), PROOF),
    Line("Dashboard: logins", "they end, and nobody else reads their tokens", State.MET,
         ON + "after an hour; in memory, in a folder of its own account; cookies are signed by a"
         " key of the secret",
         (has("SESSION_TIMEOUT = 3600"),
          Reading(NODE, "stat -c '%U:%G %a' /run/iaas-dashboard", "horizon:horizon 700"))),
)  # fmt: skip
