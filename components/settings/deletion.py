"""What a change may delete or replace although it is in use; `guard` refuses all else."""

from typing import Annotated

from pydantic import Field

from .base import Base
from .fields import Many, Name


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
    computes: Annotated[tuple[Name, ...], Many] = Field(
        (), description="computes that may go; remove their servers before"
    )
