"""Replay of a county's eleven inspections by open and covert monitors, and of the rectifications that follow."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.codes import TimeUnit
from contracts.inspections import (
    PlanInspection,
    RecordVisit,
    RectificationClosed,
    RectificationOrdered,
    RectificationReported,
    Rectify,
    ReportRectification,
    VerifyRectification,
    VisitRecorded,
)
from tests.places.replay import SECONDS, Replay
from tests.support.search import Needles, in_databases
from tests.support.waiting import wait_until

INSPECTIONS, RECTIFICATIONS, OPEN, COVERT = 11, 124, 21, 20
"""S1¶4: “开展督查11次,…提出整改意见建议124条”; “聘请了21名效能监督员和20名内线监督员”."""


@dataclass(frozen=True)
class Visit:
    """One visit of a monitor to a unit; covert monitors are identified by a code."""

    inspection: int
    number: int
    unit: str
    rectifications: int
    monitor: str | None = None


def visits_to(units: list[str]) -> Iterator[Visit]:
    """One for each monitor: the first six inspections are open, the others covert."""
    open_ones, total = 6, OPEN + COVERT
    for n in range(total):
        covert = n >= OPEN
        inspection = open_ones + (n - OPEN) % (INSPECTIONS - open_ones) if covert else n % open_ones
        share = RECTIFICATIONS // total + (n < RECTIFICATIONS % total)
        yield Visit(inspection, n, units[n % len(units)], share, f"m-{secrets.token_hex(16)}" if covert else None)


async def inspected(replay: Replay, body: str) -> None:
    """Record each visit, report and accept each rectification, and check that no monitor's code is published."""
    units = [each.id for each in replay.policy.members.values() if each.group is not None]
    visits = list(visits_to(units))
    await planned(replay, body, visits)
    await replay.people.say(*(recorded(replay, body, each) for each in visits))
    await heard(replay, VisitRecorded, len(visits))
    ordered = await heard(replay, RectificationOrdered, RECTIFICATIONS)
    await replay.people.say(*(ReportRectification(unit=each.unit, done="已整改", **about(each)) for each in ordered))
    await heard(replay, RectificationReported, RECTIFICATIONS)
    await replay.people.say(
        *(VerifyRectification(unit=body, accepted=True, reason="已到位", **about(each)) for each in ordered)
    )
    closed = await heard(replay, RectificationClosed, RECTIFICATIONS)
    assert {each.on_time for each in closed} == {True}
    assert len({each.reference for each in ordered}) == INSPECTIONS
    codes = [each.monitor for each in visits if each.monitor is not None]
    assert len(codes) == COVERT
    published = [each for each in replay.people.heard if not isinstance(each, RecordVisit)]
    texts = [each.model_dump_json().encode() for each in published]
    kept = list(in_databases(replay.deployment.engines.mongo_uri, replay.deployment.database))
    needles = Needles(code.removeprefix("m-") for code in codes)
    assert [needles.found_in(text) for text in texts] == [set()] * len(texts)
    assert [each.place for each in kept if needles.found_in(each.hay)] == []


async def planned(replay: Replay, body: str, visits: list[Visit]) -> None:
    """The body announces every inspection to the units that it will visit."""
    today = replay.now.date()
    by_inspection: dict[int, list[Visit]] = {}
    for each in visits:
        by_inspection.setdefault(each.inspection, []).append(each)
    await replay.people.say(
        *(
            PlanInspection(
                unit=body,
                issued_at=datetime.now(UTC),
                reference=f"DC-{n}",
                covert=own[0].monitor is not None,
                units=tuple(dict.fromkeys(each.unit for each in own)),
                first_day=today.replace(day=1),
                last_day=today,
                purpose="会风、防汛、上下班纪律",
            )
            for n, own in sorted(by_inspection.items())
        )
    )


def recorded(replay: Replay, body: str, visit: Visit) -> RecordVisit:
    """The record of a monitor's visit."""
    fix = Rectify(amount=5, unit=TimeUnit.WORKING_DAYS, what="公示人员去向")
    return RecordVisit(
        unit=body,
        issued_at=datetime.now(UTC),
        reference=f"DC-{visit.inspection}",
        visit=str(visit.number),
        about=visit.unit,
        visited_on=replay.now.date(),
        monitor=visit.monitor,
        seen="窗口无人值守",
        rectify=(fix,) * visit.rectifications,
    )


def about(ordered: RectificationOrdered) -> Mapping[str, Any]:
    """The rectification that a command refers to."""
    named = {name: getattr(ordered, name) for name in ("body", "reference", "visit", "number")}
    return {"issued_at": datetime.now(UTC), **named}


async def heard(replay: Replay, model: type[Any], count: int) -> list[Any]:
    """Collect `count` different facts of one type from the topics of the units concerned, or of the body."""

    def find() -> list[Any]:
        facts = [each for each in replay.people.heard if isinstance(each, model)]
        return list({(each.key, each.visit): each for each in sorted(facts, key=_of_unit)}.values())

    async def complete() -> bool:
        return len(find()) >= count

    await wait_until(complete, SECONDS, f"{count} × {model.__name__}")
    found = find()
    assert len(found) == count
    return found


def _of_unit(fact: Any) -> bool:
    return bool(fact.unit != fact.body)
