"""Loading of column maps: one that cannot be used is refused with file, line, field and what to do."""

from __future__ import annotations

import codecs
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from apps.channel.columns.column_map import ISO, NAMED, WHERE, Coded, ColumnMap, names_in, value_key
from contracts.reference_findings import field_of
from contracts.toml_faults import Fault, misfits, unreadable
from contracts.toml_lines import Path as Place
from contracts.toml_lines import line_of, lines_of


class BrokenMapError(Exception):
    """A map cannot be used. The text has one line for each fault, with file, line, field and what to do."""


@dataclass(frozen=True)
class Loaded:
    """A map with the digest of its text."""

    map: ColumnMap
    digest: str


def shipped() -> tuple[str, ...]:
    """The names of the maps that come with this package."""
    return tuple(sorted(each.name.removesuffix(".toml") for each in _maps().iterdir() if each.name.endswith(".toml")))


def load(name: str) -> Loaded:
    """The map of that name, or of the file at that path. Raises `BrokenMapError`."""
    if name in shipped():
        return _parsed(f"{name}.toml", (_maps() / f"{name}.toml").read_bytes())
    path = Path(name)
    if path.suffix.lower() != ".toml" or not path.is_file():
        known = ", ".join(shipped())
        raise BrokenMapError(
            f"{name}: is neither a map that comes with the package ({known}) nor a .toml file\n"
            f"{name}：既不是自带的列映射（{known}），也不是 .toml 文件"
        )
    return _parsed(name, path.read_bytes())


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
    """What no model can see: names that are not declared, formats and zones that there are not."""
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
    elif made.position.latitude is not None and made.position.latitude == made.position.longitude:
        yield (
            ("position", "longitude"),
            "与 latitude 是同一列：请改正，或写 point",
            "is the column of latitude: correct it, or write `point` for a column that has both",
        )
    yield from _broken_formats(made)
    yield from _ambiguous(made)
    yield from _unknown_names(made)


def _broken_formats(made: ColumnMap) -> Iterator[tuple[Place, str, str]]:
    for n, form in enumerate(made.received_at.formats):
        at = ("received_at", "formats", n)
        if form == ISO:
            continue
        if "%Z" in form:
            yield (
                at,
                "%Z 不会被读作时区：请写 %z，或照写字母并填写 timezone",
                'names of zones (%Z) are not read: write %z, or the letters themselves and timezone = "UTC"',
            )
        elif "%I" in form and "%p" not in form:
            yield at, "%I（12小时制）要与 %p 一起写，或改用 %H", "%I (12 hours) needs %p, or write %H"
        elif not _is_format(form):
            yield (
                at,
                "应为 iso，或写年、月、日的格式，如 %Y-%m-%d %H:%M",
                "must be iso, or a format with year, month and day such as %Y-%m-%d %H:%M",
            )


def _ambiguous(made: ColumnMap) -> Iterator[tuple[Place, str, str]]:
    """Values and headers that are there twice, and braces that name no column."""
    for table in ("category", "area", "channel"):
        first: dict[str, str] = {}
        for value in getattr(made, table).values:
            if (other := first.setdefault(value_key(value), value)) != value:
                yield (table, "values", value), f"与“{other}”相同：请删去一处", f"is the same as '{other}': remove one"
    for name, headers in made.columns.items():
        for n, header in enumerate(headers):
            if header in headers[:n]:
                yield ("columns", name, n), f"“{header}”写了两次", f"'{header}' is there twice: remove one"
    for path, template in _uses(made):
        if re.search(r"[{}]", NAMED.sub("", template)):
            yield path, "花括号不成对", "a brace is not closed: write {column}"
    within = made.position.within
    if within is not None and not (within.south < within.north and within.west < within.east):
        yield ("position", "within"), "south 应小于 north，west 应小于 east", "south is below north, west below east"


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
        b"a".decode(made.encoding or "utf-8", "ignore")
        codecs.getincrementaldecoder(made.encoding or "utf-8")
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
    """Every use of a column in the map, with its position."""
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
    """Whether a date written so can be read again, to the day."""
    known = datetime(2021, 11, 28, 20, 15, 30, tzinfo=UTC)
    try:
        return datetime.strptime(known.strftime(form), form).date() == known.date()  # noqa: DTZ007 - likewise
    except (ValueError, re.error):
        return False
