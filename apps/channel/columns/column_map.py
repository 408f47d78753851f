"""Model and loader of column maps: TOML files that map a city's columns and values to submission fields and codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from contracts.codes import AppealType, Channel
from contracts.message import ChannelId, Code
from contracts.tables import Name, Table

ISO = "iso"
"""The format of dates such as ``2025-11-28T08:15:00.000``, with or without an offset."""

HOURS = ("%H", "%I", "%c", "%X")
"""Directives of `strptime` that give the hour; a format without any gives the beginning of the day."""
NO_VALUE = ("NULL", "(null)", "<null>", r"\N", "#N/A", "NaN", "<NA>")
"""What databases and data frames write for an empty cell."""

Alternatives = Annotated[list[Name], Field(min_length=1)]
"""Columns, or templates such as ``{street_1} & {street_2}``; the first whose columns all have values is used."""
AppealCode = Annotated[AppealType, Field(strict=False)]
WHERE = "where"
"""The joined address, as a part of the text."""
NAMED = re.compile(r"\{([^{}]*)\}")
"""The name of a column in a template."""


class ExternalId(Table):
    """The city's own number of a request."""

    column: Name
    form: Literal["digits", "text"] = "text"
    pattern: str | None = None
    """A regular expression that the whole number must match."""


class ReceivedAt(Table):
    """The time at which the city received the complaint."""

    column: Name
    formats: Annotated[list[Name], Field(min_length=1)]
    """``iso`` or `strptime` formats; the first that matches is used."""


class Coded(Table):
    """Mapping from values of a column to codes of the place, ignoring letter case and repeated spaces.

    A value that is not in `values` is turned into a code if `slug` is set, else replaced by `fallback`; without either,
    its row is refused. An empty cell is replaced by `fallback`.
    """

    column: Name | None = None
    values: dict[str, Code] = Field(default_factory=dict)
    slug: bool = False
    """Convert to lower case with single hyphens: ``Noise - Street/Sidewalk`` becomes ``noise-street-sidewalk``."""
    fallback: Code | None = None


class FromChannel(Table):
    """The channel by which the request was received."""

    column: Name | None = None
    values: dict[str, ChannelId] = Field(default_factory=dict)
    default: ChannelId = Channel.PARTNER


class Appeal(Table):
    """The kind of appeal: the first one that shares a word with the category's value, else the default."""

    default: AppealCode = AppealType.COMPLAINT
    words: dict[AppealCode, list[str]] = Field(default_factory=dict)


class Joined(Table):
    """A text joined from several parts; empty parts are left out."""

    parts: Annotated[list[Alternatives], Field(min_length=1)]
    between: str


class Within(Table):
    """The degrees between which every position of the city lies."""

    south: Annotated[float, Field(ge=-90, le=90, strict=False)]
    north: Annotated[float, Field(ge=-90, le=90, strict=False)]
    west: Annotated[float, Field(ge=-180, le=180, strict=False)]
    east: Annotated[float, Field(ge=-180, le=180, strict=False)]

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the position is in the city."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


class Position(Table):
    """The WGS 84 position: two columns, or one with ``(40.7, -73.9)`` or ``POINT (-73.9 40.7)``."""

    latitude: Name | None = None
    longitude: Name | None = None
    point: Name | None = None
    within: Within | None = None
    """A row with a position outside is refused: its degrees are often exchanged, or have lost their sign."""


class ColumnMap(Table):
    """A column map for one kind of file of one city."""

    city: Name
    place: Name
    """The place, a folder of `policies/`, whose codes the map uses."""
    timezone: Name
    """Time zone of dates without an offset."""
    encoding: Name | None = None
    """Of the file; by default it is detected among UTF-8, UTF-16 and GB18030."""
    empty: list[str] = Field(default_factory=lambda: list(NO_VALUE))
    """Values that mean an empty cell; letter case does not matter."""
    columns: dict[str, Annotated[list[Name], Field(min_length=1)]]
    """Names used in this map, and the headers of each. The first header that has a value in a row is taken; letter
    case, spaces and underscores of a header do not matter, nor does punctuation where no header is exactly so."""
    external_id: ExternalId
    received_at: ReceivedAt
    category: Coded
    area: Coded
    channel: FromChannel = FromChannel()
    appeal: Appeal = Appeal()
    title: Alternatives
    text: Joined
    address: Joined | None = None
    position: Position = Position()
    attributes: dict[Code, dict[Code, str]] = Field(default_factory=dict)
    """Constant answers to the questions of a category, by category."""

    @property
    def zone(self) -> ZoneInfo:
        """`timezone` as a `ZoneInfo`."""
        return ZoneInfo(self.timezone)

    @property
    def needed(self) -> tuple[str, ...]:
        """Required columns: without them no row can be read."""
        coded = (each.column for each in (self.category, self.area) if each.column and each.fallback is None)
        return tuple(dict.fromkeys((self.external_id.column, self.received_at.column, *coded)))


def names_in(template: str) -> tuple[str, ...]:
    """The columns that an alternative names: itself, or those in its braces."""
    return tuple(NAMED.findall(template)) if "{" in template else (template,)


def filled(template: str, values: Mapping[str, str]) -> str:
    """An alternative with the values of its columns."""
    return NAMED.sub(lambda found: values[found[1]], template) if "{" in template else values[template]


def value_key(value: str) -> str:
    """A value as it is compared: letter case and repeated spaces do not matter."""
    return " ".join(value.split()).casefold()
