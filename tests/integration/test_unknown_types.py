"""A partner's record of an unknown type, or without type, is refused, stored as a dead letter and counted."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest

from contracts.channel import RateCase, SubmitComplaint, WithdrawComplaint
from contracts.clerking import JudgeScope
from contracts.codes import Channel, RefusalCode
from contracts.dead_letters import DeadLettered, DeadLetterReason
from contracts.handling import SignCase
from contracts.intake import CaseRegistered, ClerkingRefused
from contracts.message import Message, case_id_for
from contracts.notify import ComplaintAcknowledged, ComplaintEnded, ComplaintRefused, RatingAnswered
from contracts.routing import CommandRefused
from contracts.topics import REGISTRY
from tests.support.bus import complaint
from tests.support.city import City, Headers, reference
from tests.support.spoilt import assert_bilingual, sound
from tests.unit.contracts.golden import GOLDEN

UNIT, CENTRE = "police-beicheng", "beicheng-centre"
TOPICS: dict[str, tuple[str, type[Message], type[Message], str]] = {
    "complaints.web": ("intake", SubmitComplaint, ComplaintRefused, "replies.web"),
    "feedback.web": ("scoring", RateCase, RatingAnswered, "replies.web"),
    f"handling.{UNIT}": ("routing", SignCase, CommandRefused, f"assignments.{UNIT}"),
    f"clerking.{CENTRE}": ("intake", JudgeScope, ClerkingRefused, f"reception.{CENTRE}"),
}
"""For each topic: the reading service, one of its types, the type of the refusal, and its topic."""


def body(external_id: str) -> dict[str, Any]:
    """A body with the case reference in every form that a topic uses."""
    case_id = case_id_for("web", external_id)
    return {"channel": "web", "external_id": external_id, "case_id": case_id, "issued_at": "2026-11-29T06:00:00Z"}


def binary(type: bytes | None, id: str, external_id: str) -> tuple[bytes | None, Headers]:
    headers = [("ce_specversion", b"1.0"), ("ce_id", id.encode()), ("ce_source", b"/tests"), ("ce_type", type)]
    return json.dumps(body(external_id)).encode(), headers


def structured(id: str, external_id: str) -> tuple[bytes | None, Headers]:
    event = {"specversion": "1.0", "id": id, "source": "/tests", "type": "cn.xiaoneng.misspelt.v1"}
    value = json.dumps({**event, "data": body(external_id)}).encode()
    return value, [("Content-Type", b"Application/CloudEvents+JSON; charset=UTF-8")]


SENT: dict[str, tuple[Callable[[str, str], tuple[bytes | None, Headers]], str, bool, bool]] = {
    "misspelt": (lambda id, ref: binary(b"cn.xiaoneng.misspelt.v1", id, ref), "cn.xiaoneng.misspelt.v1", True, True),
    "no UTF-8": (lambda id, ref: binary(b"\xff", id, ref), r"\\xff", True, True),
    "null": (lambda id, ref: binary(None, id, ref), "null", True, True),
    "no headers": (lambda _, ref: (json.dumps(body(ref)).encode(), []), "null", False, True),
    "nothing at all": (lambda _id, _ref: (None, []), "null", False, False),
    "structured": (structured, "cn.xiaoneng.misspelt.v1", True, True),
}
"""By fault: the record, the type that the refusal names, and whether the ids of record and case are readable."""


async def unreadable(city: City, service: str, topic: str) -> float:
    page = city.page(service, "/metrics").text
    line = rf'^xn_messages_unreadable_total{{code="unknown-type",topic="{topic}"}} (\S+)$'
    return sum(float(each) for each in re.findall(line, page, re.MULTILINE))


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(("write", "came", "named", "known"), SENT.values(), ids=SENT)
async def test_a_record_of_an_unknown_type_is_refused_kept_and_counted(
    city: City,
    topic: str,
    write: Callable[[str, str], tuple[bytes | None, Headers]],
    came: str,
    named: bool,
    known: bool,
) -> None:
    service, _, refusal, answered_on = TOPICS[topic]
    before = await unreadable(city, service, topic)
    id, external_id = uuid4().hex, reference()
    value, headers = write(id, external_id)
    place = await city.put(topic, value, headers, key=b"any key")

    def about(message: Any) -> bool:
        return message.record is not None and (
            message.record.topic,
            message.record.partition,
            message.record.offset,
        ) == (
            place.topic,
            place.partition,
            place.offset,
        )

    seen = await city.seen(refusal, where=about)
    answer: Any = seen.message
    assert seen.topic == answered_on
    assert seen.key == (case_id_for("web", external_id) if known else str(uuid5(NAMESPACE_OID, place.id)))
    assert answer.record.id == (id if named else place.id)
    (why,) = answer.reasons
    assert (why.code, why.field) == (RefusalCode.UNKNOWN_TYPE, "type")
    assert came in why.en
    assert all(each.TYPE in why.zh for each in REGISTRY.matching(topic).messages)
    assert_bilingual(answer.reasons)
    if refusal is ComplaintRefused:
        assert answer.external_id == (external_id if known else None)
        assert answer.submission_id == answer.record.id

    letter = await city.letter_about(service, place)
    assert (letter.reason, letter.error) == (DeadLetterReason.UNREADABLE, "unknown-type")
    assert city.opened(letter) == (headers, value)
    assert await unreadable(city, service, topic) > before


async def test_where_nobody_listens_the_record_is_kept(city: City) -> None:
    value, headers = binary(b"cn.xiaoneng.misspelt.v1", uuid4().hex, reference())
    place = await city.put("notices.redrive", value, headers)
    assert (await city.letter_about("notify", place)).reason is DeadLetterReason.UNREADABLE


async def test_an_unknown_type_of_our_own_is_still_skipped(city: City) -> None:
    id = uuid4().hex
    place = await city.put("routing.followers", *binary(b"cn.xiaoneng.invented.v1", id, reference()))
    await city.to_the_end(complaint(reference()))
    assert not [each for each in city.all(DeadLettered) if each.message.origin.topic == place.topic]
    assert await unreadable(city, "routing", place.topic) == 0


async def test_what_was_misspelt_is_registered_once_it_is_mended_under_the_same_id(city: City) -> None:
    submission = complaint(reference())
    whole = sound(submission)
    await city.put("complaints.web", whole.value, whole.header("ce_type", b"misspelt").headers, key=whole.key)
    await city.refusal_of(whole.id)
    await city.put("complaints.web", whole.value, whole.headers, key=whole.key)
    seen = await city.seen(ComplaintAcknowledged, submission.case_id)
    assert seen.message.submission_id == whole.id


# ---- standard forms


@pytest.mark.parametrize("time", [b"2026-11-29t06:00:00z", b"2016-12-31T23:59:60Z", b""])
async def test_every_form_of_a_timestamp_is_registered(city: City, time: bytes) -> None:
    submission = complaint(reference())
    odd = sound(submission).header("ce_time", time).body(received_at=time.decode() or "2026-11-29t06:00:00z")
    await city.put("complaints.web", odd.value, odd.headers, key=odd.key)
    await city.acknowledged(submission)
    await city.say(
        WithdrawComplaint(channel=Channel.WEB, external_id=submission.external_id, withdrawn_at=datetime.now(UTC))
    )
    await city.seen(ComplaintEnded, submission.case_id)  # its limit ended in 2017: left open it would be a silence


@pytest.mark.parametrize(
    "media_type", [b"application/cloudevents+json", b"Application/CloudEvents+JSON; charset=UTF-8"]
)
async def test_a_structured_event_with_data_in_base64_is_registered(city: City, media_type: bytes) -> None:
    submission = complaint(reference())
    whole = sound(submission)
    event = {"specversion": "1.0", "id": whole.id, "source": "/t", "type": SubmitComplaint.TYPE}
    event |= {"datacontenttype": "Application/JSON", "data_base64": base64.b64encode(whole.value or b"").decode()}
    await city.put("complaints.web", json.dumps(event).encode(), [("Content-Type", media_type)])
    assert (await city.acknowledged(submission)).external_id == submission.external_id


async def test_a_batch_is_refused_with_what_to_do(city: City) -> None:
    place = await city.put("complaints.web", b"[]", [("content-type", b"application/cloudevents-batch+json")])
    _, refused = await city.refusal_of(place.id)
    (why,) = refused.reasons
    assert why.code == RefusalCode.MALFORMED
    assert "one event in each record" in str(why.detail)


async def test_the_golden_sample_is_registered_at_the_demonstration_place(city: City) -> None:
    golden = GOLDEN[SubmitComplaint.TYPE]
    submission = SubmitComplaint.model_validate_json(golden.body).model_copy(update={"external_id": reference()})
    id = await city.say(submission)
    acknowledged = await city.acknowledged(submission)
    assert (acknowledged.external_id, acknowledged.submission_id) == (submission.external_id, id)
    assert (await city.heard(CaseRegistered, submission.case_id)).held is None
    city.leave_silent(submission.case_id, "nobody dispatches it here")
