"""The case index as channels and units use it: search, lists, timelines, figures and outcomes, over TCP."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from contracts.channel import Contact, SupplementComplaint, WithdrawComplaint
from contracts.codes import Channel
from contracts.handling import DecideExtension, RequestExtension
from contracts.message import Message
from contracts.routing import AssignmentOffered
from services.intake.index.schema import reader, remove
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.waiting import wait_until

POLICE, OFFICE, ECOLOGY, WEB, RADIO = "police-beicheng", "city-office", "ecology", "web", "radio"
CENTRE = "beicheng-centre"


def client_of(city: City, key: str) -> httpx.AsyncClient:
    return app_of(city.deployment.fleet.url("intake"), {"X-API-Key": city.deployment.api_keys[key]})


async def searched(city: City, key: str, **asked: Any) -> list[str]:
    """The ids of the cases that a key finds."""
    async with client_of(city, key) as client:
        answer = await client.post("/v1/cases/search", json=asked)
        assert answer.status_code == 200, answer.text
        return [each["case_id"] for each in answer.json()["cases"]]


async def indexed(city: City, case_id: str, *events: str) -> dict[str, Any]:
    """The staff timeline of a case, once these events are in it."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        async with client_of(city, OFFICE) as client:
            answer = await client.get(f"/v1/cases/{case_id}/timeline")
        if answer.status_code == 200:
            found.update(answer.json())
        return {*events} <= {step["event"] for step in found.get("steps", ())}

    await wait_until(there, 60, f"{events} in the index")
    return found


def index_file(city: City) -> str:
    return str(city.deployment.directory.absolute() / "index-0.sqlite")


def outcome(city: City, message_id: str) -> tuple[int, str] | None:
    """The outcome of a complainant's message in the file of the instance: accepted or not, and the reasons."""
    with closing(reader(index_file(city))) as connection:
        row = connection.execute("SELECT accepted, reasons FROM outcomes WHERE id = ?", (message_id,)).fetchone()
    return (row[0], row[1].decode()) if row else None


async def test_a_case_is_found_by_number_words_and_telephone_and_its_course_is_shown(city: City) -> None:
    word, phone = f"烧烤{uuid4().hex[:8]}", f"139{uuid4().int % 10**8:08}"
    submission = complaint(reference(), text=f"楼下{word}店凌晨仍在营业。", contact=Contact(name="王小明", phone=phone))
    case_id = submission.case_id
    await city.to_the_end(submission)
    rating = await city.rate(Channel.WEB, case_id)
    shown = await indexed(city, case_id, "case.rated", "clock.stopped")
    case = shown["case"]
    assert (case["stage"], case["responsible"], case["satisfaction"]) == ("closed", POLICE, "very-satisfied")
    assert [step["details"].get("unit") for step in shown["steps"] if step["event"] == "case.signed"] == [POLICE]
    for asked in ({"number": case["number"].lower().replace("-", " ")}, {"words": word}, {"telephone": phone}):
        for key in (OFFICE, POLICE, WEB):
            assert await searched(city, key, **asked) == [case_id], (key, asked)
        for key in (ECOLOGY, RADIO):
            assert await searched(city, key, **asked) == [], (key, asked)
    async with client_of(city, ECOLOGY) as client:
        assert (await client.get(f"/v1/cases/{case_id}/timeline")).status_code == 404
    async with client_of(city, WEB) as client:
        status = (await client.get(f"/v1/complaints/{case_id}")).json()
    assert [step["code"] for step in status["timeline"]] == ["registered", "with-unit", "signed", "answered", "rated"]
    assert status["rating"]["solved"] is True
    assert "reopen" in status["can"]
    assert {"rate", "withdraw"}.isdisjoint(status["can"])
    assert outcome(city, rating) == (1, "[]")
    assert phone not in str(shown) + str(status)
    for file in Path(index_file(city)).parent.glob("index-0.sqlite*"):
        content = file.read_bytes()
        assert phone.encode() not in content
        assert "王小明".encode() not in content


async def test_the_unit_complained_about_finds_nothing(city: City) -> None:
    submission = complaint(reference(), about=POLICE, title="民警态度", text="窗口民警态度恶劣。")
    city.leave_silent(submission.case_id, "it is only searched for")
    await city.say(submission)
    shown = await indexed(city, submission.case_id, "clock.started")
    assert await searched(city, OFFICE, number=shown["case"]["number"]) == [submission.case_id]
    assert await searched(city, POLICE, number=shown["case"]["number"]) == []
    async with client_of(city, WEB) as client:
        status = (await client.get(f"/v1/complaints/{submission.case_id}")).json()
    assert status["due_at"]
    assert (status["paused"], status["can"]) == (False, ["withdraw"])
    assert status["timeline"][0]["en"] == "Registered."
    assert not [step for step in status["timeline"] if "Police" in step["en"]]


async def test_a_unit_lists_and_counts_what_waits_for_its_decision(city: City) -> None:
    """The approver's list has the case until the approver decides; the list of the unit that asks never has it."""
    submission = complaint(reference())
    case_id = submission.case_id
    named: dict[str, Any] = {"case_id": case_id, "issued_at": datetime.now(UTC)}
    city.leave_silent(case_id, "it is only searched for")
    await city.say(submission)
    unit = (await city.heard(AssignmentOffered, case_id)).unit
    await city.sign(unit, case_id)
    await city.say(RequestExtension(**named, unit=unit, working_days=1, reason="等待检测报告"))
    shown = await indexed(city, case_id, "extension.requested")
    (wait,) = shown["case"]["waits"]
    assert (unit, wait["what"], wait["unit"]) == (POLICE, "extension", CENTRE)
    number, mine = shown["case"]["number"], {"what": ["extension"]}
    assert await searched(city, CENTRE, number=number, **mine) == [case_id]
    assert await searched(city, POLICE, number=number, **mine) == []
    assert await searched(city, POLICE, number=number, waits_for=CENTRE) == [case_id]
    assert await searched(city, ECOLOGY, number=number, waits_for=CENTRE) == []
    async with client_of(city, CENTRE) as client:
        counted = (await client.get("/v1/waiting")).json()
    assert counted["unit"] == CENTRE
    assert counted["counts"]["extension"] > 0
    async with client_of(city, WEB) as client:
        assert (await client.get("/v1/waiting")).status_code == 403
        refused = await client.get("/v1/cases", params={"what": "extension"})
    assert refused.json()["reasons"][0]["detail"] == "units_only"
    await city.say(DecideExtension(**named, unit=CENTRE, granted=True))
    assert (await indexed(city, case_id, "extension.decided"))["case"]["waits"] == []
    assert await searched(city, CENTRE, number=number, **mine) == []


async def test_outcomes_of_requests_are_known_by_their_ids(city: City) -> None:
    submission = complaint(reference())
    await city.say(submission)
    await city.heard(AssignmentOffered, submission.case_id)
    given, own = submission.received_at, {"channel": submission.channel, "external_id": submission.external_id}
    requests: list[Message] = [
        SupplementComplaint.model_validate({"given_at": given, "text": "补充", **own}),
        WithdrawComplaint.model_validate({"withdrawn_at": given, **own}),
    ]
    refused, accepted = [await city.say(each) for each in requests]

    async def known() -> bool:
        return outcome(city, refused) is not None and outcome(city, accepted) is not None

    await wait_until(known, 60, "outcomes in the index")
    assert (outcome(city, accepted) or (0, ""))[0] == 1
    found = outcome(city, refused)
    assert found is not None
    assert (found[0], "not-asked" in found[1]) == (0, True)


async def test_a_search_is_refused_when_it_is_too_wide_and_a_number_is_not_put_in_an_address(city: City) -> None:
    async with client_of(city, OFFICE) as client:
        answers = [
            await client.get("/v1/cases"),
            await client.get("/v1/cases", params={"words": "声"}),
            await client.get("/v1/cases.csv", params={"page_size": 10}),
            await client.get("/v1/cases", params={"state": "open", "page": 9_999}),
            await client.get("/v1/cases", params={"telephone": "13800138000"}),
            await client.get("/v1/cases", params={"colour": "red"}),
            await client.get("/v1/figures", params={"from": "2026-01-01", "to": "2025-01-01"}),
        ]
    codes = [(each.status_code, each.json()["reasons"][0]["code"]) for each in answers]
    wide, deep, bad = "search-too-wide", "page-too-deep", "malformed"
    assert codes == [(422, code) for code in (wide, wide, wide, deep, bad, bad, bad)]
    assert "13800138000" not in answers[4].text
    async with client_of(city, "atlantis") as client:
        assert (await client.get("/v1/cases", params={"state": "open"})).status_code == 403


async def test_lists_and_figures_are_files(city: City) -> None:
    title = f"=cmd|{uuid4().hex[:8]}"
    submission = complaint(reference(), title=title)
    await city.to_the_end(submission)
    shown = await indexed(city, submission.case_id, "clock.stopped")
    number, year = shown["case"]["number"], shown["case"]["received_at"][:4]
    async with client_of(city, POLICE) as client:
        answer = await client.get("/v1/cases.csv", params={"number": number, "language": "en"})
        head, line = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert (line[head.index("number")], line[head.index("title")]) == (number, f"'{title}")
        sheet = await client.post("/v1/cases/search.xlsx", json={"number": number})
        assert sheet.content[:4] == b"PK\x03\x04"
        span = {"from": f"{year}-01-01", "to": f"{year}-12-31", "of": "unit", "by": "month"}

        async def counted() -> bool:
            rows = (await client.get("/v1/figures", params=span)).json()["rows"]
            answered: dict[str, int] = {row["of"]: sum(each["answered"] for each in row["buckets"]) for row in rows}
            assert answered.keys() <= {POLICE, "police-shuangqiao"}, "its own units alone"
            return answered.get(POLICE, 0) > 0

        await wait_until(counted, 30, "an answer in the figures")
        lines = (await client.get("/v1/figures.csv", params=span)).content.decode("utf-8-sig").splitlines()
    assert any(line.startswith(f"{POLICE},") for line in lines[1:])


async def test_a_deleted_index_is_read_again_and_the_status_is_answered_meanwhile(city: City) -> None:
    submission = complaint(reference())
    await city.to_the_end(submission)
    shown = await indexed(city, submission.case_id, "case.closed")
    remove(index_file(city))
    async with client_of(city, WEB) as client:
        assert (await client.get(f"/v1/complaints/{submission.case_id}")).json()["stage"] == "closed"
    again = complaint(reference())
    city.leave_silent(again.case_id, "it only wakes the index up")
    await city.say(again)
    assert (await indexed(city, submission.case_id, "case.closed"))["case"]["number"] == shown["case"]["number"]
    assert sqlite3.sqlite_version_info >= (3, 35)
