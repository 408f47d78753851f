"""The fields of a form, from a model of `contracts.reference_tables`: types, bounds, choices, nested tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from apps.city.choices import REFERENCES, SUGGESTED
from apps.city.names import Name, Names
from contracts.limits import LimitText
from contracts.toml_lines import Path

LONG = 500
"""Texts that may be longer get several lines."""


class Kind(StrEnum):
    """How a field is edited."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    NUMBER = "number"
    DECIMAL = "decimal"
    YES_NO = "yes-no"
    DATE = "date"
    LIMIT = "limit"
    CHOICE = "choice"
    CHOICES = "choices"
    LIST = "list"
    """Values in order, each in a row."""
    LINES = "lines"
    """Free values in order, each on a line."""
    MAP = "map"
    GROUP = "group"
    ENTRIES = "entries"


ORDERED = frozenset(
    {
        ("Receiver", "ways"),
        ("Series", "languages"),
        ("Findings", "appeals_otherwise_to"),
        ("Publication", "reviewed_otherwise_by"),
    }
)
"""Lists of choices whose order counts."""


@dataclass(frozen=True)
class Bounds:
    """What a value must keep to; the model decides, the form only helps."""

    least: float | None = None
    most: float | None = None
    max_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class FormField:
    """One field of a table."""

    path: tuple[str, ...]
    """From the table that the form is for."""
    kind: Kind
    name: Name
    help: Name
    required: bool
    """The file must have it."""
    optional: bool
    """It may be absent, and then has no value."""
    default: Any = None
    bounds: Bounds = Bounds()
    item: Kind | None = None
    """Of the values of a list or map."""
    values: tuple[str, ...] = ()
    """Fixed choices."""
    source: str | None = None
    """List of the place whose entries are the choices."""
    free: bool = False
    """Choices are suggestions."""
    key_values: tuple[str, ...] = ()
    key_source: str | None = None
    model: type[BaseModel] | None = None
    """Of a group, or of the entries of a list."""
    fields: tuple[FormField, ...] = field(default=(), repr=False)
    """Of a group."""

    @property
    def key(self) -> str:
        """Its key in the file."""
        return self.path[-1]

    @property
    def html(self) -> str:
        """Its name in the form."""
        return ".".join(self.path)


def fields_of(model: type[BaseModel], names: Names, at: tuple[str, ...] = ()) -> tuple[FormField, ...]:
    """The fields of a model, nested tables included."""
    return tuple(_field(model, name, info, names, at) for name, info in model.model_fields.items())


def leaves(fields: tuple[FormField, ...]) -> Iterator[FormField]:
    """All fields, those of groups after their group."""
    for each in fields:
        yield each
        yield from leaves(each.fields)


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model of the table at a path. Raises `LookupError` where there is none."""
    for part in path:
        if isinstance(part, int):
            continue
        found = {info.alias or name: info for name, info in model.model_fields.items()}.get(part)
        inner = _model_of(found.annotation) if found is not None else None
        if inner is None:
            raise LookupError(path)
        model = inner
    return model


def _field(model: type[BaseModel], name: str, info: FieldInfo, names: Names, at: tuple[str, ...]) -> FormField:
    key = info.alias or name
    path = (*at, key)
    annotation, metadata, optional = _plain(info.annotation, tuple(info.metadata))
    default = info.get_default(call_default_factory=True)
    common: dict[str, Any] = {
        "path": path,
        "name": names.field(model, key),
        "help": names.help(model, key, _own_description(info)),
        "required": info.is_required(),
        "optional": optional,
        "default": None if default is PydanticUndefined else default,
    }
    place = (model.__name__, key)
    inner = _model_of(annotation)
    if inner is not None and get_origin(annotation) in {list, tuple}:
        return FormField(kind=Kind.ENTRIES, model=inner, **common)
    if inner is not None:
        return FormField(kind=Kind.GROUP, model=inner, fields=fields_of(inner, names, path), **common)
    if get_origin(annotation) is dict:
        return FormField(kind=Kind.MAP, **_map(annotation, place), **common)
    if get_origin(annotation) in {list, tuple}:
        return FormField(**_list(annotation, place), **common)
    kind, values = _scalar(annotation, metadata)
    source = REFERENCES.get(place)
    if source is not None:
        kind = Kind.CHOICE
    return FormField(
        kind=kind, values=values, source=source, free=place in SUGGESTED, bounds=_bounds(metadata), **common
    )


def _list(annotation: Any, place: tuple[str, str]) -> dict[str, Any]:
    item, metadata, _ = _plain(get_args(annotation)[0], ())
    kind, values = _scalar(item, metadata)
    source = REFERENCES.get(place)
    chosen = kind is Kind.CHOICE or source is not None
    if chosen and place not in ORDERED:
        return {"kind": Kind.CHOICES, "item": Kind.CHOICE, "values": values, "source": source}
    if chosen or kind is Kind.LIMIT:
        item_kind = Kind.CHOICE if chosen else kind
        return {"kind": Kind.LIST, "item": item_kind, "values": values, "source": source}
    return {"kind": Kind.LINES, "item": kind}


def _map(annotation: Any, place: tuple[str, str]) -> dict[str, Any]:
    key, value = get_args(annotation)
    plain, metadata, _ = _plain(value, ())
    keys, key_metadata, _ = _plain(key, ())
    kind, values = _scalar(plain, metadata)
    _, key_values = _scalar(keys, key_metadata)
    return {
        "item": kind,
        "values": values,
        "bounds": _bounds(metadata),
        "key_values": key_values,
        "key_source": REFERENCES.get(place),
    }


def _scalar(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        values = get_args(annotation)
        return (Kind.CHOICE, values) if all(isinstance(each, str) for each in values) else (Kind.NUMBER, ())
    if annotation in {bool, int, float, date}:
        return {bool: Kind.YES_NO, int: Kind.NUMBER, float: Kind.DECIMAL, date: Kind.DATE}[annotation], ()
    bounds = _bounds(metadata)
    if bounds.pattern == _LIMIT_PATTERN:
        return Kind.LIMIT, ()
    several = bounds.pattern == r"\S" or (bounds.max_length or 0) > LONG
    return Kind.LONG_TEXT if several else Kind.TEXT, ()


def _plain(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...], bool]:
    """The type without `Annotated` and `None`, everything it was annotated with, and whether `None` is allowed."""
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*metadata, *more)
        elif get_origin(annotation) in {Union, UnionType}:
            rest = [each for each in get_args(annotation) if each is not NoneType]
            optional = optional or len(rest) < len(get_args(annotation))
            annotation = rest[0]
        else:
            return annotation, metadata, optional


def _bounds(metadata: tuple[Any, ...]) -> Bounds:
    parts = [part for each in metadata for part in (each.metadata if isinstance(each, FieldInfo) else (each,))]

    def last(*names: str) -> Any:
        found = [getattr(part, name, None) for part in parts for name in names]
        return next((each for each in reversed(found) if each is not None), None)

    return Bounds(last("ge", "gt"), last("le", "lt"), last("max_length"), last("pattern"))


_LIMIT_PATTERN = _bounds(get_args(LimitText)[1:]).pattern


def _model_of(annotation: Any) -> type[BaseModel] | None:
    plain, _, _ = _plain(annotation, ())
    if get_origin(plain) in {list, tuple}:
        plain, _, _ = _plain(get_args(plain)[0], ())
    return plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None


def _own_description(info: FieldInfo) -> str:
    """The docstring of the field; not the description that its type brings to every field of that type."""
    own = info.description or ""
    return "" if own.startswith(("a unit of the", "an entry of", "a post of", "a channel from")) else own
