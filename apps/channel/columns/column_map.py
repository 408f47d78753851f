"""Model and loader of column maps: TOML files that map a city's columns and values to submission fields and codes."""

from __future__ import annotations

import codecs
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from contracts.codes import AppealType, Channel
from contracts.message import ChannelId, Code
from contracts.reference_findings import field_of
from contracts.tables import Name, Table
from contracts.toml_faults import Fault, misfits, unreadable
from contracts.toml_lines import Path as Place
from contracts.toml_lines import line_of, lines_of

ISO = "iso"
"""The format of dates such as ``2025-11-28T08:15:00.000``, with or without an offset."""

Alternatives = Annotated[list[Name], Field(min_length=1)]
"""Columns, or templates such as ``{street_1} & {street_2}``; the first whose columns all have values is used."""
AppealCode = Annotated[AppealType, Field(strict=False)]
WHERE = "where"
"""The name by which the parts of the text refer to the joined address."""
_NAMED = re.compile(r"\{([^{}]*)\}")


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


class Position(Table):
    """The WGS 84 position: two columns, or one with ``(40.7, -73.9)`` or ``POINT (-73.9 40.7)``."""

    latitude: Name | None = None
    longitude: Name | None = None
    point: Name | None = None


class ColumnMap(Table):
    """A column map for one kind of file of one city."""

    city: Name
    place: Name
    """The place, a folder of `policies/`, whose codes the map uses."""
    timezone: Name
    """Time zone of dates without an offset."""
    encoding: Name | None = None
    """Encoding of the file; when not set, UTF-8, UTF-16 and GB18030 are detected."""
    columns: dict[str, Annotated[list[Name], Field(min_length=1)]]
    """Headers in the file, by the column names of this map. In each row the first header with a value is used; letter
    case, spaces and underscores of a header do not matter."""
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


class BrokenMapError(Exception):
    """A column map is invalid. The message has one entry per fault: file, line, field and correction."""


@dataclass(frozen=True)
class Loaded:
    """A column map and the digest of its file."""

    map: ColumnMap
    digest: str


def shipped() -> tuple[str, ...]:
    """The names of the maps in this package."""
    return tuple(sorted(each.name.removesuffix(".toml") for each in _maps().iterdir() if each.name.endswith(".toml")))


def load(name: str) -> Loaded:
    """Load a map of this package by name, or a file by path. Raises `BrokenMapError`."""
    if name in shipped():
        return _parsed(f"{name}.toml", (_maps() / f"{name}.toml").read_bytes())
    path = Path(name)
    if path.suffix.lower() != ".toml" or not path.is_file():
        known = ", ".join(shipped())
        raise BrokenMapError(
            f"{name}: is neither a built-in map ({known}) nor a .toml file\n"
            f"{name}：既不是自带的列映射（{known}），也不是 .toml 文件"
        )
    return _parsed(name, path.read_bytes())


def names_in(template: str) -> tuple[str, ...]:
    """The columns of an alternative: a single name, or the names in the braces of a template."""
    return tuple(_NAMED.findall(template)) if "{" in template else (template,)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Fill an alternative with the values of its columns."""
    return _NAMED.sub(lambda found: values[found[1]], template) if "{" in template else values[template]


def _maps() -> Path:
    return Path(str(files("apps.channel.columns"))) / "maps"


def _parsed(file: str, raw: bytes) -> Loaded:
    try:
        text = raw.decode("utf-8-sig")
        lines, table = lines_of(text), tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenMapError(str(unreadable(file, "map", raw, error))) from None
    faults = list(misfits(file, ColumnMap, table, lines))
    if not faults:
        made = ColumnMap.model_validate(table)
        faults = [Fault(file, line_of(lines, at), field_of(at), zh, en) for at, zh, en in _contradictions(made)]
        if not faults:
            return Loaded(made, hashlib.sha256(raw).hexdigest())
    raise BrokenMapError("\n".join(str(each) for each in sorted(faults)))


def _contradictions(made: ColumnMap) -> Iterator[tuple[Place, str, str]]:
    """Yield the faults across fields: undeclared column names, unknown date formats, time zones and encodings."""
    for path, template in _uses(made):
        for name in names_in(template):
            if name not in made.columns and not (name == WHERE and path[0] == "text" and made.address is not None):
                yield (
                    path,
                    f"[columns] 中没有“{name}”：请加上或改正",
                    f"'{name}' is not in [columns]: add or correct it",
                )
    if WHERE in made.columns:
        yield ("columns", WHERE), "where 指 [address]：请换一个名字", "is the name of [address]: choose another"
    for code in ("category", "area"):
        coded: Coded = getattr(made, code)
        if coded.column is None and coded.fallback is None:
            yield (code,), "要有 column 或 fallback", "needs a `column` or a `fallback`"
    if (made.position.latitude is None) != (made.position.longitude is None):
        yield ("position",), "latitude 和 longitude 要一起写", "latitude and longitude go together"
    for n, form in enumerate(made.received_at.formats):
        if form != ISO and not _is_format(form):
            yield (
                ("received_at", "formats", n),
                "应为 iso，或写年、月、日的格式，如 %Y-%m-%d %H:%M",
                "must be iso, or a format with year, month and day such as %Y-%m-%d %H:%M",
            )
    yield from _unknown_names(made)


def _unknown_names(made: ColumnMap) -> Iterator[tuple[Place, str, str]]:
    try:
        ZoneInfo(made.timezone)
    except (KeyError, ValueError, OSError):
        yield (
            ("timezone",),
            f"没有“{made.timezone}”这个时区：请写如 Asia/Shanghai",
            f"'{made.timezone}' is no time zone: write one such as Asia/Shanghai",
        )
    try:
        codecs.lookup(made.encoding or "utf-8")
    except (LookupError, ValueError):
        yield (
            ("encoding",),
            f"没有“{made.encoding}”这种编码：请写如 gb18030",
            f"'{made.encoding}' is no encoding: write one such as gb18030",
        )
    try:
        re.compile(made.external_id.pattern or "")
    except re.error as error:
        yield ("external_id", "pattern"), "不是正则表达式", f"is no regular expression: {error}"


def _uses(made: ColumnMap) -> Iterator[tuple[Place, str]]:
    """Yield every use of a column, with its position in the map."""
    singles: Mapping[Place, str | None] = {
        ("external_id", "column"): made.external_id.column,
        ("received_at", "column"): made.received_at.column,
        ("category", "column"): made.category.column,
        ("area", "column"): made.area.column,
        ("channel", "column"): made.channel.column,
        ("position", "latitude"): made.position.latitude,
        ("position", "longitude"): made.position.longitude,
        ("position", "point"): made.position.point,
    }
    yield from ((path, name) for path, name in singles.items() if name is not None)
    yield from ((("title", n), each) for n, each in enumerate(made.title))
    for field, joined in (("text", made.text), ("address", made.address)):
        for n, part in enumerate(joined.parts if joined else ()):
            yield from (((field, "parts", n, i), each) for i, each in enumerate(part))


def _is_format(form: str) -> bool:
    """Whether a date formatted this way parses back to the same day."""
    known = datetime(2021, 11, 28, 20, 15, 30)  # noqa: DTZ001 - a format knows no zone
    try:
        return datetime.strptime(known.strftime(form), form).date() == known.date()  # noqa: DTZ007 - likewise
    except (ValueError, re.error):
        return False
