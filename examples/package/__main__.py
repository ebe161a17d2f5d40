"""The cloud of the settings, with the networks and servers in it, by the package iaas."""

import pulumi
from iaas.cloud import Cloud, Flavor, Image, Project, ProviderNetwork, Server
from iaas.nodes import Compute, Controller, Hosts, NodeDefaults
from iaas.passwords import Passwords
from iaas.settings import from_pulumi

settings, _ = from_pulumi()
passwords = Passwords(settings.secret.get_secret_value())
wire = settings.provider
defaults = NodeDefaults(passwords, settings.ssh, wire, settings.region, tls=settings.tls)
first = settings.controller
controller = Controller(first.name, first, settings.computes, defaults)
computes = [Compute(node.name, node, controller, defaults) for node in settings.other_computes]
hosts = Hosts("hosts", controller, computes)

url, region, role = controller.auth_url, controller.region, controller.member_role_id
cloud = Cloud("cloud", url, region, passwords, role, ready=[controller], ca=controller.ca)
projects = {p.name: Project(p.name, p, cloud) for p in settings.projects}
images = {i.name: Image(i.name, i, cloud) for i in settings.images}
flavors = {f.name: Flavor(f.name, f, cloud, projects) for f in settings.flavors}
networks = {n.name: ProviderNetwork(n.name, n, wire, cloud) for n in settings.networks}
for s in settings.servers:
    if s.image is not None:
        of = projects[s.project], images[s.image], flavors[s.flavor]
        server = Server(s.name, s, *of, networks, hosts=hosts.ready)
        pulumi.export(s.name, server.summary)
