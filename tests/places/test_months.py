"""The month of each place of the sources, replayed through the four services: its rules hold, its figures come out."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contracts.channel import RateCase
from contracts.codes import HandlingResult, Satisfaction
from contracts.handling import ReportHandling, SignCase, VerifyReport
from contracts.message import Command, Message
from contracts.notify import ComplaintAnswered
from contracts.routing import AssignmentOffered, VerificationRequested
from infra.local.engines import Engines
from infra.place import read_place
from infra.store import Store
from services.scoring.domain.scores.counting import Rate, Tally, shown
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.score_views import ScoreViews
from tests.places.months import MONTHS, Month
from tests.support.crowd import Crowd
from tests.support.deployment import ROOT, Deployment
from tests.support.waiting import wait_until

SECONDS = 90


class Departments(Crowd):
    """Every unit answers what it is sent, but for what is left open; people say that they are satisfied."""

    def __init__(self, deployment: Deployment, left_open: set[str]) -> None:
        super().__init__(deployment, seed=1, most=1)
        self._left_open = left_open
        self.asked: dict[str, str] = {}
        """The last unit that each case was offered to."""

    def _commands(self, message: Message) -> list[Command]:
        now = datetime.now(UTC)
        match message:
            case AssignmentOffered():
                self.asked[message.case_id] = message.unit
                if message.case_id in self._left_open:
                    return []
                report = ReportHandling(
                    case_id=message.case_id,
                    issued_at=now,
                    unit=message.unit,
                    result=HandlingResult.RESOLVED,
                    reply="已办结，请您评价。",
                )
                return [SignCase(case_id=message.case_id, issued_at=now, unit=message.unit), report]
            case VerificationRequested():
                return [VerifyReport(case_id=message.case_id, issued_at=now, unit=message.unit, accepted=True)]
            case ComplaintAnswered():
                return [
                    RateCase(
                        case_id=message.case_id,
                        issued_at=now,
                        channel=message.channel,
                        satisfaction=Satisfaction.SATISFIED,
                        solved=True,
                    )
                ]
            case _:
                return super()._commands(message)


async def counted(deployment: Deployment, period: Period, policy: ScorePolicy) -> dict[str, Tally]:
    """The numbers of each unit, as scoring makes them."""
    store = Store(deployment.engines.mongo_uri, f"{deployment.database}_scoring")
    try:
        return await ScoreViews(store).numbers(period, policy, "unit")
    finally:
        await store.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("month", MONTHS, ids=lambda month: month.place)
async def test_the_month_of_a_place_comes_out_as_its_source_says(
    month: Month, own_embedded: Engines, tmp_path: Path
) -> None:
    place = ROOT / "policies" / month.place
    files = read_place(place)
    policy = ScorePolicy.from_tables(files.version, files.tables)
    assert policy is not None
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    period = Period.parse(f"{now:%Y-%m}")
    start, _ = period.within(policy.zone)
    said = list(month.complaints(start, max(now - timedelta(minutes=1), start + timedelta(seconds=1))))
    complaints = [complaint for _, complaint, _ in said]
    left_open = {complaint.case_id for _, complaint, is_open in said if is_open}
    answered = month.closed - month.out_of_scope

    async with Deployment(own_embedded, tmp_path / "services", place=place) as deployment:
        people = Departments(deployment, left_open)
        deployment.silent |= dict.fromkeys(left_open, "the source leaves it open at the end of the month")
        work = asyncio.create_task(people.work())
        try:
            await people.submit(complaints)

            async def done() -> bool:
                audit = people.ledger.audit()
                return (audit.registered, audit.refused, audit.closed, audit.answered, audit.rated) == (
                    month.received,
                    0,
                    month.closed,
                    month.closed,
                    answered,
                )

            try:
                await wait_until(done, SECONDS, "the month is over")
            except AssertionError as error:
                raise AssertionError(f"{error}: {people.ledger.audit()}, {people.describe()}") from None
            tallies: dict[str, Tally] = {}

            async def scored() -> bool:
                tallies.update(await counted(deployment, period, policy))
                return sum(tally.counts["rated"] for tally in tallies.values()) == answered

            await wait_until(scored, SECONDS, "scoring has counted every rating")
        finally:
            people.stop()
            await work

    audit = people.ledger.audit()
    assert (audit.lost, audit.duplicated, audit.dead_letters) == (0, 0, 0), audit.faults[:3]
    assert audit.registered + audit.refused == len(complaints)
    expected = {complaint.case_id: lot.unit for lot, complaint, _ in said if lot.unit is not None}
    assert {case_id: people.asked.get(case_id) for case_id in expected} == expected
    totals: Counter[str] = Counter()
    for tally in tallies.values():
        totals.update(tally.counts)
    assert (totals["received"], totals["closed"], totals["carried-out"]) == (
        month.received,
        month.closed,
        month.received - month.closed,
    )
    assert (totals["answered"], totals["ended"]) == (answered, month.out_of_scope)
    assert shown(Rate(totals["closed"], totals["received"]).value()) == Decimal(month.closing_rate)
    in_scope = totals["received"] - totals["ended"]
    assert shown(Rate(in_scope, totals["received"]).value()) == Decimal(month.in_scope_rate)
    for unit, count in Counter(expected.values()).items():
        assert unit is not None
        own_open = sum(1 for lot, _, is_open in said if lot.unit == unit and is_open)
        assert tallies[unit].counts["closed"] == count - own_open
        assert tallies[unit].rates["satisfaction"].numerator == count - own_open
