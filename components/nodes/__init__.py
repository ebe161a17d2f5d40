"""The nodes, each a component: a controller, the computes, and these together as Nova's hosts."""

from components.nodes.compute import Compute
from components.nodes.controller import Controller, auth_url
from components.nodes.hosts import Hosts
from components.nodes.node import Node, NodeDefaults

__all__ = ["Compute", "Controller", "Hosts", "Node", "NodeDefaults", "auth_url"]
