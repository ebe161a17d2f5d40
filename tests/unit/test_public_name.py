"""A cloud with a name and a certificate of the team's: what is registered for it."""

from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography import x509

from components.settings.public_certificate import names
from tests.unit.examples import good_config
from tests.unit.mocks import Deployment, deploy, main
from tests.unit.public_certificates import DAY, KEY, NAME, NOW, ROOT, TOP, made, written

LEAF = made(NAME, "root", KEY, ROOT, end=NOW + 7.5 * DAY)
WARNED: list[str] = []


@pytest.fixture(scope="module")
def own(files: Path) -> Deployment:
    """What a preview registers with a certificate that ends in a week."""
    (files / "own.pem").write_text(LEAF + TOP)
    (files / "own.key").write_text(written(KEY))
    tls = {"certificateFile": str(files / "own.pem"), "keyFile": str(files / "own.key")}
    with patch("pulumi.log.warn", WARNED.append):
        return deploy(main, good_config(files) | {"tls": {"publicName": NAME, **tls}}, preview=True)


def test_nodes_do_not_trust_its_root_among_themselves(own: Deployment, whole: Deployment) -> None:
    """It may sign for anybody, and OVN's database takes whom the nodes' authority has signed."""
    for node in ("controller", "compute"):
        name = f"{node}-ca.crt"
        assert own.named(name).inputs["stdin"] == whole.named(name).inputs["stdin"]
    theirs = own.named("controller-public-ca.crt").inputs["stdin"]
    assert theirs == whole.outputs[""]["ca"] + TOP == own.outputs[""]["ca"]


def test_the_proxy_has_one_certificate_of_the_name(own: Deployment) -> None:
    """Of two it may show the node's."""
    node = own.named("controller-node.crt").inputs["stdin"]
    assert names(x509.load_pem_x509_certificate(node.encode())) == ["controller"]
    assert own.named("controller-public.pem").inputs["stdin"].value == LEAF + TOP + written(KEY)


def test_without_a_certificate_of_its_own_the_authority_signs_the_name(files: Path) -> None:
    named = deploy(main, good_config(files) | {"tls": {"publicName": NAME}}, preview=True)
    node = named.named("controller-node.crt").inputs["stdin"]
    assert names(x509.load_pem_x509_certificate(node.encode())) == ["controller", NAME]


def test_its_key_leaves_the_node_when_the_settings_have_it_no_longer(own: Deployment) -> None:
    file = own.named("controller-public.pem")
    assert file.inputs["delete"] == "rm -f /etc/xiandian/tls/public.pem"
    assert file.deleted_with == "controller"


def test_every_login_asks_the_name_and_trusts_its_root(own: Deployment) -> None:
    logins = [r.inputs for r in own if r.type == "pulumi:providers:openstack"]
    assert {login["authUrl"] for login in logins} == {f"https://{NAME}:5000/v3"}
    assert {login["cacertFile"] for login in logins} == {own.outputs[""]["ca"]}


def test_an_end_within_a_month_is_said_in_the_preview(own: Deployment) -> None:
    (said,) = [text for text in WARNED if "certificateFile" in text]
    assert f"ends on {NOW + 7.5 * DAY:%Y-%m-%d}, in 7 days" in said and own
