"""The nodes, each a component: a controller, the computes, and these together as Nova's hosts."""

from .compute import Compute
from .controller import Controller, auth_url
from .hosts import Hosts
from .node import Node, NodeDefaults

__all__ = ["Compute", "Controller", "Hosts", "Node", "NodeDefaults", "auth_url"]
