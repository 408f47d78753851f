"""A complaint's whole life, seen from outside: by its channel, the departments, the dispatcher and the complainant."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.message import Message

from contracts.channel import Contact
from contracts.codes import Channel, Language, NoticeKind, ReplyBy, Rung
from contracts.handling import DispatchCase, RequestReturn
from contracts.intake import CaseRegistered
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, NoticeSent, RatingAnswered
from contracts.routing import (
    AssignmentOffered,
    CaseAssigned,
    CaseClosed,
    CaseQueued,
    CaseSigned,
    DispatchRequested,
)
from contracts.scoring import CaseRated, ClockEscalated, ClockRungReached, ClockStarted, ClockStopped
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference


async def test_a_complaint_is_registered_assigned_signed_answered_clocked_and_rated(city: City) -> None:
    submission = complaint(reference(), channel=Channel.RADIO)
    case_id = submission.case_id

    await city.say(submission)
    registered = await city.heard(CaseRegistered, case_id)
    assert registered.number.startswith("BC-")
    acknowledged = await city.seen(ComplaintAcknowledged, case_id)
    assert (acknowledged.topic, acknowledged.message.number) == ("replies.radio", registered.number)

    offered = await city.seen(AssignmentOffered, case_id)
    assert offered.topic == "assignments.police-beicheng"
    assert (offered.message.number, offered.message.text) == (registered.number, submission.text)
    assigned = await city.heard(CaseAssigned, case_id)
    assert (assigned.unit, assigned.rule) == ("police-beicheng", "public-order")

    started = await city.heard(ClockStarted, case_id)
    assert started.budget_working_days == 15

    await city.sign("police-beicheng", case_id)
    assert (await city.heard(CaseSigned, case_id)).unit == "police-beicheng"
    await city.report("police-beicheng", case_id, reply="烧烤店已于 22 时停业。")
    assert (await city.heard(CaseClosed, case_id)).reply == "烧烤店已于 22 时停业。"

    answered = await city.seen(ComplaintAnswered, case_id)
    assert answered.topic == "replies.radio"
    assert (answered.message.number, answered.message.reply) == (registered.number, "烧烤店已于 22 时停业。")
    stopped = await city.heard(ClockStopped, case_id)
    assert (stopped.on_time, stopped.working_days_used) == (True, 0)

    await city.rate(Channel.RADIO, case_id)
    assert (await city.heard(CaseRated, case_id)).solved
    rated = await city.seen(RatingAnswered, case_id)
    assert rated.topic == "replies.radio"
    assert rated.message.counted


async def test_who_chose_email_is_acknowledged_and_answered_by_email_once_each(city: City) -> None:
    address = "ann.other@city.example"
    contact = Contact(name="Ann Other", email=address, reply_by=ReplyBy.EMAIL, language=Language.ENGLISH)
    submission = complaint(reference(), contact=contact)
    await city.to_the_end(submission)

    number = (await city.acknowledged(submission)).number
    for kind in (NoticeKind.ACKNOWLEDGEMENT, NoticeKind.ANSWER):
        sent = await city.heard(NoticeSent, submission.case_id, attribute(notice=kind))
        assert (sent.by, sent.attempts) == (ReplyBy.EMAIL, 1)
    accepted = [mail for mail in city.mail.kept if mail["To"] == address]
    mails = {str(mail["X-Xiaoneng-Notice"]): mail for mail in accepted}
    assert {kind: str(mail["Subject"]) for kind, mail in mails.items()} == {
        "acknowledgement": f"Your complaint is registered: {number}",
        "answer": f"The answer to your complaint {number}",
    }
    assert all("已责令整改" in part for part in parts_of(mails["answer"]))
    assert len({str(mail["Message-ID"]) for mail in mails.values()}) == 2
    assert len(accepted) == 2


def parts_of(mail: Message) -> list[str]:
    """Plain text, and the same as HTML."""
    assert mail.get_content_type() == "multipart/alternative"
    return [bytes(part.get_payload(decode=True)).decode() for part in mail.walk() if not part.is_multipart()]


async def test_a_returned_case_waits_for_the_dispatcher_and_goes_on_to_the_unit_it_is_sent_to(city: City) -> None:
    submission = complaint(reference())
    case_id = submission.case_id
    await city.say(submission)
    await city.heard(AssignmentOffered, case_id)

    now = datetime.now(UTC)
    await city.say(RequestReturn(case_id=case_id, issued_at=now, unit="police-beicheng", reason="属城管职责"))
    asked = await city.seen(DispatchRequested, case_id)
    assert asked.topic == "assignments.beicheng-centre"
    assert (asked.message.returned_by, asked.message.return_reason) == ("police-beicheng", "属城管职责")

    await city.say(DispatchCase(case_id=case_id, issued_at=now, unit="beicheng-centre", to="urban-management-beicheng"))
    offered = await city.seen(AssignmentOffered, case_id, attribute(rule="dispatcher"))
    assert offered.topic == "assignments.urban-management-beicheng"
    await city.sign("urban-management-beicheng", case_id)
    await city.report("urban-management-beicheng", case_id)
    assert (await city.heard(CaseClosed, case_id)).unit == "urban-management-beicheng"
    await city.heard(ComplaintAnswered, case_id)


async def test_a_case_that_no_rule_covers_waits_in_the_dispatchers_queue(city: City) -> None:
    submission = complaint(reference(), category="stray-dogs", area="binhe")
    await city.say(submission)
    queued = await city.heard(CaseQueued, submission.case_id)
    assert (queued.centre, queued.responsible, queued.why) == ("city-12345", "city-12345", "no-rule")
    asked = await city.seen(DispatchRequested, submission.case_id)
    assert asked.topic == "assignments.city-12345"
    assert city.all(AssignmentOffered, submission.case_id) == []


async def test_a_complaint_about_the_competent_unit_goes_to_its_superior(city: City) -> None:
    submission = complaint(reference(), about="police-beicheng")
    await city.say(submission)
    assert (await city.heard(AssignmentOffered, submission.case_id)).unit == "police"


async def test_a_complaint_that_was_received_long_ago_has_passed_every_rung(city: City) -> None:
    submission = complaint(reference(), received_at=datetime(2026, 3, 2, 2, tzinfo=UTC))
    city.leave_silent(submission.case_id, "received long ago: its limit was over before it came")
    await city.say(submission)
    for rung in Rung:
        await city.heard(ClockRungReached, submission.case_id, attribute(clock="close", rung=rung))
    assert len(city.all(ClockRungReached, submission.case_id)) == len(Rung)
    escalated = await city.heard(ClockEscalated, submission.case_id, attribute(level=2))
    assert (escalated.clock, escalated.to) == ("close", "city-office")


async def test_every_complaint_has_a_number_of_its_own_and_a_resubmission_has_none(city: City) -> None:
    channels = (Channel.WEB, Channel.HOTLINE_12345, Channel.MAYOR_MAILBOX)
    submissions = [complaint(reference(), channel=channel) for channel in channels for _ in range(40)]
    for submission in (*submissions, *submissions):
        await city.say(submission)
    numbers = [(await city.acknowledged(submission)).number for submission in submissions]
    assert len(set(numbers)) == len(submissions)

    last = complaint(reference(), channel=Channel.WEB)
    await asyncio.gather(*(city.say(submission) for submission in (*submissions, last)))
    await city.acknowledged(last)
    for submission in submissions:
        assert len(city.all(CaseRegistered, submission.case_id)) == 1
