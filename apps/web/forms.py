"""Forms: fields with labels in two languages, what was typed, and what is wrong with it.

A form is a tuple of `Spec`. For the form of a command, the constraints (required, length, bounds, members of
an enumeration) are read from the command's model, so that a form never disagrees with its contract.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin
from uuid import uuid4

import annotated_types
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData

from apps.web.services import Reason, ServiceProblem
from apps.web.view import View

Kind = Literal[
    "text", "area", "select", "radio", "checks", "check", "number", "date", "datetime-local", "tel", "email", "url",
    "month", "search", "password", "file", "hidden",
]  # fmt: skip
LONG = 200
"""Text that may be longer than this gets an area."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a field."""

    value: str
    label: str
    note: str = ""


Choices = Callable[[View], Sequence[Choice]]


@dataclass(frozen=True)
class Spec:
    """A field as it is declared; what is left out is read from the command's model."""

    name: str
    zh: str
    en: str
    kind: Kind | None = None
    help: tuple[str, str] = ("", "")
    choices: Choices | None = None
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Names of the members of an enumeration: (Chinese, English)."""
    required: bool | None = None
    default: str = ""
    rows: int = 5
    most: int | None = None
    autocomplete: str = ""
    inputmode: str = ""
    accept: str = ""
    empty: tuple[str, str] = ("请选择", "Choose")
    """The first line of a list to select from."""


@dataclass(frozen=True)
class Field:
    """A field as a page shows it."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: Sequence[Choice] = ()
    required: bool = False
    values: Sequence[str] = ()
    """Of a field for files: those that are stored already, each its id and its name."""
    fault: str = ""
    rows: int = 5
    most: int | None = None
    least: float | None = None
    greatest: float | None = None
    autocomplete: str = ""
    inputmode: str = ""
    accept: str = ""
    empty: str = ""

    @property
    def value(self) -> str:
        """The first value."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, for the list above the form. `field` is empty when it is about no field of the form."""

    text: str
    field: str = ""


@dataclass
class Form:
    """A form with values and faults."""

    fields: list[Field]
    faults: list[Fault] = field(default_factory=list)
    once: str = field(default_factory=lambda: str(uuid4()))
    acting: str = ""
    """The post that has opened the form; it is refused when another one sends it."""

    @property
    def has_files(self) -> bool:
        """Whether files may be chosen, so that the form is sent as `multipart/form-data`."""
        return any(each.kind == "file" for each in self.fields)

    def __getitem__(self, name: str) -> Field:
        """A field by its name. Raises `KeyError`."""
        return next((each for each in self.fields if each.name == name), None) or _missing(name)

    def fail(self, text: str, name: str = "") -> None:
        """Record a fault, beside its field where the form has it."""
        known = any(each.name == name for each in self.fields)
        self.faults.append(Fault(text, name if known else ""))
        self.fields = [replace(each, fault=each.fault or text) if each.name == name else each for each in self.fields]

    def refuse(self, view: View, problem: ServiceProblem) -> None:
        """Record what a service refused: each reason beside its field, and everything typed stays.

        A command that was decided is over: what is sent next is another one.
        """
        if problem.document.get("command_id"):
            self.once = str(uuid4())
        reasons = problem.reasons or (Reason(problem.code, problem.zh, problem.en),)
        for reason in reasons:
            self.fail(view.t(reason.zh, reason.en), self._field_of(reason.field))

    def _field_of(self, path: str | None) -> str:
        """The form's field of a path such as ``data.consultation.minutes``: the longest name that fits."""
        parts = (path or "").removeprefix("data.").split(".")
        names = {each.name for each in self.fields}
        paths = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        return next((each for each in paths if each in names), "")


def build(
    view: View,
    specs: Iterable[Spec],
    model: type[BaseModel] | None = None,
    given: FormData | Mapping[str, Any] | None = None,
) -> Form:
    """The form with what was given: a form that was sent, or values by name; else what was kept, else the defaults."""
    form = Form([_field(view, spec, model, given) for spec in specs], acting=view.post)
    if isinstance(given, FormData) and (once := given.get("once")):
        form.once = str(once)[:100]
    return form


def read(
    view: View, specs: Sequence[Spec], sent: FormData, model: type[BaseModel] | None = None
) -> tuple[Form, dict[str, Any]]:
    """The form that was sent, with the faults that need no service, and its values for the command's `data`.

    Empty fields are left out. A name with a dot is a field of an inner object. Instants are in the city's time zone.
    """
    form, data = build(view, specs, model, sent), dict[str, Any]()
    for each in form.fields:
        values = [str(value) for value in sent.getlist(each.name) if isinstance(value, str) and str(value).strip()]
        if not values:
            if each.required:
                form.fail(view.t(f"请填写“{each.label}”。", f"“{each.label}” is missing."), each.name)
            continue
        try:
            value = _value(view, each, values, _annotation(model, each.name))
        except ValueError:
            form.fail(view.t(f"“{each.label}”填写不正确。", f"“{each.label}” is not valid."), each.name)
            continue
        _put(data, each.name.split("."), value)
    return form, data


def _missing(name: str) -> Field:
    raise KeyError(name)


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
    data[path[-1]] = value


def _value(view: View, each: Field, values: Sequence[str], annotation: Any) -> Any:
    """One value for JSON. Raises `ValueError`."""
    if each.kind in {"radio", "select", "checks"} and each.choices:
        allowed = {choice.value for choice in each.choices}
        if not allowed.issuperset(values):
            raise ValueError(each.name)
    if each.kind == "checks" or _is_tuple(annotation):
        if each.kind == "area":  # one entry a line
            return [line.strip() for line in values[0].splitlines() if line.strip()]
        return list(values)
    text = values[0]
    if each.kind == "number":
        return float(text) if "." in text else int(text)
    if each.kind == "datetime-local":
        return datetime.fromisoformat(text).replace(tzinfo=view.place.zone).isoformat()
    if each.kind == "date":
        return date.fromisoformat(text).isoformat()
    if each.kind == "check" or _is_bool(annotation):
        return text in {"true", "on", "yes"}
    return text


def _field(view: View, spec: Spec, model: type[BaseModel] | None, given: FormData | Mapping[str, Any] | None) -> Field:
    info = _info(model, spec.name)
    annotation = _annotation(model, spec.name)
    limits = _limits(info)
    kind = spec.kind or _kind(annotation, limits)
    required = spec.required if spec.required is not None else bool(info and info.is_required())
    return Field(
        spec.name,
        kind,
        view.t(spec.zh, spec.en),
        view.t(*spec.help),
        spec.choices(view) if spec.choices else _members(view, annotation, spec.labels),
        required and kind != "check",
        _given(view, spec, given),
        rows=spec.rows,
        most=spec.most or (None if _is_tuple(annotation) else limits.get("max_length")),
        least=limits.get("ge"),
        greatest=limits.get("le"),
        autocomplete=spec.autocomplete,
        inputmode=spec.inputmode,
        accept=spec.accept,
        empty=view.t(*spec.empty),
    )


def _given(view: View, spec: Spec, given: FormData | Mapping[str, Any] | None) -> Sequence[str]:
    if isinstance(given, FormData):
        return [value for value in given.getlist(spec.name) if isinstance(value, str)]
    if spec.name in view.kept:
        return view.kept[spec.name]
    if given is not None and spec.name in given:
        value = given[spec.name]
        return [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)]
    return [spec.default] if spec.default else ()


def _info(model: type[BaseModel] | None, name: str) -> FieldInfo | None:
    """The model's field of a dotted name."""
    first, _, rest = name.partition(".")
    info = model.model_fields.get(first) if model else None
    if info is None or not rest:
        return info
    inner = _plain(info.annotation)
    return _info(inner, rest) if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _annotation(model: type[BaseModel] | None, name: str) -> Any:
    info = _info(model, name)
    return _plain(info.annotation) if info else None


def _plain(annotation: Any) -> Any:
    """The type without `None` and without metadata."""
    if get_origin(annotation) in {Union, types.UnionType}:
        kinds = [each for each in get_args(annotation) if each is not type(None)]
        return _plain(kinds[0]) if kinds else annotation
    if hasattr(annotation, "__metadata__"):
        return _plain(get_args(annotation)[0])
    return annotation


def _limits(info: FieldInfo | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pending = list(info.metadata) if info else []
    if info is not None:
        for each in (info.annotation, *get_args(info.annotation)):
            pending += list(getattr(each, "__metadata__", ()))
    while pending:
        each = pending.pop()
        if isinstance(each, FieldInfo):
            pending += each.metadata
        for kind, key in (
            (annotated_types.MaxLen, "max_length"),
            (annotated_types.Ge, "ge"),
            (annotated_types.Le, "le"),
        ):
            if isinstance(each, kind):
                found[key] = getattr(each, key)
    return found


def _kind(annotation: Any, limits: Mapping[str, Any]) -> Kind:
    if _is_bool(annotation):
        return "check"
    if _is_tuple(annotation):
        return "checks" if _enumeration(get_args(annotation)[0]) else "area"
    if _enumeration(annotation):
        return "radio"
    if annotation in {datetime, AwareDatetime}:
        return "datetime-local"
    if annotation is date:
        return "date"
    if annotation in {int, float}:
        return "number"
    return "area" if limits.get("max_length", 0) > LONG else "text"


def _members(view: View, annotation: Any, labels: Mapping[str, tuple[str, str]]) -> Sequence[Choice]:
    inner = get_args(annotation)[0] if _is_tuple(annotation) else annotation
    if (members := _enumeration(inner)) is None:
        return ()
    return [Choice(each, view.t(*labels.get(each, (each, each)))) for each in members]


def _enumeration(annotation: Any) -> list[str] | None:
    plain = _plain(annotation)
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return [each.value for each in plain]
    if get_origin(plain) is Literal:
        return [str(each) for each in get_args(plain)]
    return None


def _is_tuple(annotation: Any) -> bool:
    return get_origin(annotation) is tuple


def _is_bool(annotation: Any) -> bool:
    return annotation is bool
