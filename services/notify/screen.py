"""The screen as everybody sees it: the newest lines of `board.events`, and how many cases have moved today."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime

from aiokafka import ConsumerRecord
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.board import BoardEntryPosted
from contracts.codes import Ending, Language
from contracts.envelope import EnvelopeError, decode
from services.notify.domain.facts import name_of
from services.notify.domain.policy import Policy

log = logging.getLogger(__name__)

MOST_LINES = 500
"""That are kept: the most that `listed` may be."""


class Named(BaseModel):
    """A code, and what it is called."""

    code: str
    zh: str
    en: str


class BoardLine(BaseModel):
    """Where a case stands."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    entry_id: str
    """The same for a case wherever it stands: a newer line takes its place."""
    posted_at: datetime
    stage: Named
    number: str
    """Its last digits masked."""
    channel: Named
    category: Named
    area: Named | None = None
    """Absent: somewhere in the place."""
    unit: Named | None = None
    registered_on: date
    days: int
    result: Named | None = None
    satisfaction: Named | None = None


class Today(BaseModel):
    """How many cases have come to each stage since midnight."""

    day: date
    registered: int
    assigned: int
    answered: int
    rated: int


class ShownBoard(BaseModel):
    """The screen."""

    at: datetime
    today: Today
    lines: list[BoardLine]


class Screen:
    """Built from the topic alone, again after each start; to take a record twice changes nothing."""

    def __init__(self, policy: Callable[[], Policy]) -> None:
        self._policy = policy
        self._lines: OrderedDict[str, BoardEntryPosted] = OrderedDict()
        self._moved: dict[str, set[str]] = {}
        self._day: date | None = None

    def take(self, record: ConsumerRecord) -> None:
        """One record of the topic. Other types, and what cannot be read, change nothing."""
        try:
            envelope, body = decode(record.headers, record.value)
            if envelope.type == BoardEntryPosted.TYPE:
                self.post(BoardEntryPosted.model_validate_json(body))
        except (EnvelopeError, ValidationError):
            log.warning("a line of the board cannot be read", extra={"fields": {"offset": record.offset}})

    def post(self, entry: BoardEntryPosted) -> None:
        """The line takes the place of the one the case had; one that is older is passed over."""
        self._count(entry)
        shown = self._lines.get(entry.entry_id)
        if shown is not None and shown.occurred_at > entry.occurred_at:
            return
        self._lines[entry.entry_id] = entry
        self._lines.move_to_end(entry.entry_id)
        while len(self._lines) > MOST_LINES:
            self._lines.popitem(last=False)

    def shown(self, at: datetime, limit: int) -> ShownBoard:
        """The newest lines, the newest first."""
        policy = self._policy()
        newest = sorted(self._lines.values(), key=lambda each: each.occurred_at, reverse=True)
        lines = [_line(each, policy) for each in newest[: min(limit, policy.table.board.listed)]]
        day = policy.day(at)
        moved = self._moved if self._day == day else {}
        counts = {stage: len(moved.get(stage, ())) for stage in ("registered", "assigned", "answered", "rated")}
        return ShownBoard(at=at, today=Today(day=day, **counts), lines=lines)

    def _count(self, entry: BoardEntryPosted) -> None:
        day = self._policy().day(entry.occurred_at)
        if self._day is None or day > self._day:
            self._day, self._moved = day, {}
        if day == self._day:
            self._moved.setdefault(entry.stage, set()).add(entry.entry_id)


def _line(entry: BoardEntryPosted, policy: Policy) -> BoardLine:
    names = policy.names
    of_result = "ending" if entry.result in set(Ending) else "result"
    return BoardLine(
        entry_id=entry.entry_id,
        posted_at=entry.occurred_at,
        stage=_coded("stage", entry.stage),
        number=entry.number,
        channel=_named(entry.channel, names.channel),
        category=_named(entry.category, names.category),
        area=None if entry.area is None else _named(entry.area, names.area),
        unit=None if entry.unit is None else unit_named(entry.unit, policy),
        registered_on=entry.registered_on,
        days=entry.days,
        result=None if entry.result is None else _coded(of_result, entry.result),
        satisfaction=None if entry.satisfaction is None else _coded("satisfaction", entry.satisfaction),
    )


def unit_named(unit: str, policy: Policy) -> Named:
    """A unit, and what it is called."""
    return _named(unit, lambda id, language: policy.names.unit(id, language) or id)


def _named(code: str, name: Callable[[str, Language], str]) -> Named:
    return Named(code=code, zh=name(code, Language.CHINESE), en=name(code, Language.ENGLISH))


def _coded(of: str, code: str) -> Named:
    return _named(code, lambda each, language: name_of(of, each, language))
