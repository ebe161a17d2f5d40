"""How large the controller's services are: by default that follows from the machine."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from .advice import nearest
from .base import Base, Instead
from .kinds import Kind, within
from .messages import show

CORES = (1, 1024)
MEMORY = (1, 16384)
PROCESSES = (1, 64)
MIB = (64, 65536)

NUMBERS: Mapping[str, tuple[int, int]] = {
    "keystone": PROCESSES,
    "placement": PROCESSES,
    "glance": PROCESSES,
    "novaApi": PROCESSES,
    "novaMetadata": PROCESSES,
    "novaConductor": PROCESSES,
    "novaScheduler": PROCESSES,
    "neutronApi": PROCESSES,
    "neutronRpc": PROCESSES,
    "dashboard": PROCESSES,
    "backlog": (64, 4096),
    "databaseConnections": (4096, 6144),
    "databaseMemory": MIB,
    "queueMemory": MIB,
    "cacheMemory": MIB,
    "cacheConnections": (1024, 65536),
}
"""The rows of the table in components/steps/lib/sizes.sh, with what each may be set to: so that all
connections to the database together stay below what it takes."""


def _numbers(value: object) -> object:
    """Refuse names that are no rows, and numbers outside their limits (ValueError)."""
    if not isinstance(value, dict):
        raise ValueError(f"{show(value)} is not a mapping of numbers; write it as {{keystone: 4}}")
    for name, number in value.items():
        if name not in NUMBERS:
            raise ValueError(f"{show(name)} is no size; {nearest(str(name), NUMBERS)}")
        low, high = NUMBERS[name]
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError(f"{name}: {show(number)} is not a number of {low}..{high}")
        if not low <= number <= high:
            raise ValueError(f"{name}: {number} is outside {low}..{high}")
    return value


Numbers = Annotated[
    dict[str, int],
    BeforeValidator(_numbers),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                name: {"type": "integer", "minimum": low, "maximum": high}
                for name, (low, high) in NUMBERS.items()
            },
            "additionalProperties": False,
        }
    ),
    Kind(
        "mapping of sizes",
        ", ".join(f"{name} {low}..{high}" for name, (low, high) in NUMBERS.items()),
    ),
]
Cores = Annotated[int, within(CORES), Kind("cores", f"{CORES[0]}..{CORES[1]}")]
Gibibytes = Annotated[int, within(MEMORY), Kind("GiB", f"{MEMORY[0]}..{MEMORY[1]}")]


class SizeSettings(Base):
    """What the controller's services are sized for."""

    cores: Cores | None = Field(
        None, description="cores that count for them; none: all of the controller's"
    )
    memory: Gibibytes | None = Field(
        None, description="memory that counts for them (GiB); none: all of the controller's"
    )
    exactly: Numbers | None = Field(
        None, description="numbers of the table that are others; none: all follow from the above"
    )

    @property
    def words(self) -> str:
        """How openrc.sh has it: words `NAME=NUMBER`, the same for the same sizes."""
        all_of_it = {"cores": self.cores, "memory": self.memory, **(self.exactly or {})}
        return " ".join(f"{name}={n}" for name, n in sorted(all_of_it.items()) if n is not None)

    instead: ClassVar[Instead] = {
        "workers processes threads apiWorkers": "processes of a service are in `exactly`, such as"
        " {keystone: 4}",
        "ram memoryGib memoryMb": "it is `memory`, in GiB",
        "cpus vcpus": "they are `cores`",
        "bufferPool innodbBufferPoolSize": "it is `exactly`: {databaseMemory: MIB}",
        "maxConnections": "it is `exactly`: {databaseConnections: NUMBER}",
    }
