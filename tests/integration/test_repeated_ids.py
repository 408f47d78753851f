"""CloudEvents ids that a partner uses more than once: a repeat is dropped, any other message is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from contracts.channel import SubmitComplaint, SupplementComplaint, WithdrawComplaint
from contracts.codes import Channel, RefusalCode
from contracts.envelope import LONGEST_ID
from contracts.handling import SignCase
from contracts.intake import CaseRegistered
from contracts.notify import ComplaintAcknowledged, ComplaintEnded, ComplaintRefused
from contracts.routing import AssignmentOffered, CaseQueued, CaseSigned
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.spoilt import sound
from tests.unit.contracts.golden import GOLDEN


async def test_a_submission_that_a_rule_refused_is_registered_once_mended_under_the_same_id(city: City) -> None:
    submission, id = complaint(reference()), uuid4().hex
    await city.say(submission.model_copy(update={"area": "atlantis"}), id=id)
    await city.refusal_of(id)
    await city.say(submission, id=id)
    acknowledged = await city.acknowledged(submission)
    assert (acknowledged.submission_id, acknowledged.external_id) == (id, submission.external_id)


async def test_a_channel_that_uses_its_reference_as_every_id_gets_every_answer(city: City) -> None:
    submission = complaint(reference())
    channel, own, now = Channel.WEB, submission.external_id, datetime.now(UTC)
    await city.say(submission, id=own)
    await city.acknowledged(submission)
    for text in ("门牌是3号。", "门牌是5号。"):
        await city.say(SupplementComplaint(channel=channel, external_id=own, given_at=now, text=text), id=own)
    await city.watch.until(lambda _: len(city.all(ComplaintRefused, submission.case_id)) == 2)
    for each in city.all(ComplaintRefused, submission.case_id):
        assert (each.message.submission_id, each.message.external_id) == (own, own)
        assert [reason.code for reason in each.message.reasons] == [RefusalCode.NOT_ASKED]
    await city.say(WithdrawComplaint(channel=channel, external_id=own, withdrawn_at=now), id=own)
    assert (await city.seen(ComplaintEnded, submission.case_id)).message.external_id == own


async def test_a_refusal_of_the_longest_id_reaches_its_sender(city: City) -> None:
    longest = uuid4().hex.ljust(LONGEST_ID, "x")
    submission = complaint(reference())
    await city.say(submission.model_copy(update={"area": "atlantis"}), id=longest)
    _, refused = await city.refusal_of(longest)
    assert refused.external_id == submission.external_id
    case_id, now = submission.case_id, datetime.now(UTC)
    await city.say(SignCase(case_id=case_id, issued_at=now, unit="health"), id=longest)
    seen, _ = await city.refusal_of_command(longest)
    assert (seen.topic, seen.key) == ("assignments.health", case_id)
    await city.say(submission)  # the case is not parked
    await city.acknowledged(submission)


async def test_the_same_refused_message_again_is_answered_once(city: City) -> None:
    refused, id = complaint(reference(), area="atlantis"), uuid4().hex
    for _ in range(3):
        await city.say(refused, id=id)
    await city.say(refused.model_copy(update={"text": "改过。"}), id=id)
    await city.watch.until(lambda _: len(city.all(ComplaintRefused, refused.case_id)) == 2)
    good = complaint(refused.external_id)
    await city.say(good, id=id)
    await city.acknowledged(good)
    assert len(city.all(ComplaintRefused, refused.case_id)) == 2
    assert len(city.all(CaseRegistered, refused.case_id)) == 1


async def test_a_byte_order_mark_and_a_case_id_in_capitals_are_read(city: City) -> None:
    submission = complaint(reference())
    whole = sound(submission)
    await city.put("complaints.web", b"\xef\xbb\xbf" + (whole.value or b""), whole.headers)
    offered = await city.heard(AssignmentOffered, submission.case_id)
    body = f'\ufeff{{"case_id":"{submission.case_id.upper()}","unit":"{offered.unit}",'
    body += f'"issued_at":"{datetime.now(UTC).isoformat()}"}}'
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"1"),
        ("ce_source", b"/t"),
        ("ce_type", b"cn.xiaoneng.case.sign.v1"),
    ]
    await city.put(f"handling.{offered.unit}", body.encode(), headers)
    assert (await city.seen(CaseSigned, submission.case_id)).key == submission.case_id


async def test_a_complaint_that_a_leader_instructs_waits_for_approval_and_without_that_it_is_offered(
    city: City,
) -> None:
    """As docs/partners.md has it of the golden sample at the demonstration place."""
    golden = SubmitComplaint.model_validate_json(GOLDEN[SubmitComplaint.TYPE].body)
    instructed = golden.model_copy(update={"external_id": reference()})
    plain = golden.model_copy(update={"external_id": reference(), "instruction": None})
    for each in (instructed, plain):
        await city.say(each)
        assert (await city.seen(ComplaintAcknowledged, each.case_id)).message.external_id == each.external_id
        city.leave_silent(each.case_id, "nobody handles it here")
    queued = await city.heard(CaseQueued, instructed.case_id)
    assert (queued.why, queued.proposed, queued.centre) == ("approval", "ecology", "beicheng-centre")
    offered = await city.seen(AssignmentOffered, plain.case_id, attribute(unit="ecology"))
    assert offered.topic == "assignments.ecology"
    assert not city.all(AssignmentOffered, instructed.case_id)
