"""What everybody sees: the screen and publications over HTTP, from the topic to an old screen's stream."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from contracts.board import BoardEntryPosted, PublicationReleased, PublicationWithdrawn, entry_id_for
from contracts.channel import Contact, SubmitComplaint
from contracts.codes import Channel, RefusalCode, SubjectKind
from contracts.conduct import MeasureDecided, MeasureReversed
from contracts.message import Message
from contracts.notify import ComplaintAnswered
from contracts.publicity import (
    PublicationApproved,
    PublicationProposed,
    PublicationRefused,
    PublicationTakenBack,
    ReviewPublication,
    publication_key,
)
from contracts.routing import AssignmentOffered
from contracts.scoring import CaseRated
from contracts.staff_notices import StaffNoticeSent
from infra.store import Store
from services.notify.crowds import KnownCrowds
from services.notify.domain.board import Board
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.search import Needles
from tests.support.waiting import wait_until
from tests.unit.services.notify.place import policy
from tests.unit.services.speaking import demo

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

UNIT, CENTRE, OFFICE, PERSONNEL = "police-beicheng", "beicheng-centre", "city-office", "human-resources"
PROPOSE, REVIEW, WITHDRAW = (f"cn.xiaoneng.publication.{verb}.v1" for verb in ("propose", "review", "withdraw"))


def client_of(city: City, key: str | None = None) -> httpx.AsyncClient:
    headers = {"X-API-Key": city.deployment.api_keys[key]} if key else {}
    return app_of(city.deployment.fleet.url("notify"), headers)


async def lines(city: City) -> dict[str, Any]:
    """What the screen shows, by line."""
    async with client_of(city) as client:
        answer = await client.get("/v1/board", params={"limit": "500"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=5"
    return {line["entry_id"]: line for line in answer.json()["lines"]}


async def line(city: City, submission: SubmitComplaint, stage: str) -> dict[str, Any]:
    """The line of a case, once it is there."""
    id = entry_id_for(submission.case_id)

    async def there() -> bool:
        shown = (await lines(city)).get(id)
        return shown is not None and bool(shown["stage"]["code"] == stage)

    await wait_until(there, 60, f"the screen shows the case as {stage}")
    found: dict[str, Any] = (await lines(city))[id]
    return found


@pytest.fixture(scope="package")
async def crowd(city: City) -> None:
    """So many cases have come from the area that it may be named."""
    submissions = [complaint(reference()) for _ in range(6)]
    for submission in submissions:
        await city.say(submission)
    for submission in submissions:
        await line(city, submission, "assigned")


async def whole_life(city: City, **changes: Any) -> SubmitComplaint:
    """A case from its first word to its rating."""
    submission = complaint(reference(), **changes)
    await city.to_the_end(submission)

    async def counted() -> bool:
        await city.rate(Channel.WEB, submission.case_id)
        await city.watch.poll()
        return bool(city.all(CaseRated, submission.case_id))

    await wait_until(counted, 60, "the rating counts")
    return submission


@pytest.mark.usefixtures("crowd")
async def test_a_case_moves_over_the_screen_with_its_number_masked(city: City) -> None:
    submission = complaint(reference())
    await city.say(submission)
    number = (await city.acknowledged(submission)).number
    offered = await city.heard(AssignmentOffered, submission.case_id)
    handled = await line(city, submission, "assigned")
    assert handled["number"] == f"{number[:-4]}****"
    assert (handled["unit"]["code"], handled["category"]["zh"]) == (offered.unit, "居民噪声")
    assert handled["area"]["zh"] == "北城区"
    await city.sign(UNIT, submission.case_id)
    await city.report(UNIT, submission.case_id)
    answered = await line(city, submission, "answered")
    assert (answered["result"]["zh"], answered["days"]) == ("已解决", 0)
    async with client_of(city) as client:
        today = (await client.get("/v1/board")).json()["today"]
    assert today["registered"] >= today["answered"] >= 1


async def test_what_was_registered_before_the_service_began_counts_for_its_area(city: City) -> None:
    submission = complaint(reference(), area="beicheng-shuangqiao")
    await city.say(submission)
    await line(city, submission, "assigned")
    few = policy(notices={"board": {"least_cases": 1}})
    store = Store(city.deployment.engines.mongo_uri, f"{city.deployment.database}_notify")
    crowds = KnownCrowds(store, lambda: Board.from_tables(few, demo().tables))
    try:
        assert not crowds.many("beicheng", datetime.now(UTC))
        await crowds.look()
    finally:
        await store.close()
    now = datetime.now(UTC)
    assert [crowds.many(area, now) for area in ("beicheng-shuangqiao", "beicheng", "atlantis")] == [True, True, False]


async def test_a_rating_is_shown_with_its_case(city: City) -> None:
    submission = await whole_life(city)
    rated = await line(city, submission, "rated")
    assert rated["satisfaction"]["zh"] == "很满意"


async def test_nothing_that_tells_who_complained_reaches_the_screen(city: City) -> None:
    """Planted in all that a complaint and its answer can carry; the confidential case leaves no line at all."""
    mark = secrets.token_hex(8)
    phone = f"139{int(mark, 16) % 10**8:08d}"
    contact = Contact(name=f"欧阳{mark}", phone=phone, email=f"{mark}@home.example")
    words: dict[str, Any] = {
        "title": f"{mark} 投诉",
        "text": f"我叫欧阳{mark}，电话{phone}，请处理。",
        "address": f"{mark}路1号",
    }
    open_case = complaint(reference(), contact=contact, **words)
    secret = complaint(reference(), contact=contact, confidential=True, **words)
    for submission in (open_case, secret):
        await city.say(submission)
        offered = await city.heard(AssignmentOffered, submission.case_id)
        await city.sign(offered.unit, submission.case_id)
        await city.report(offered.unit, submission.case_id, reply=f"已与{mark}联系。")
        await city.heard(ComplaintAnswered, submission.case_id)
    await line(city, open_case, "answered")
    async with client_of(city) as client:
        shown = (await client.get("/v1/board", params={"limit": "500"})).content
        shown += (await client.get("/v1/publications")).content
        stream = client.stream("GET", "/v1/board/events", headers={"Last-Event-ID": "0"})
        async with stream as answer:
            told = [text async for text in _until(answer, entry_id_for(open_case.case_id))]
    said = b"".join(each.body + each.key.encode() for each in city.watch.seen if each.topic == "board.events")
    needles = Needles((mark, phone, open_case.external_id, secret.external_id, open_case.case_id, secret.case_id))
    for hay in (shown, said, "".join(told).encode()):
        assert needles.found_in(hay) == set()
        assert entry_id_for(open_case.case_id).encode() in hay
        assert entry_id_for(secret.case_id).encode() not in hay


async def _until(answer: httpx.Response, word: str) -> Any:
    async with asyncio.timeout(60):
        async for text in answer.aiter_text():
            yield text
            if word in text:
                return


async def test_an_old_screen_is_told_of_lines_as_they_come(city: City) -> None:
    async with client_of(city) as client, client.stream("GET", "/v1/board/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        begun = asyncio.Event()
        id: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def listen() -> dict[str, Any]:
            buffer = ""
            async for text in answer.aiter_text():
                begun.set()
                buffer += text
                for event in buffer.split("\n\n")[:-1]:
                    data = next((row[6:] for row in event.split("\n") if row.startswith("data: ")), "")
                    if data and id.done() and json.loads(data)["data"].get("entry_id") == id.result():
                        found: dict[str, Any] = json.loads(data)
                        return found
            raise AssertionError("the stream ended")

        listening = asyncio.create_task(listen())
        await asyncio.wait_for(begun.wait(), 60)
        submission = complaint(reference())
        id.set_result(entry_id_for(submission.case_id))
        await city.say(submission)
        event = await asyncio.wait_for(listening, 60)
        assert (event["type"], event["data"]["stage"]) == (BoardEntryPosted.TYPE, "registered")


async def said(city: City, key: str, type: str, data: dict[str, Any]) -> str:
    """A unit's app says something of a publication."""
    async with client_of(city, key) as client:
        answer = await client.post("/v1/publicity", json={"type": type, "data": data})
    assert answer.status_code == 202, answer.text
    id: str = answer.json()["command_id"]
    return id


def words(mark: str) -> dict[str, str]:
    return {
        "title_zh": f"曝光 {mark}",
        "title_en": f"Exposed {mark}",
        "text_zh": "经查，该单位推诿扯皮。",
        "text_en": "The unit passed the buck.",
    }


async def public(city: City, name: str) -> list[dict[str, Any]]:
    async with client_of(city) as client:
        listed = (await client.get("/v1/publications", params={"limit": "100"})).json()["publications"]
    return [each for each in listed if each["reference"] == name]


async def test_a_publication_is_public_only_after_a_person_of_another_unit_has_said_so(city: City) -> None:
    name, post = f"P-{secrets.token_hex(5)}", "beicheng-centre.director"
    key = publication_key(CENTRE, name)
    proposal = {"reference": name, "what": "exposure", "about": UNIT, **words(name)}
    await said(city, post, PROPOSE, proposal)
    asked = await city.heard(PublicationProposed, key, attribute(unit=OFFICE))
    assert asked.reviewer == OFFICE
    told = await city.heard(StaffNoticeSent, where=lambda each: each.what == "publication-review" and each.to == OFFICE)
    assert told.by == "inbox"
    assert await public(city, name) == []
    verdict = {"by": CENTRE, "reference": name, "approved": True, "reason": "属实，同意公开。"}
    refused = await said(city, post, REVIEW, verdict)
    reason = (await city.heard(PublicationRefused, key, attribute(command_id=refused))).reasons[0]
    assert (reason.code, await public(city, name)) == (RefusalCode.OWN_REVIEW, [])
    async with client_of(city, OFFICE) as client:
        waiting = (await client.get("/v1/publicity")).json()["to_review"]
        assert [each["about"] for each in waiting if each["reference"] == name] == [UNIT]
    await said(city, "city-office.director", REVIEW, verdict)
    await city.heard(PublicationApproved, key, attribute(unit=CENTRE))
    await city.heard(PublicationReleased, key)
    (shown,) = await public(city, name)
    assert (shown["about"], shown["title_zh"], "reviewed_by" in shown) == (UNIT, f"曝光 {name}", False)
    again = await said(city, "city-office.director", REVIEW, {**verdict, "approved": False})
    reason = (await city.heard(PublicationRefused, key, attribute(command_id=again))).reasons[0]
    assert reason.code == RefusalCode.PUBLICATION_DECIDED
    await said(city, post, WITHDRAW, {"by": CENTRE, "reference": name, "reason": "已整改到位"})
    await city.heard(PublicationWithdrawn, key)
    assert await public(city, name) == []


async def test_a_measure_that_is_to_be_published_is_put_up_and_taken_back_with_it(city: City) -> None:
    proposal = f"{secrets.token_hex(4)}-f5e3-5a3b-a86c-{secrets.token_hex(6)}"
    about: dict[str, Any] = {"occurred_at": datetime.now(UTC), "kind": SubjectKind.UNIT, "subject": UNIT}
    about |= {"proposal_id": proposal}
    decision: dict[str, Any] = {
        "measures": ("public-apology",),
        "by": OFFICE,
        "actor": "city-office.director",
        "reason": "逾期",
    }
    for unit in (UNIT, OFFICE):
        told: Message = MeasureDecided(unit=unit, appeal_until=datetime.now(UTC), publish=True, **decision, **about)
        await city.say(told)
    name = f"measure-{proposal}"
    key = publication_key(OFFICE, name)
    asked = await city.heard(PublicationProposed, key, attribute(unit=PERSONNEL))
    assert (asked.what, asked.about, asked.reviewer) == ("apology", UNIT, PERSONNEL)
    await city.say(
        ReviewPublication(
            unit=PERSONNEL,
            issued_at=datetime.now(UTC),
            actor="human-resources.head",
            by=OFFICE,
            reference=name,
            approved=True,
            reason="同意",
        )
    )
    await city.heard(PublicationReleased, key)
    await city.watch.until(lambda _: len(city.all(PublicationProposed, key)) >= 2)
    assert len(city.all(PublicationProposed, key)) == 2, "once to each, though the measure was told twice"
    assert len(await public(city, name)) == 1
    await city.say(MeasureReversed(unit=UNIT, reason="查无实据", **about))
    taken = await city.heard(PublicationTakenBack, key, attribute(unit=OFFICE))
    assert taken.withdrawn_by is None
    await city.heard(PublicationWithdrawn, key)
    assert await public(city, name) == []


@pytest.mark.parametrize(
    ("key", "method", "path", "status"),
    [
        (None, "GET", "/v1/publicity", 401),
        ("atlantis", "GET", "/v1/publicity", 403),
        ("police-reader", "POST", "/v1/publicity", 403),
        (None, "GET", "/v1/board?limit=0", 422),
        (None, "GET", "/v1/board?limit=501", 422),
        (None, "GET", "/v1/publications?limit=x", 422),
    ],
)
async def test_what_is_not_allowed_is_refused(city: City, key: str | None, method: str, path: str, status: int) -> None:
    async with client_of(city, key) as client:
        assert (await client.request(method, path, json={} if method == "POST" else None)).status_code == status
