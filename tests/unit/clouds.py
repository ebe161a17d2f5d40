"""The parts of a cloud that is there already, each from its settings, and a server of them."""

import hashlib
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from components.cloud import Cloud, Flavor, Image, Project, ProviderNetwork, Server
from components.passwords import Passwords
from components.settings import (
    FlavorSettings,
    ImageSettings,
    IngressSettings,
    NetworkSettings,
    ProjectSettings,
    ProviderSettings,
    ServerSettings,
)
from tests.unit.examples import SECRET, public_key, qcow2

PASSWORDS = Passwords(SECRET)
URL = "http://10.0.0.1:5000/v3"
CONTENT = qcow2()
DIGEST = hashlib.sha256(CONTENT).hexdigest()

PROJECT = ProjectSettings(name="web", description="What faces the users")
FLAVOR = FlavorSettings(name="tiny", vcpus=1, ram=256, disk=2, public=False, projects=("web",))
IMAGE = ImageSettings(name="guest", url="http://127.0.0.1/guest", sha256=DIGEST)
NETWORK = NetworkSettings(name="front", segment=7, cidr=IPv4Network("10.7.0.0/24"), shared=True)
WIRE = ProviderSettings(physical_name="wire")
SERVER = ServerSettings(
    name="www",
    project="web",
    image="guest",
    flavor="tiny",
    network="front",
    address=IPv4Address("10.7.0.9"),
    public_key=public_key("www"),
    ingress=(
        IngressSettings(protocol="tcp", port=22, cidr=IPv4Network("10.0.0.0/8")),
        IngressSettings(protocol="icmp", cidr=IPv4Network("0.0.0.0/0")),
    ),
    user_data="#cloud-config\n",
)


def cloud(url: str = URL) -> Cloud:
    """Return a cloud that is there already."""
    return Cloud("there", url, "Region2", PASSWORDS, "role of members")


class Parts(NamedTuple):
    """What a server needs."""

    project: Project
    image: Image
    flavor: Flavor
    networks: Mapping[str, ProviderNetwork]


def parts(image: ImageSettings = IMAGE, url: str = URL) -> Parts:
    """Make what a server needs, by hand."""
    there = cloud(url)
    project = Project("p", PROJECT, there)
    return Parts(
        project,
        Image("i", image, there),
        Flavor("f", FLAVOR, there, {"web": project}),
        {"front": ProviderNetwork("n", NETWORK, WIRE, there)},
    )


def serve(settings: ServerSettings = SERVER, image: ImageSettings = IMAGE) -> Callable[[], object]:
    """Return a program of somebody else: a server in a cloud that is there."""
    return lambda: Server("s", settings, *parts(image))
