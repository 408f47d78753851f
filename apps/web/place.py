"""Names and structure of the place in force: units, posts, areas, categories, channels, from `GET /v1/place`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from apps.web.language import Language, Named, name_in
from apps.web.services import ServiceProblem, Services

log = logging.getLogger(__name__)
FRESH_SECONDS = 30.0
MOST_LEVELS = 8
"""Of a tree that is shown."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Entry(_Part):
    """Something with a code and a name in two languages."""

    code: str = ""
    zh: str = ""
    en: str = ""
    parent: str | None = None


class Unit(_Part):
    """A unit of the organisation tree."""

    id: str
    zh: str = ""
    en: str = ""
    level: str = ""
    parent: str | None = None
    areas: tuple[str, ...] = ()
    dispatches: bool = False
    """Whether it is a centre with a dispatcher."""


class Post(_Part):
    """A post of a unit."""

    id: str
    unit: str
    duty: str = ""
    instructs: bool = False
    administers: bool = False
    channels: tuple[str, ...] = ()
    stand_in: str | None = None


class Value(_Part):
    """One answer of a question with a list."""

    key: str
    zh: str = ""
    en: str = ""


class Question(_Part):
    """A question of a category."""

    code: str
    zh: str = ""
    en: str = ""
    datatype: str = "string"
    required: bool = False
    values: tuple[Value, ...] = ()


class Category(Entry):
    """What may be complained about."""

    questions: tuple[Question, ...] = ()


class Limit(_Part):
    """So many units of time."""

    amount: int
    unit: str


class Appeal(Entry):
    """What a complainant may want."""

    limit: Limit | None = None
    """Of the whole case."""


class Reply(_Part):
    """A text from which staff start an answer."""

    code: str
    zh: str = ""
    en: str = ""
    text: str = ""
    categories: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


DUTIES: Mapping[str, tuple[str, str]] = {
    "desk": ("经办岗", "desk"),
    "agent": ("坐席", "agent"),
    "director": ("主任", "director"),
    "deputy": ("副主任", "deputy"),
    "chief": ("负责人", "chief"),
    "leader": ("负责人", "leader"),
}
"""Usual names of posts within a unit. A place gives a post an id and no name."""


def duty_name(own: str, language: Language) -> str:
    """The last part of a post's id in words, such as `经办岗2` for `desk-2`; as it is where there are none."""
    stem, _, number = own.partition("-")
    if stem not in DUTIES or not (number.isdigit() or not number):
        return own
    name = DUTIES[stem][language == "en"]
    return f"{name} {number}".strip() if language == "en" else f"{name}{number}"


class PlaceDocument(_Part):
    """The answer of `GET /v1/place`."""

    id: str = ""
    version: str = ""
    zh: str = ""
    en: str = ""
    zone: str = "Asia/Shanghai"
    units: tuple[Unit, ...] = ()
    posts: tuple[Post, ...] = ()
    areas: tuple[Entry, ...] = ()
    categories: tuple[Category, ...] = ()
    channels: tuple[Entry, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True)
class Place:
    """Lookups in the document."""

    document: PlaceDocument = field(default_factory=PlaceDocument)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Units by id."""
        return {each.id: each for each in self.document.units}

    @cached_property
    def posts(self) -> Mapping[str, Post]:
        """Posts by id."""
        return {each.id: each for each in self.document.posts}

    @cached_property
    def areas(self) -> Mapping[str, Entry]:
        """Areas by code."""
        return {each.code: each for each in self.document.areas}

    @cached_property
    def categories(self) -> Mapping[str, Category]:
        """Categories by code."""
        return {each.code: each for each in self.document.categories}

    @cached_property
    def channels(self) -> Mapping[str, Entry]:
        """Channels by code."""
        return {each.code: each for each in self.document.channels}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the city."""
        return ZoneInfo(self.document.zone)

    def name(self, language: Language) -> str:
        """The name of the place."""
        return name_in(language, self.document)

    def named(self, kind: str, code: str | None, language: Language) -> str:
        """The name of a unit, area, category, channel or post; its code where it has none. `kind` is singular."""
        if not code:
            return ""
        if kind == "post":
            return self.post_name(code, language)
        tables: dict[str, Mapping[str, Any]] = {
            "unit": self.units,
            "area": self.areas,
            "category": self.categories,
            "channel": self.channels,
        }
        found: Named | None = tables[kind].get(code)
        return (name_in(language, found) if found else "") or code

    def post_name(self, post: str, language: Language) -> str:
        """A post as its unit's name and its own, such as `北城城管 · captain`."""
        unit, _, own = post.partition(".")
        return (
            f"{self.named('unit', unit, language)} · {duty_name(own, language)}" if own and unit in self.units else post
        )

    def superiors(self, unit: str) -> Iterator[str]:
        """The units above, the nearest first."""
        seen = {unit}
        above = self.units[unit].parent if unit in self.units else None
        while above and above not in seen:
            seen.add(above)
            yield above
            above = self.units[above].parent if above in self.units else None

    def below(self, unit: str) -> list[str]:
        """The unit and all units below it, in the order of the list."""
        return [each for each in self.units if each == unit or unit in self.superiors(each)]

    def is_root(self, unit: str) -> bool:
        """Whether no unit is above it."""
        return unit in self.units and self.units[unit].parent is None

    @cached_property
    def unit_tree(self) -> Sequence[tuple[int, Unit]]:
        """All units with their depth, each below its superior."""
        return _tree(self.document.units, lambda unit: unit.id)

    def tree(self, entries: Iterable[Entry]) -> Sequence[tuple[int, Entry]]:
        """Entries with their depth, each below its parent."""
        return _tree(entries, lambda entry: entry.code)


class _Branch(Protocol):
    @property
    def parent(self) -> str | None: ...


B = TypeVar("B", bound=_Branch)


def _tree(entries: Iterable[B], key_of: Callable[[B], str]) -> list[tuple[int, B]]:
    every = list(entries)
    keys = {key_of(each) for each in every}
    children: dict[str | None, list[B]] = {}
    for each in every:
        children.setdefault(each.parent if each.parent in keys else None, []).append(each)

    def below(parent: str | None, depth: int) -> Iterator[tuple[int, B]]:
        for each in children.get(parent, ()) if depth < MOST_LEVELS else ():
            yield depth, each
            yield from below(key_of(each), depth + 1)

    return list(below(None, 0))


class PlaceFeed:
    """The place in force, asked for again when it may have changed. The last one known stays in use meanwhile."""

    def __init__(self, services: Services, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._monotonic = monotonic
        self._place: Place | None = None
        self._asked_at = -FRESH_SECONDS
        self._lock = asyncio.Lock()

    async def current(self) -> Place:
        """The place. Raises `ServiceProblem` where none is known yet."""
        async with self._lock:
            if self._place is None or self._monotonic() - self._asked_at > FRESH_SECONDS:
                self._place = await self._asked()
                self._asked_at = self._monotonic()
            return self._place

    async def _asked(self) -> Place:
        try:
            document = PlaceDocument.model_validate(await self._services.get("intake", "/v1/place"))
        except ServiceProblem as problem:
            if self._place is None:
                raise
            log.warning("the place could not be read again: %s", problem.code)
            return self._place
        if self._place is not None and self._place.document.version == document.version:
            return self._place
        return Place(document)
