"""What the models say of each setting: its key, type, default and meaning."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..hidden import MAY_BE_ENCRYPTED
from ..kinds import Kind

BOOLEAN = Kind("boolean", "`true` or `false`, without quotes")


class Type(NamedTuple):
    """The type of a setting: a kind, one of some texts, a mapping of a model; or a list of them.

    A mapping may have texts instead of it.
    """

    kind: Kind | None = None
    choices: tuple[str, ...] = ()
    model: type[BaseModel] | None = None
    many: bool = False


class Key(NamedTuple):
    """One setting: its path in the config, such as `networks[].segment`, and its description."""

    path: str
    name: str
    """The last word of the path; with [] where it is a list of mappings."""
    type: Type
    field: FieldInfo

    @property
    def meaning(self) -> str:
        """What it is for, and whether it may be stored encrypted."""
        section = self.path.partition("[].")[0]
        hidden = (
            self.name in MAY_BE_ENCRYPTED.get(section, ())
            and self.path == f"{section}[].{self.name}"
        )
        return f"{self.field.description}{'; may be stored encrypted' if hidden else ''}"


def keys(model: type[BaseModel], path: str = "") -> Iterator[Key]:
    """Yield the settings of a model that is at a path, in the model's order.

    TypeError: a type has no kind.
    """
    for field in model.model_fields.values():
        place = f"{path}.{field.alias}".removeprefix(".")
        # Pydantic takes Annotated apart.
        made = _kind(field.metadata) or _type(field.annotation, place)
        end = "[]" if made.many and made.model else ""
        yield Key(place + end, f"{field.alias}{end}", made, field)


def sections(model: type[BaseModel], path: str = "") -> Iterator[Key]:
    """Yield the settings of a model that are mappings or lists of them, at any depth."""
    for key in keys(model, path):
        if key.type.model is not None:
            yield key
            yield from sections(key.type.model, key.path)


def _kind(metadata: Iterable[object]) -> Type | None:
    """Return the last kind of a type's metadata, which is the narrowest."""
    kinds = [part for part in metadata if isinstance(part, Kind)]
    return Type(kinds[-1]) if kinds else None


def _type(annotation: object, place: str) -> Type:
    """Return the type that an annotation stands for, of X, X | None and tuple[X, ...]."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(args[1:]) or _type(args[0], place)
    if origin is Literal:
        return Type(choices=args)
    if origin is tuple:
        return _type(args[0], place)._replace(many=True)
    if args:
        first, *others = (_type(arg, place) for arg in args if arg is not type(None))
        return first._replace(choices=(*first.choices, *(c for o in others for c in o.choices)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Type(model=annotation)
    if annotation is bool:
        return Type(BOOLEAN)
    raise TypeError(f"{place}: its type has no Kind; give it one in components/settings/fields.py")
