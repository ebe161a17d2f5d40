"""What access to the cloud promises: a login from the settings, which nothing else changes."""

import pulumi
import pytest

from components.cloud import Cloud
from tests.unit.clouds import PASSWORDS, URL, cloud, serve
from tests.unit.mocks import Deployment, Secret, deploy


def test_a_cloud_that_is_there_needs_no_node(served: Deployment) -> None:
    assert served.commands() == {}
    assert served.named("there-admin").after == set()
    assert served.outputs["there"] == {"authUrl": URL, "region": "Region2"}


def test_a_provider_trusts_what_the_cloud_is_known_by_and_nothing_else() -> None:
    """It is the text itself: a file would have to be there in every job."""
    deployed = deploy(lambda: Cloud("c", URL, "R", PASSWORDS, "role", ca="PEM"))
    login = deployed.named("c-admin").inputs
    assert (login["cacertFile"], login["insecure"]) == ("PEM", "false")


@pytest.mark.parametrize(
    ("name", "user", "password"),
    [("there-admin", "admin", "ADMIN_PASS"), ("p-provider", "web", "project web")],
)
def test_a_provider_is_known_before_the_cloud_is_there(name: str, user: str, password: str) -> None:
    """And nothing in the environment of who runs it changes it."""
    assert deploy(serve(), preview=True).named(name).inputs == {
        "authUrl": URL,
        "region": "Region2",
        "userName": user,
        "tenantName": user,
        "password": Secret(PASSWORDS.plain(password)),
        "userDomainName": "Default",
        "projectDomainName": "Default",
        "endpointType": "public",
        "delayedAuth": "true",
        "insecure": "false",
    }


# Those that the provider reads besides what it is given.
OTHER_LOGINS = (
    "OS_CLOUD OS_TOKEN OS_AUTH_TOKEN OS_CACERT OS_CERT OS_KEY"
    " OS_USER_ID OS_USER_DOMAIN_ID OS_DOMAIN_ID OS_DOMAIN_NAME"
    " OS_PROJECT_ID OS_TENANT_ID OS_PROJECT_DOMAIN_ID"
    " OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_NAME OS_APPLICATION_CREDENTIAL_SECRET"
)


@pytest.mark.parametrize("name", OTHER_LOGINS.split())
def test_a_variable_that_would_change_the_login_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(pulumi.RunError, match=f"unset {name}: .* nothing was changed"):
        deploy(cloud)


def test_other_os_variables_change_nothing(
    monkeypatch: pytest.MonkeyPatch, served: Deployment
) -> None:
    names = ["AUTH_URL", "USERNAME", "PASSWORD", "TENANT_NAME", "PROJECT_NAME", "INSECURE"]
    names += ["PROJECT_DOMAIN_NAME", "USER_DOMAIN_NAME", "REGION_NAME", "ENDPOINT_TYPE"]
    for name in [*names, "DELAYED_AUTH"]:
        monkeypatch.setenv(f"OS_{name}", "1")
    again = deploy(serve())
    for name in served.names():
        assert again.named(name).inputs == served.named(name).inputs, name


def test_a_cloud_that_is_there_may_have_an_admins_password_of_its_own() -> None:
    deployed = deploy(lambda: Cloud("c", URL, "R", PASSWORDS, "role", admin_password="given"))  # noqa: S106
    assert deployed.named("c-admin").inputs["password"] == Secret("given")
