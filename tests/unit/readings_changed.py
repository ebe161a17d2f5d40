"""Changes of a healthy cloud, as `readings.seen` takes them."""

from tests.unit.readings import NOW, Json, cloud, names, reading, server
from tools.status.units import NEEDED

LEFT = {"id": "x", "binary": "nova-compute", "host": "gone", "up": False, "enabled": True}
LEFT |= {"forced_down": False, "disabled_reason": ""}


def part(**changed: object) -> Json:
    """Change the first compute's reading."""
    return {"changed": {"c1": changed}}


def main(**changed: object) -> Json:
    """Change the controller's reading."""
    return {"changed": {"controller": changed}}


def unreached(cause: str) -> Json:
    """Let the first compute give no reading."""
    return part(unreached={"cause": cause, "said": "ssh said so"})


def units(**services: str) -> Json:
    """Change the state of the first compute's services."""
    running = dict.fromkeys(NEEDED["compute"], "active (running)")
    return part(units={"failed": [], "services": {**running, **services}})


def failed(unit: str) -> Json:
    """Let a unit of the first compute have failed."""
    running = dict.fromkeys(NEEDED["compute"], "active (running)")
    return part(units={"failed": [unit], "services": running})


def step(*, well: bool, runs: bool = False) -> Json:
    """Change the last run of a step of the first compute."""
    done = reading("c1")["steps"]
    return part(steps={**done, "nova-compute": {"began": NOW, "well": well, "runs": runs}})


def queue(name: str, **changed: int) -> Json:
    """Change a queue."""
    queues = reading("controller", "controller", names(2))["queues"]
    return main(queues={**queues, name: {"messages": 0, "consumers": 1, **changed}})


def no_queue(name: str) -> Json:
    """Leave a queue out."""
    queues = reading("controller", "controller", names(2))["queues"]
    return main(queues={key: value for key, value in queues.items() if key != name})


def entry(what: str, number: int, **changed: object) -> Json:
    """Change an entry of a service's list."""
    listed = [*cloud()[what]]
    listed[number] = {**listed[number], **changed}
    return {"answers": {what: listed}}


def without(what: str, number: int) -> Json:
    """Leave an entry of a service's list out."""
    return {"answers": {what: [e for i, e in enumerate(cloud()[what]) if i != number]}}


def servers(**changed: object) -> Json:
    """Let there be one server."""
    return {"answers": {"servers": [{**server(1), **changed}]}}


def room(used: int) -> Json:
    """Give away so many of a hundred vCPUs, on one of two computes with as many."""
    capacity, given = {"VCPU": 50}, {"VCPU": 0}
    one = {"compute": "c1", "capacity": capacity, "used": given}
    return {"answers": {"room": [one, {**one, "compute": "c2", "used": {"VCPU": used}}]}}
