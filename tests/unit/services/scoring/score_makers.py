"""What the tests of the scores share: handlings, assessments and policies in short."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from contracts.codes import AssessmentKind, Satisfaction
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.counting import Tallies
from services.scoring.domain.scores.handling import Handling
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from tests.unit.services.speaking import demo

NOVEMBER = Period.parse("2026-11")
DAY = timedelta(days=1)


def on(day: int, month: int = 11, year: int = 2026) -> datetime:
    """Noon in China."""
    return datetime(year, month, day, 4, tzinfo=UTC)


def handling(name: object = "x", **changes: Any) -> Handling:
    """One that was received on the 2nd and answered in time on the 5th, satisfied."""
    given: dict[str, Any] = {
        "case_id": str(uuid5(NAMESPACE_OID, str(name))),
        "answer": 1,
        "unit": "police",
        "centre": "city-12345",
        "channel": "hotline-12345",
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "started_at": on(2),
        "ended_at": on(5),
        "answered": True,
        "on_time": True,
        "signed_on_time": True,
        "rated_at": on(6),
        "satisfaction": Satisfaction.SATISFIED,
        "solved": True,
    }
    return Handling(**{**given, **changes})


def unrated(name: object = "x", **changes: Any) -> Handling:
    """The same, and nobody has said how it went."""
    return handling(name, **{"rated_at": None, "satisfaction": None, "solved": None, **changes})


def assessment(kind: AssessmentKind, item: str, points: str = "0", **changes: Any) -> Assessment:
    """What a body has entered about the police in November."""
    given: dict[str, Any] = {
        "assessor": "city-office",
        "reference": f"{item}-{points}",
        "does": kind,
        "item": item,
        "about": "police",
        "entered_for": "2026-11",
        "points": Decimal(points),
        "basis": "检查记录",
        "recorded_at": on(20),
    }
    return Assessment(**{**given, **changes})


def policy(**changes: Any) -> ScorePolicy:
    """That of the demo place with these changes of `scores.toml`."""
    tables: dict[str, Mapping[str, Any]] = dict(copy.deepcopy(demo().tables))
    tables["scores"] = {**tables["scores"], **changes}
    made = ScorePolicy.from_tables("test", tables)
    assert made is not None
    return made


def tallies(handlings: Iterable[Handling], by: ScorePolicy, period: Period = NOVEMBER) -> Tallies:
    """The numbers of a period."""
    made = Tallies(by.span(period), by.parts)
    for each in handlings:
        made.add(each)
    return made
