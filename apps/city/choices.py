"""Which fields name entries of the place's own lists, and what those lists hold in a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.city.names import Names
from contracts.channel_tables import channel_names, channels_of
from contracts.codes import AppealType

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Choice:
    """A value that a field may have."""

    code: str
    zh: str
    en: str


UNITS = "units"
_UNIT_FIELDS = {
    ("Jurisdiction", "unit"),
    ("Area", "jurisdiction"),
    ("Unit", "parent"),
    ("Rule", "to"),
    ("Post", "unit"),
    ("Receiver", "unit"),
    ("Findings", "by"),
    ("Findings", "appeals_to"),
    ("Findings", "appeals_otherwise_to"),
    ("Inspections", "by"),
    ("Surveys", "by"),
    ("Decider", "post"),
    ("Decider", "unit"),
    ("SilenceLimits", "tell"),
    ("Publication", "by"),
    ("Publication", "reviewed_by"),
    ("Publication", "reviewed_otherwise_by"),
    ("Component", "assessed_by"),
    ("Entered", "assessed_by"),
    ("Deduction", "assessed_by"),
    ("Bonus", "assessed_by"),
    ("Bonus", "approved_by"),
    ("ReplyTemplate", "units"),
}
REFERENCES: Mapping[tuple[str, str], str] = {
    **dict.fromkeys(_UNIT_FIELDS, UNITS),
    ("Area", "parent"): "areas",
    ("Open311", "area"): "areas",
    ("Unit", "areas"): "areas",
    ("Unit", "class"): "classes",
    ("Group", "classes"): "classes",
    **{
        (model, "categories"): "categories" for model in ("Rule", "Verification", "Approval", "ScopeRule", "CloseLimit")
    },
    ("ExtensionLimit", "most"): "categories",
    ("ReplyTemplate", "categories"): "categories",
    **{(model, "areas"): "areas" for model in ("Rule", "ScopeRule")},
    **{(model, "appeals"): "appeals" for model in ("Rule", "Verification", "Approval", "ScopeRule", "CloseLimit")},
    **{(model, "channels"): "channels" for model in ("ScopeRule", "Series", "Component", "Post")},
    ("Post", "stand_in"): "posts",
    ("Receiver", "post"): "posts",
    ("ProcedureStep", "post"): "posts",
    ("Series", "to"): "receivers",
    ("Component", "systems"): "systems",
    ("Deduction", "systems"): "systems",
    ("Group", "weights"): "components",
    ("Consequence", "groups"): "groups",
    ("Consequence", "band_at_most"): "bands",
    ("Step", "measures"): "measures",
}
"""By model and field: the list whose entries it names."""
SUGGESTED = frozenset({("Unit", "class")})
"""Fields that may also hold a value which is not in the list."""


def choices_of(tables: Tables, source: str) -> list[Choice]:
    """What a list holds in these tables, which may be incomplete."""
    return list({each.code: each for each in _SOURCES[source](tables)}.values())


def _entries(table: str, list_name: str, key: str) -> Callable[[Tables], Iterator[Choice]]:
    def found(tables: Tables) -> Iterator[Choice]:
        entries = tables.get(table, {}).get(list_name, ())
        for each in entries if isinstance(entries, list) else ():
            if isinstance(each, Mapping) and isinstance(code := each.get(key), str):
                yield Choice(code, _text(each.get("zh"), code), _text(each.get("en"), code))

    return found


def _text(value: Any, otherwise: str) -> str:
    return value if isinstance(value, str) and value else otherwise


def _appeals(_tables: Tables) -> Iterator[Choice]:
    names = Names()
    for each in AppealType:
        zh, en = names.value(str(each))
        yield Choice(str(each), zh, en)


def _channels(tables: Tables) -> Iterator[Choice]:
    entries = tables.get("channels", {}).get("channel")
    if isinstance(entries, list):
        yield from _entries("channels", "channel", "code")(tables)
        return
    names = channel_names({})
    for code in channels_of({}):
        yield Choice(code, names[code]["zh"], names[code]["en"])


def _classes(tables: Tables) -> Iterator[Choice]:
    for unit in _listed(tables.get("units", {}).get("unit")):
        if isinstance(code := unit.get("class"), str):
            yield Choice(code, code, code)


def _posts(tables: Tables) -> Iterator[Choice]:
    units = {each.code: each for each in _entries("units", "unit", "id")(tables)}
    for post in _listed(tables.get("posts", {}).get("post")):
        id, unit = post.get("id"), units.get(str(post.get("unit")))
        if isinstance(id, str):
            own = id.rpartition(".")[2]
            yield Choice(id, f"{unit.zh} {own}" if unit else id, f"{unit.en}, {own}" if unit else id)


def _receivers(tables: Tables) -> Iterator[Choice]:
    yield from _SOURCES[UNITS](tables)
    yield from _posts(tables)


def _listed(entries: Any) -> Iterable[Mapping[str, Any]]:
    return [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else ()


_SOURCES: Mapping[str, Callable[[Tables], Iterable[Choice]]] = {
    UNITS: _entries("units", "unit", "id"),
    "areas": _entries("areas", "area", "code"),
    "categories": _entries("categories", "category", "code"),
    "appeals": _appeals,
    "channels": _channels,
    "classes": _classes,
    "posts": _posts,
    "receivers": _receivers,
    "systems": _entries("systems", "system", "id"),
    "components": _entries("scores", "component", "id"),
    "groups": _entries("scores", "group", "id"),
    "bands": _entries("scores", "band", "id"),
    "measures": _entries("accountability", "measure", "id"),
}
