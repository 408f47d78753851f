"""A finding from its record to a decision: over Kafka by the bodies, over HTTP by an app, refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts.codes import FindingSource, SubjectKind, TimeUnit, Verdict
from contracts.conduct import (
    AppealFinding,
    AppealMeasure,
    ConductRefused,
    DecideAppeal,
    FindingAppealed,
    FindingCounted,
    FindingFinal,
    FindingRecorded,
    MeasureAppealed,
    MeasureDecided,
    MeasureProposed,
    OutcomeRecorded,
    RecordFinding,
    finding_key,
    subject_key,
)
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
    rectification_key,
)
from infra.store import Store
from services.scoring.conduct_views import ConductViews
from services.scoring.domain.decide import Rules
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.waiting import wait_until
from tests.unit.services.speaking import demo

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

BODY, OFFICE, UNIT, POST = "city-12345", "city-office", "beicheng-centre", "beicheng-centre.desk-1"
REVIEWER = "human-resources"


def client_of(city: City, key: str) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url("scoring"), {"X-API-Key": city.deployment.api_keys[key]})


def finding(name: str, **changes: Any) -> RecordFinding:
    now = datetime.now(UTC)
    given: dict[str, Any] = {
        "unit": BODY,
        "issued_at": now,
        "actor": "city-12345.desk-1",
        "reference": name,
        "verdict": Verdict.VALID,
        "source": FindingSource.COMPLAINT,
        "units": (UNIT,),
        "post": POST,
        "happened_on": now.date(),
        "problem": "buck-passing",
        "facts": "逾期未联系投诉人",
    }
    return RecordFinding(**{**given, **changes})


async def overdue(city: City, body: str, reference: str, until: datetime) -> bool:
    """Whether an appeal is shown as overdue a moment after its limit, and was not at it."""
    store = Store(city.deployment.engines.mongo_uri, f"{city.deployment.database}_scoring")
    rules = Rules.from_tables(demo().version, demo().tables)
    views = ConductViews(store, lambda: rules.limits, lambda: rules.conduct)
    try:
        shown = [await views.appeals(body, at) for at in (until, until + timedelta(seconds=1))]
    finally:
        await store.close()
    before, after = (next(each for each in one.findings if each.reference == reference) for one in shown)
    return after.overdue and not before.overdue


async def test_a_finding_is_appealed_against_counts_and_is_decided_about(city: City) -> None:
    submission = complaint(reference())
    await city.say(submission)
    await city.acknowledged(submission)
    name = uuid4().hex
    key, now = finding_key(BODY, name), datetime.now(UTC)
    async with (
        client_of(city, "city-office.director") as office,
        client_of(city, UNIT) as unit,
        client_of(city, REVIEWER) as reviewer,
    ):

        async def known() -> bool:
            return (await office.get(f"/v1/cases/{submission.case_id}/clocks")).status_code == 200

        await wait_until(known, 60, "scoring knows the case")
        await city.say(finding(name, case_id=submission.case_id))
        await city.heard(FindingRecorded, key, attribute(unit=UNIT))
        about: dict[str, Any] = {"issued_at": now, "body": BODY, "reference": name}
        await city.say(AppealFinding(unit=UNIT, grounds="当日已联系", **about))
        await city.heard(FindingAppealed, key, attribute(unit=OFFICE))
        counts = (await office.get("/v1/waiting")).json()["counts"]
        appeals = (await office.get("/v1/appeals")).json()["findings"]
        assert counts["finding-appeal"] == len(appeals)
        (appeal,) = [each for each in appeals if each["reference"] == name]
        assert (appeal["waits_for"], appeal["overdue"]) == (OFFICE, False)
        assert [each for each in (await unit.get("/v1/appeals")).json()["findings"] if each["reference"] == name] == []
        assert await overdue(city, OFFICE, name, datetime.fromisoformat(appeal["decide_until"]))
        shown = (await unit.get(f"/v1/findings/{BODY}/{name}")).json()
        assert (shown["verdict"], shown["appealed_by"], "final_at" in shown) == ("valid", UNIT, False)
        await city.say(DecideAppeal(unit=OFFICE, verdict=Verdict.VALID, reason="无通话记录", **about))
        assert (await city.heard(FindingFinal, key)).counts
        left = (await office.get("/v1/appeals")).json()["findings"]
        assert name not in {each["reference"] for each in left}
        post = subject_key(SubjectKind.POST, POST)
        await city.heard(FindingCounted, post, attribute(finding=key))
        proposed = await city.heard(MeasureProposed, post, lambda event: key in event.findings)
        assert proposed.topic == f"conduct.{OFFICE}"

        waiting = (await office.get("/v1/proposals")).json()["records"]
        counts = (await office.get("/v1/waiting")).json()["counts"]
        assert counts["measure"] == sum(e["stage"] == "open" for record in waiting for e in record["proposals"])
        (record,) = [each for each in waiting if each["subject"] == POST]
        assert proposed.proposal_id in {each["id"] for each in record["proposals"]}
        said = {
            "type": "cn.xiaoneng.measure.decide.v1",
            "data": {
                "kind": "post",
                "subject": POST,
                "proposal_id": proposed.proposal_id,
                "measures": ["admonition-talk"],
                "reason": "首次",
            },
        }
        answer = await office.post("/v1/oversight", json=said)
        assert answer.status_code == 202, answer.text
        decided = await city.heard(MeasureDecided, post, attribute(unit=UNIT, proposal_id=proposed.proposal_id))
        assert (decided.measures, decided.by, decided.actor) == (("admonition-talk",), OFFICE, "city-office.director")
        own = (await unit.get(f"/v1/conduct/post/{POST}")).json()
        assert "decided" in {each["stage"] for each in own["proposals"]}

        about = {"kind": SubjectKind.POST, "subject": POST, "proposal_id": proposed.proposal_id}
        data = {**about, "outcome": "money-returned", "amount_fen": 12_000, "unlawful_fen": 8_000}
        said = {"type": "cn.xiaoneng.measure.record-outcome.v1", "data": data}
        assert (await unit.post("/v1/oversight", json=said)).status_code == 202
        await city.heard(OutcomeRecorded, post, attribute(proposal_id=proposed.proposal_id))
        month = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m}"
        found = (await office.get(f"/v1/outcomes/{month}")).json()
        (returned,) = [each for each in found["together"] if each["outcome"] == "money-returned"]
        assert (returned["posts"], returned["amount_fen"], returned["unlawful_fen"]) == (1, 12_000, 8_000)
        assert UNIT in {each["unit"] for each in found["units"]}
        assert (await office.get("/v1/outcomes/soon")).status_code == 422

        await city.say(AppealMeasure(unit=UNIT, issued_at=now, grounds="已致歉", **about))
        await city.heard(MeasureAppealed, post, attribute(unit=REVIEWER, proposal_id=proposed.proposal_id))
        measures = (await reviewer.get("/v1/appeals")).json()["measures"]
        assert (await reviewer.get("/v1/waiting")).json()["counts"]["measure-review"] == len(measures)
        assert proposed.proposal_id in {each["proposal"]["id"] for each in measures}
        assert (await office.get("/v1/appeals")).json()["measures"] == []


async def test_what_must_not_be_found_is_refused_to_the_body(city: City) -> None:
    for changes, code in (
        ({"case_id": "00000000-0000-0000-0000-000000000000"}, "case-unknown"),
        ({"post": "beicheng-centre.nobody"}, "post-unknown"),
        ({"units": ("atlantis",), "post": None}, "unit-unknown"),
    ):
        command = await city.say(finding(uuid4().hex, **changes))
        refused = await city.heard(ConductRefused, where=attribute(command_id=command))
        assert (refused.topic, [each.code for each in refused.reasons]) == (f"conduct.{BODY}", [code])


async def test_what_an_app_may_not_ask_is_answered_with_a_problem(city: City) -> None:
    async with client_of(city, UNIT) as unit:
        for path in (f"/v1/conduct/unit/{OFFICE}", "/v1/conduct/person/x", f"/v1/findings/{BODY}/none"):
            assert (await unit.get(path)).status_code == 404
        for body, field in (
            ({"type": "cn.xiaoneng.case.sign.v1"}, "type"),
            ({"type": "cn.xiaoneng.measure.decide.v1", "data": {}}, "data.kind"),
        ):
            answer = await unit.post("/v1/oversight", json=body)
            assert answer.status_code == 422
            assert field in {each["field"] for each in answer.json()["reasons"]}
    async with client_of(city, "police-reader") as reader:
        assert (await reader.post("/v1/oversight", json={})).status_code == 403


async def test_what_an_inspection_finds_is_ordered_reported_and_struck_off(city: City) -> None:
    name, now = uuid4().hex, datetime.now(UTC)
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    await city.say(
        PlanInspection(
            unit=OFFICE,
            issued_at=now,
            reference=name,
            covert=True,
            units=(UNIT,),
            first_day=today,
            last_day=today,
            purpose="窗口单位作风",
        )
    )
    monitor = f"m-{uuid4().hex}"
    visit = RecordVisit(
        unit=OFFICE,
        issued_at=now,
        reference=name,
        visit="1",
        about=UNIT,
        visited_on=today,
        monitor=monitor,
        seen="综合窗口无人值守",
        rectify=(Rectify(amount=5, unit=TimeUnit.WORKING_DAYS, what="公示AB岗去向"),),
    )
    await city.say(visit)
    key = rectification_key(OFFICE, name, "1", 1)
    await city.heard(RectificationOrdered, key, attribute(unit=UNIT))
    about: dict[str, Any] = {"issued_at": now, "body": OFFICE, "reference": name, "visit": "1", "number": 1}
    await city.say(ReportRectification(unit=UNIT, done="已公示", **about))
    await city.heard(RectificationReported, key, attribute(unit=OFFICE))
    await city.say(VerifyRectification(unit=OFFICE, accepted=True, reason="复查属实", **about))
    assert (await city.heard(RectificationClosed, key, attribute(unit=UNIT))).on_time
    async with client_of(city, OFFICE) as office, client_of(city, UNIT) as unit:
        bodies = {each["body"]: each for each in (await office.get("/v1/inspections/due")).json()["bodies"]}
        assert (bodies[OFFICE]["done"], bodies[BODY]["done"]) == (True, False)
        assert (await unit.get("/v1/inspections/due")).json()["bodies"] == []
    said = "".join(each.message.model_dump_json() for each in city.all(VisitRecorded))
    assert monitor not in said
    assert name in said
