"""What a change may delete or replace although it is in use; `guard` refuses all else."""

from typing import Annotated, ClassVar

from pydantic import Field

from .base import Base, Instead
from .fields import Many, Name
from .messages import STACK


class DeletionSettings(Base):
    """What a change may delete or replace although it is in use."""

    controller: bool = Field(
        False,
        description="true: `pulumi destroy` may take the controller, and all that is in its cloud",
    )
    networks: Annotated[tuple[Name, ...], Many] = Field(
        (), description="networks that may go although they have servers"
    )
    images: Annotated[tuple[Name, ...], Many] = Field(
        (), description="images that may go although servers were made from them"
    )

    instead: ClassVar[Instead] = {
        "computes compute": "a compute needs no word: taken out of"
        f" `{STACK}computes`, it goes if Nova has no servers on it"
    }
