"""What a change may delete or replace although it is in use; `guard` refuses all else."""

from typing import Annotated

from pydantic import Field

from .base import Base
from .fields import Many, Name


class DeletionSettings(Base):
    """What a change may delete or replace although it is in use."""

    controller: bool = Field(
        False, description="true: the controller, and with it all that is in its cloud"
    )
    networks: Annotated[tuple[Name, ...], Many] = Field((), description="networks with servers")
    images: Annotated[tuple[Name, ...], Many] = Field(
        (), description="images that servers were made from"
    )
    computes: Annotated[tuple[Name, ...], Many] = Field(
        (), description="computes, whose servers were removed before"
    )
