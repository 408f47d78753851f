"""`xn cases` as an operator runs it: a case is explained, and a unit's cases are moved to another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.routing import AssignmentOffered, CaseAssigned
from contracts.scoring import ClockStarted
from tests.support.bus import complaint
from tests.support.city import City, reference

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""


async def test_a_case_is_explained_by_its_number_with_the_rule_that_sent_it(city: City) -> None:
    submission = complaint(reference(), category="garbage-collection")
    offer = await city.to_the_end(submission)
    code, printed = await city.xn("explain", offer.number)
    assert code == 0, printed
    for words in (submission.case_id, "case.registered", "clock.started", "case.closed", "complaint.answered"):
        assert words in printed
    assert "rule `city-appearance`" in printed
    assert "the lowest unit at or below urban-management" in printed
    assert "Every history is whole." in printed


async def test_the_deadlines_of_a_case_are_printed_day_by_day(city: City) -> None:
    submission = complaint(reference(), received_at=datetime(2026, 9, 18, 2, tzinfo=UTC))
    city.leave_silent(submission.case_id, "received long ago: its limit was over before it came")
    await city.say(submission)
    acknowledged = await city.acknowledged(submission)
    await city.heard(ClockStarted, submission.case_id)
    typed = f" {acknowledged.number.lower().replace('-', '–')} "
    code, printed = await city.xn("cases", "deadlines", typed)
    assert code == 0, printed
    for words in ("close: ", "周日 第1日（调休上班）", "ends with the end of 2026-10-15", "红牌"):
        assert words in printed
    assert "dispatch: beicheng-centre" in printed


async def test_a_case_that_is_not_there_is_said_to_be_missing(city: City) -> None:
    assert await city.xn("cases", "explain", "BC-20000101-000001") == (1, "xn: there is no case BC-20000101-000001\n")


async def test_all_cases_of_a_unit_go_to_another_and_one_that_may_not_is_named(city: City) -> None:
    unit, to = "education", "health"
    sent = [complaint(reference(), category="school-fees") for _ in range(5)]
    blamed = complaint(reference(), category="school-fees", about=to)
    for submission in (*sent, blamed):
        await city.say(submission)
        assert (await city.heard(AssignmentOffered, submission.case_id)).unit == unit
    await city.sign(unit, sent[0].case_id)
    move = ("redispatch", "--unit", unit, "--to", to, "--reason", "机构改革", "--patience", "5")
    code, printed = await city.xn("cases", *move)
    assert code == 1
    assert f"5 of 6 cases moved from {unit} to {to}" in printed
    assert f"1 are still with {unit}: 1 refused" in printed
    for submission in sent:
        moved = await city.heard(CaseAssigned, submission.case_id, lambda said: said.rule == "reassigned")
        assert (moved.unit, moved.responsible) == (to, unit)
