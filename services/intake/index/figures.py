"""Figures over time, counted from handlings as scoring counts them: in days, weeks or months of the place.

A handling is one from its receipt or reopening until its answer; docs/scores.md defines each number. For every
bucket: open before it + received + reopened = closed + open at its end.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.codes import Satisfaction
from contracts.instants import wall_instant
from services.intake.index.access import Access
from services.intake.index.facts import of_instant
from services.intake.index.place import IndexPlace

By = Literal["day", "week", "month"]
Of = Literal["unit", "area", "category", "channel", "appeal", "all"]
MOST_BUCKETS = 400
MOST_NUMBERS = 20_000
"""Buckets of all rows together in one answer."""
GRADES = tuple(str(each) for each in Satisfaction)


@dataclass(frozen=True)
class FiguresQuestion:
    """Which figures: buckets of the days from `start` to `end`, both included, by a dimension."""

    by: By
    of: Of
    start: date
    end: date


class Bucket(BaseModel):
    """The numbers of one day, week or month."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    start: date
    """Its first day, or the first day asked about."""
    received: int = 0
    reopened: int = 0
    answered: int = 0
    """Answered by a unit."""
    ended: int = 0
    """Ended without an answer."""
    on_time: int = 0
    """Of those answered: within the limit of the whole case."""
    rated: int = 0
    solved: int = 0
    """Of those rated."""
    grades: dict[str, int] = {}
    """Of those rated, by grade."""
    open_at_end: int = 0


class FiguresRow(BaseModel):
    """The numbers of one unit, area, category, channel or type of appeal."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    of: str
    zh: str
    en: str
    open_before: int
    """Open at the first instant of the first bucket."""
    overdue_now: int
    """Open, not paused and past the limit, at the time of asking."""
    buckets: list[Bucket]


class Figures(BaseModel):
    """Figures over time."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    by: By
    of: Of
    rows: list[FiguresRow]
    as_of: datetime | None = None
    """Everything published until then is in the answer; absent while the index is being built."""


def starts_of(question: FiguresQuestion) -> list[date]:
    """The first day of each bucket. Weeks begin on Monday; the first and last bucket may be cut."""
    found, at = [question.start], question.start
    while True:
        match question.by:
            case "day":
                at += timedelta(days=1)
            case "week":
                at += timedelta(days=7 - at.weekday())
            case "month":
                at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
        if at > question.end or len(found) > MOST_BUCKETS:
            return found
        found.append(at)


def figures(
    connection: sqlite3.Connection, question: FiguresQuestion, access: Access, place: IndexPlace, now: datetime
) -> list[FiguresRow]:
    """The rows in the order of their codes. Raises `sqlite3.Error`."""
    starts = starts_of(question)
    edges = [_micros(each, place.zone) for each in (*starts, question.end + timedelta(days=1))]
    counting = _Counting(connection, question, access, edges, by_rating=place.by_rating)
    before, overdue = counting.open_before(), counting.overdue(of_instant(now))
    numbers: dict[str, dict[int, dict[str, int]]] = {}
    for code, bucket, name, count in counting.counts():
        numbers.setdefault(code, {}).setdefault(bucket, {})[name] = count
    codes = sorted({*before, *overdue, *numbers})
    return [
        FiguresRow(
            of=code,
            zh=place.name(question.of, code, "zh"),
            en=place.name(question.of, code, "en"),
            open_before=before.get(code, 0),
            overdue_now=overdue.get(code, 0),
            buckets=_buckets(starts, numbers.get(code, {}), before.get(code, 0)),
        )
        for code in codes
    ]


def _buckets(starts: Sequence[date], numbers: Mapping[int, Mapping[str, int]], is_open: int) -> list[Bucket]:
    found = []
    for place, start in enumerate(starts):
        counts = numbers.get(place, {})
        grades = {grade: counts[grade] for grade in GRADES if counts.get(grade)}
        plain = {name: counts.get(name, 0) for name in _PLAIN}
        is_open += plain["received"] + plain["reopened"] - plain["answered"] - plain["ended"]
        found.append(Bucket(start=start, grades=grades, open_at_end=is_open, **plain))
    return found


_PLAIN = ("received", "reopened", "answered", "ended", "on_time", "rated", "solved")


class _Counting:
    def __init__(
        self,
        connection: sqlite3.Connection,
        question: FiguresQuestion,
        access: Access,
        edges: Sequence[int],
        *,
        by_rating: bool,
    ) -> None:
        self._connection = connection
        self._key = _key(access, question.of)
        self._by_rating = by_rating
        self._edges = edges
        self._seen, self._parameters = _seen(access, question.of)
        buckets = [[place, edges[place], edges[place + 1]] for place in range(len(edges) - 1)]
        self._parameters |= {"buckets": json.dumps(buckets), "first": edges[0], "last": edges[-1]}

    def open_before(self) -> dict[str, int]:
        """Open at the first instant, by code."""
        condition = "h.started < :first AND (h.ended IS NULL OR h.ended >= :first)"
        return dict(self._grouped(condition))

    def overdue(self, now: int) -> dict[str, int]:
        """Overdue at this instant, by code."""
        return dict(self._grouped("h.ended IS NULL AND h.due < :now", now=now))

    def counts(self) -> Iterator[tuple[str, int, str, int]]:
        """Code, bucket, name and number."""
        started = {"received": "h.answer = 1", "reopened": "h.answer > 1"}
        ended = {
            "answered": "h.answered = 1",
            "ended": "h.answered = 0",
            "on_time": "h.answered = 1 AND h.on_time = 1",
        }
        grades = {grade: f"h.satisfaction = '{grade}'" for grade in GRADES}
        rated = {"rated": "1", "solved": "h.solved = 1", **grades}
        yield from self._summed("started", "1", started)
        yield from self._summed("ended", "1", ended)
        if self._by_rating:
            yield from self._summed("rated", "1", rated)
        else:
            yield from self._summed("ended", "h.answered = 1 AND h.rated IS NOT NULL", rated)

    def _grouped(self, condition: str, **parameters: int) -> Iterator[tuple[str, int]]:
        query = f"SELECT {self._key}, count(*) FROM handlings AS h WHERE {condition} AND {self._seen} GROUP BY 1"
        yield from self._connection.execute(query, {**self._parameters, **parameters})

    def _summed(self, instant: str, condition: str, sums: Mapping[str, str]) -> Iterator[tuple[str, int, str, int]]:
        """One pass over the handlings whose instant lies in a bucket."""
        columns = ", ".join(f"sum({each})" for each in sums.values())
        query = f"""
        WITH b (place, low, high) AS MATERIALIZED (
            SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
            FROM json_each(:buckets)
        )
        SELECT {self._key}, b.place, {columns} FROM b
        CROSS JOIN handlings AS h ON h.{instant} >= b.low AND h.{instant} < b.high
        WHERE {condition} AND {self._seen} GROUP BY 1, 2
        """
        for code, bucket, *found in self._connection.execute(query, self._parameters):
            yield from ((code, bucket, name, count) for name, count in zip(sums, found, strict=True) if count)


def _key(access: Access, of: Of) -> str:
    """The code of a row; a channel does not learn the unit of a hidden case."""
    if of == "unit" and access.channel is not None:
        return "CASE WHEN h.hidden THEN '' ELSE h.unit END"
    return "'all'" if of == "all" else f"h.{of}"


def _seen(access: Access, of: Of) -> tuple[str, dict[str, Any]]:
    """Handlings that a key may count: as in scoring, those that concern its units; by unit, those of its units.

    A unit does not count complaints about it or about a unit above it.
    """
    if access.channel is not None:
        return "h.channel = :seen_channel", {"seen_channel": access.channel}
    unseen = "(h.about IS NULL OR h.about NOT IN (SELECT value FROM json_each(:seen_above)))"
    above = {"seen_above": json.dumps(access.above)}
    if access.everything:
        return unseen, above
    among = "IN (SELECT value FROM json_each(:seen_below))"
    own = f"h.unit {among}"
    if of != "unit":
        returned = (
            f"h.returned_by IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(h.returned_by) AS r WHERE r.value {among})"
        )
        own = f"({own} OR h.centre {among} OR ({returned}))"
    return f"{unseen} AND {own}", {**above, "seen_below": json.dumps(sorted(access.below))}


def _micros(day: date, zone: ZoneInfo) -> int:
    return of_instant(wall_instant(day, time.min, zone))
