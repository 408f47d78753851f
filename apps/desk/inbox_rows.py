"""Rows of the inbox: cases of routing joined with their limits, filtered, sorted, cut into pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from apps.desk.countdown import RANKS, Countdown, countdown_of, most_urgent
from apps.web.services import ServiceProblem

PAGE = 50
"""Rows of one page."""
SORTS = ("due", "received")
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One case of the inbox."""

    case: Mapping[str, Any]
    countdown: Countdown | None
    """The limit to watch."""
    instruction: Countdown | None = None
    """The limit of a leader's instruction (批示), where one runs."""

    @property
    def light(self) -> str:
        """Its colour; empty where no limit is known."""
        return self.countdown.light if self.countdown else ""

    @cached_property
    def due_at(self) -> datetime:
        """The end of its limit, for sorting."""
        return datetime.fromisoformat(self.countdown.due_at) if self.countdown else LAST


@dataclass(frozen=True)
class OpenCases:
    """All that a unit works on."""

    rows: Sequence[Row]
    cut: bool = False
    """There are more open cases than were read."""
    clocks_away: ServiceProblem | None = None
    """Why no limits are known."""


@dataclass(frozen=True)
class Filter:
    """What of the inbox is shown."""

    stage: str = ""
    category: str = ""
    light: str = ""
    urgent: bool = False
    sort: str = "due"
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """From a query; what is unknown is passed over."""
        sort, page = asked.get("sort", ""), asked.get("page", "1")
        return cls(
            stage=asked.get("stage", ""),
            category=asked.get("category", ""),
            light=asked.get("light", "") if asked.get("light") in RANKS else "",
            urgent=asked.get("urgent") in {"true", "on"},
            sort=sort if sort in SORTS else "due",
            page=int(page) if page.isascii() and page.isdigit() and int(page[:6]) >= 1 else 1,
        )

    def fits(self, row: Row) -> bool:
        """Whether the row is shown."""
        return (
            (not self.stage or row.case["stage"] == self.stage)
            and (not self.category or row.case["category"] == self.category)
            and (not self.light or row.light == self.light)
            and (not self.urgent or bool(row.case["urgent"]))
        )

    def query(self, **changes: Any) -> dict[str, str]:
        """The filter as a query, without what is usual, with these changes."""
        values = {**self.__dict__, **changes}
        usual = Filter().__dict__
        return {name: "true" if value is True else str(value) for name, value in values.items() if value != usual[name]}


@dataclass(frozen=True)
class Inbox:
    """One page of the inbox, with what its filters would find."""

    rows: Sequence[Row]
    total: int
    """Rows that fit the filter."""
    everything: int
    stages: Mapping[str, int]
    categories: Mapping[str, int]
    lights: Mapping[str, int]
    urgent: int
    page: int
    more: bool
    cut: bool
    clocks_away: ServiceProblem | None


def joined(cases: Iterable[Mapping[str, Any]], clocks: Mapping[str, Mapping[str, Any]], unit: str) -> list[Row]:
    """Each case with its limit, by the answer of scoring for each case id."""
    found = []
    for case in cases:
        left = clocks.get(case["case_id"], {}).get("countdowns", ())
        instruction = next((each for each in left if each["clock"].startswith("instruction")), None)
        found.append(Row(case, most_urgent(left, unit), countdown_of(instruction) if instruction else None))
    return found


def inbox_of(found: OpenCases, wanted: Filter) -> Inbox:
    """The page that is wanted; the last one where there are fewer."""
    rows = found.rows
    fitting = _sorted([row for row in rows if wanted.fits(row)], wanted.sort)
    page = max(1, min(wanted.page, -(-len(fitting) // PAGE)))
    return Inbox(
        rows=fitting[(page - 1) * PAGE : page * PAGE],
        total=len(fitting),
        everything=len(rows),
        stages=Counter(str(row.case["stage"]) for row in rows),
        categories=Counter(str(row.case["category"]) for row in rows),
        lights=Counter(row.light for row in rows if row.light),
        urgent=sum(bool(row.case["urgent"]) for row in rows),
        page=page,
        more=page * PAGE < len(fitting),
        cut=found.cut,
        clocks_away=found.clocks_away,
    )


def _sorted(rows: list[Row], sort: str) -> list[Row]:
    """By the end of the limit, paused cases last; or the latest arrival first."""
    if sort == "received":
        return sorted(rows, key=lambda row: datetime.fromisoformat(row.case["received_at"]), reverse=True)
    return sorted(rows, key=lambda row: (row.light == "paused", row.due_at, not row.case["urgent"]))
