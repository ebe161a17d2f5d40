"""Who asks Keystone for too many logins is told to wait; everybody else is let in."""

from collections.abc import Iterator

import pytest

from components.settings.api import ApiSettings
from tests.lab.conftest import ADDRESSES, COMPUTES, CONFIG, admin, on

CONTROLLER = ADDRESSES["controller"]
LIMIT: int = CONFIG.get("iaas:api", {}).get(
    "loginsPerMinute", ApiSettings.model_fields["logins_per_minute"].default
)
STRANGER = "192.168.100.249"
"""An address that a compute has for this test alone: its own services go on logging in."""

ASK = f"""
python3 - <<'EOF'
import http.client, ssl
context = ssl.create_default_context(cafile="/etc/xiandian/tls/ca.crt")
asked = http.client.HTTPSConnection(
    "{CONTROLLER}", 5000, context=context, source_address=("{STRANGER}", 0)
)
for count in range(3 * {LIMIT}):
    asked.request("POST", "/v3/auth/tokens", "{{}}", {{"Content-Type": "application/json"}})
    answer = asked.getresponse()
    text = answer.read().decode()
    if answer.status == 429:
        break
print(count, answer.status, answer.getheader("Retry-After"), text)
asked.request("GET", "/v3")
print(asked.getresponse().status)
EOF
"""
"""Prints how many logins, of which none has a password, come before one that is refused, and the
refusal; then whether what is no login is answered."""


@pytest.fixture
def stranger() -> Iterator[str]:
    """A compute with the address."""
    nic = f"$(ip -o -4 route get {CONTROLLER} | sed -E 's/.* dev ([^ ]+).*/\\1/')"
    on(COMPUTES[0], f"ip address add {STRANGER}/32 dev {nic}")
    yield COMPUTES[0]
    on(COMPUTES[0], f"ip address delete {STRANGER}/32 dev {nic}")


def test_who_logs_in_too_often_waits_and_others_do_not(stranger: str) -> None:
    refused, other = on(stranger, ASK).splitlines()
    before, _, refusal = refused.partition(" ")
    assert int(before) >= LIMIT
    assert refusal == f"429 60 more than {LIMIT} logins a minute from this address"
    assert other == "200"
    assert "admin" in admin("openstack user list -f value -c Name")
