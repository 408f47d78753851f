"""Events of cases as the index reads them, and an index in memory that has read them."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from infra.place import read_place
from services.intake.index.access import Access, unit_access
from services.intake.index.facts import PREFIX, SUFFIX, TOPICS, Reported, of_instant, read_fact
from services.intake.index.place import IndexPlace
from services.intake.index.projection import Projection
from services.intake.index.question import CaseQuestion
from services.intake.index.schema import opened
from services.intake.index.search import Page, criteria_of, search
from tests.support.deployment import DEMO

SPACE = UUID(int=7)
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PLACE = IndexPlace.from_tables(read_place(DEMO).tables)
_TOPIC = {"case.registered": 0, "case.ended": 0, "case.released": 0, "identity.erased": 0, "answer.appealed": 0}
_INTAKE = {
    *("case.registered", "case.released", "case.ended", "supplement.requested", "supplement.received", "repeat.linked"),
    *("case.merged", "case.unmerged", "identity.erased", "reopening.requested", "answer.appealed"),
    "submission.refused",
}
_SCORING = {"case.measured", "case.rated", "rating.refused", "extension.refused", "callback.ended", "callback.recorded"}


def case(n: int) -> str:
    """The id of a case."""
    return str(uuid5(SPACE, str(n)))


def rank_of(name: str) -> int:
    """The topic that an event comes from."""
    return 0 if name in _INTAKE else 2 if name in _SCORING or name.startswith("clock.") else 1


def event(name: str, hours: float = 0, *, n: int = 1, id: str = "", **fields: Any) -> Reported:
    """One event of a case, so many hours after the start."""
    at = START + timedelta(hours=hours)
    body = {"case_id": case(n), "occurred_at": at.isoformat(), **fields}
    value = json.dumps(body, default=str, ensure_ascii=False).encode()
    own = id or str(uuid5(UUID(case(n)), f"{name} {hours} {sorted(map(str, fields.items()))}"))
    found = read_fact(f"{PREFIX}{name}{SUFFIX}", own, case(n), rank_of(name), value)
    assert found is not None, f"{name} is not read"
    return found


def registered(n: int = 1, hours: float = 0, **fields: Any) -> Reported:
    """The registration of a case of Beicheng."""
    given = {
        "number": f"BC-20261102-{n:06}",
        "channel": "web",
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "jurisdiction": "beicheng-centre",
        "title": "夜间噪声",
        "text": "楼下烧烤店凌晨仍在营业，噪声很大。",
        "received_at": (START + timedelta(hours=hours)).isoformat(),
        "submission_id": f"s-{n}",
    }
    return event("case.registered", hours, n=n, **{**given, **fields})


def life(n: int = 1, hours: float = 0, unit: str = "police-beicheng", **fields: Any) -> list[Reported]:
    """A case that is answered in time and rated."""
    due = START + timedelta(hours=hours + 300)
    received = (START + timedelta(hours=hours)).isoformat()
    ended = (START + timedelta(hours=hours + 5)).isoformat()
    clocks = [{"clock": "close", "stage": "close", "started_at": received}]
    measures = {
        "answer": 1,
        "unit": unit,
        "centre": "beicheng-centre",
        "received_at": received,
        "ended_at": ended,
        "on_time": True,
        "clocks": clocks,
    }
    return [
        registered(n, hours, **fields),
        event("case.assigned", hours + 1, n=n, unit=unit, responsible="beicheng-centre", rule="noise"),
        event("clock.started", hours + 1, n=n, clock="close", due_at=due.isoformat(), provisional=True),
        event("case.signed", hours + 2, n=n, unit=unit, by=f"{unit}.desk-1"),
        event(
            "handling.reported", hours + 4, n=n, unit=unit, verifier="beicheng-centre", result="resolved", reply="好"
        ),
        event("case.closed", hours + 5, n=n, unit=unit, result="resolved", reply="已责令烧烤店整改。"),
        event("clock.stopped", hours + 5, n=n, clock="close", on_time=True),
        event("case.measured", hours + 5, n=n, measures=measures),
        event("case.rated", hours + 8, n=n, answer=1, satisfaction="satisfied", solved=True, rating_id=f"r-{n}"),
    ]


def index(*events: Reported) -> sqlite3.Connection:
    """An index that has read these events."""
    connection = opened(":memory:", "tests")
    Projection(connection).apply(events, {(TOPICS[0], 0): 1})
    return connection


OFFICE = unit_access("city-office", PLACE)


def searched(
    connection: sqlite3.Connection, access: Access = OFFICE, *, complainant: str | None = None, **asked: Any
) -> Page:
    """One page of a search."""
    question = CaseQuestion.model_validate(asked)
    criteria = criteria_of(question, access, PLACE, of_instant(NOW), complainant)
    return search(connection, criteria, question)


def found(connection: sqlite3.Connection, access: Access = OFFICE, **asked: Any) -> list[str]:
    """The ids of the cases of a page, in order."""
    return [str(UUID(bytes=row["case_id"])) for row in searched(connection, access, **asked).rows]
