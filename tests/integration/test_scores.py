"""Scores as a supervisor asks for them: counted from what the four services did, opened down to events, corrected."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts.assessments import (
    ApproveAssessment,
    AssessmentApproved,
    AssessmentRecorded,
    AssessmentRefused,
    RecordAssessment,
    assessment_key,
)
from contracts.codes import AssessmentKind, Channel
from contracts.scoring import CaseMeasured, CaseRated
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.waiting import wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

UNIT, CENTRE, OFFICE, HOTLINE = "police-beicheng", "beicheng-centre", "city-office", "city-12345"


def period() -> str:
    return f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m}"


def client_of(city: City, key: str | None) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url("scoring"), {"X-API-Key": city.deployment.api_keys[key]} if key else {})


async def asked(city: City, path: str, key: str = OFFICE) -> dict[str, Any]:
    async with client_of(city, key) as client:
        answer = await client.get(f"/v1/scores/{period()}{path}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def rated_case(city: City) -> str:
    submission = complaint(reference())
    await city.to_the_end(submission)
    await city.rate(Channel.WEB, submission.case_id)
    await city.heard(CaseRated, submission.case_id)
    return submission.case_id


async def test_a_case_counts_for_its_unit_and_its_number_opens_into_the_events(city: City) -> None:
    case_id = await rated_case(city)
    events = {(await city.seen(kind, case_id)).envelope.id for kind in (CaseMeasured, CaseRated)}

    async def opened() -> list[dict[str, Any]]:
        found = await asked(city, f"/units/{UNIT}/satisfaction", UNIT)
        assert found["numerator"] == sum(each["adds"] for each in found["addends"])
        assert found["denominator"] == len(found["addends"])
        return [each for each in found["addends"] if each["case_id"] == case_id]

    async def counted() -> bool:
        return len(await opened()) == 1

    await wait_until(counted, 60, "the rating counts")
    (addend,) = await opened()
    assert (addend["adds"], addend["answer"], set(addend["events"])) == (1, 1, events)
    numbers = (await asked(city, f"/units/{UNIT}", UNIT))["numbers"]
    assert numbers["counts"]["received"] >= numbers["counts"]["closed"] >= 1
    assert Decimal(numbers["rates"]["satisfaction"]["value"]) > 0


async def test_an_open_case_is_received_and_carried_out(city: City) -> None:
    submission = complaint(reference())
    await city.say(submission)
    await city.acknowledged(submission)

    async def carried() -> bool:
        found = await asked(city, f"/units/{UNIT}/carried-out", UNIT)
        return submission.case_id in {each["case_id"] for each in found["addends"]}

    await wait_until(carried, 60, "the open case is counted")


async def test_a_bonus_counts_once_it_is_approved_and_what_is_forbidden_is_refused(city: City) -> None:
    given: dict[str, Any] = {"issued_at": datetime.now(UTC), "reference": uuid4().hex}
    entry = RecordAssessment(
        body=HOTLINE,
        kind=AssessmentKind.BONUS,
        item="merit",
        about="housing",
        period=period(),
        points=Decimal("2.5"),
        basis="处置险情及时",
        **given,
    )
    await city.say(entry)
    key = assessment_key(HOTLINE, given["reference"])
    await city.heard(AssessmentRecorded, key)

    async def entries() -> list[bool]:
        found = (await asked(city, "/units/housing/merit"))["entries"]
        return [each["counts"] for each in found if each["reference"] == given["reference"]]

    assert await entries() == [False]
    refused = await city.say(ApproveAssessment(body=HOTLINE, assessor=HOTLINE, **given))
    (reason,) = (await city.heard(AssessmentRefused, key, attribute(command_id=refused))).reasons
    assert reason.code == "not-approver"
    await city.say(ApproveAssessment(body=OFFICE, assessor=HOTLINE, **given))
    await city.heard(AssessmentApproved, key)
    assert await entries() == [True]


async def test_who_may_not_see_a_score_is_told_so(city: City) -> None:
    for key, path, status in (
        (None, f"/{period()}", 401),
        (UNIT, f"/{period()}/units/{CENTRE}", 403),
        (OFFICE, f"/{period()}/units/atlantis", 404),
        (OFFICE, f"/{period()}/units/housing/charm", 404),
        (OFFICE, "/2026-13", 422),
        (OFFICE, f"/{period()}/numbers?by=charm", 422),
        (OFFICE, f"/{period()}/units/housing/closed?offset=-1", 422),
    ):
        async with client_of(city, key) as client:
            answer = await client.get(f"/v1/scores{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path


async def test_a_unit_sees_itself_and_what_is_below_it_and_the_office_sees_all(city: City) -> None:
    async def units(key: str) -> set[str]:
        return {card["unit"] for group in (await asked(city, "", key))["groups"] for card in group["cards"]}

    assert await units(UNIT) == {UNIT, "police-shuangqiao"}
    assert {UNIT, "housing", "water-company", OFFICE} <= await units(OFFICE)


@pytest.mark.parametrize("by", ["unit", "channel", "category", "appeal", "area", "centre", "level", "all"])
async def test_cases_are_counted_by_whatever_is_asked_for(city: City, by: str) -> None:
    await rated_case(city)

    async def rows() -> dict[str, int]:
        found = await asked(city, f"/numbers?by={by}")
        return {row["of"]: row["counts"]["closed"] for row in found["rows"]}

    async def some() -> bool:
        return sum((await rows()).values()) > 0

    await wait_until(some, 60, f"cases are counted by {by}")


async def test_scores_are_handed_out_for_a_spreadsheet(city: City) -> None:
    async with client_of(city, OFFICE) as client:
        text = await client.get(f"/v1/scores/{period()}/scores.csv")
        book = await client.get(f"/v1/scores/{period()}/scores.xlsx")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert "police-beicheng" in text.content.decode("utf-8-sig")
    assert text.headers["content-disposition"].endswith(f'{period()}.csv"')
    assert book.content.startswith(b"PK")


async def test_the_same_is_printed_for_an_operator(city: City) -> None:
    case_id = await rated_case(city)

    async def counted() -> bool:
        found = await asked(city, f"/units/{UNIT}/rated", UNIT)
        return case_id in {each["case_id"] for each in found["addends"]}

    await wait_until(counted, 60, "the rating counts")
    code, printed = await city.xn("scores", "show", period(), "--by", "unit")
    assert (code, "基层站所" in printed, UNIT in printed) == (0, True, True), printed
    code, printed = await city.xn("scores", "explain", UNIT, "satisfaction", period())
    assert (code, case_id in printed) == (0, True), printed
    code, printed = await city.xn("scores", "compare", period(), "--with", "policies/demo")
    assert (code, "没有差别" in printed) == (0, True), printed
    code, printed = await city.xn("scores", "explain", UNIT, "charm", period())
    assert (code, printed.strip()) == (1, "xn: there is no number charm")
