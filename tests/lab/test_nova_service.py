"""Nova's services do not wait longer than others take."""

import pytest

from tests.lab.conftest import COMPUTES, on

HELPERS = ("nova.privsep.sys_admin_pctxt", "vif_plug_ovs.privsep.vif_plug")
STARTED = """
systemctl restart nova-compute
for helper in {helpers}; do
  until pgrep -f "privsep_context $helper " >/dev/null; do sleep 0.5; done
done
"""


@pytest.mark.parametrize(
    ("node", "unit"), [("controller", "nova-conductor"), (COMPUTES[0], "nova-compute")]
)
def test_what_calls_others_takes_answers_at_once(node: str, unit: str) -> None:
    found = on(node, f"tr '\\0' ' ' </proc/$(systemctl show -P MainPID {unit})/cmdline")
    assert f"/usr/local/lib/iaas/nova_service.py {unit} " in found


def test_the_api_takes_answers_at_once() -> None:
    found = on("controller", "crudini --get /etc/nova/nova-api-uwsgi.ini uwsgi import")
    assert found.strip() == "/usr/local/lib/iaas/nova_service.py"


def test_helpers_are_there_before_a_server_needs_them() -> None:
    on(COMPUTES[0], f"timeout 120 bash -eu <<'EOF'\n{STARTED.format(helpers=' '.join(HELPERS))}EOF")
