"""Whatever a department asks for or a channel rates, against the rules or unreadable, is answered where it listens."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest

from contracts.codes import Channel, HandlingResult, RefusalCode
from contracts.dead_letters import DeadLetterReason
from contracts.envelope import JSON, encode
from contracts.handling import DispatchCase, ReportHandling, RequestReturn, SignCase
from contracts.message import CASES
from contracts.notify import RatingAnswered
from contracts.routing import AssignmentOffered, CaseClosed, CaseSigned, DispatchRequested
from tests.support.bus import complaint
from tests.support.city import City, attribute, reference
from tests.support.spoilt import assert_bilingual

UNIT = "police-beicheng"


async def offered(city: City) -> str:
    """A case that waits for a unit's signature."""
    submission = complaint(reference())
    await city.say(submission)
    await city.heard(AssignmentOffered, submission.case_id)
    return submission.case_id


async def refused_command(city: City, id: str, unit: str, code: RefusalCode, case_id: str) -> None:
    """The unit was told, on its own topic, in two languages, about the case it asked for."""
    seen, refused = await city.refusal_of_command(id)
    assert (seen.topic, refused.unit, refused.case_id) == (f"assignments.{unit}", unit, case_id)
    assert [reason.code for reason in refused.reasons] == [code]
    assert_bilingual(refused.reasons)


async def test_a_unit_may_not_sign_for_a_case_of_another(city: City) -> None:
    case_id = await offered(city)
    await refused_command(
        city, await city.sign("water-company", case_id), "water-company", RefusalCode.NOT_RESPONSIBLE, case_id
    )


async def test_a_unit_that_claims_to_be_another_is_taken_for_what_its_topic_proves(city: City) -> None:
    case_id = await offered(city)
    id = uuid4().hex
    command = encode(SignCase(case_id=case_id, issued_at=datetime.now(UTC), unit=UNIT), id=id, source="/units/other")
    await city.put("handling.water-company", command.value, command.headers, key=command.key)
    await refused_command(city, id, "water-company", RefusalCode.NOT_RESPONSIBLE, case_id)


async def test_a_case_is_signed_once_reported_after_that_and_closed_for_ever(city: City) -> None:
    case_id = await offered(city)
    await refused_command(city, await city.report(UNIT, case_id), UNIT, RefusalCode.NOT_SIGNED, case_id)
    await city.sign(UNIT, case_id)
    await refused_command(city, await city.sign(UNIT, case_id), UNIT, RefusalCode.ALREADY_SIGNED, case_id)
    await city.report(UNIT, case_id)
    await city.heard(CaseClosed, case_id)
    await refused_command(city, await city.report(UNIT, case_id), UNIT, RefusalCode.CASE_CLOSED, case_id)
    assert len(city.all(CaseSigned, case_id)) == len(city.all(CaseClosed, case_id)) == 1


async def test_a_command_for_a_case_that_does_not_exist_is_refused(city: City) -> None:
    case_id = str(uuid5(CASES, reference()))
    await refused_command(city, await city.sign(UNIT, case_id), UNIT, RefusalCode.CASE_UNKNOWN, case_id)


async def test_only_the_dispatcher_dispatches_and_only_to_units_that_exist(city: City) -> None:
    submission = complaint(reference(), category="stray-dogs", about="urban-management")
    await city.say(submission)
    await city.heard(DispatchRequested, submission.case_id)
    case_id, now = submission.case_id, datetime.now(UTC)
    for centre, to, code in (
        ("police", "transport", RefusalCode.NOT_DISPATCHER),
        ("beicheng-centre", "ministry-of-magic", RefusalCode.UNIT_UNKNOWN),
        ("beicheng-centre", "urban-management-beicheng", RefusalCode.RECUSED),
    ):
        id = await city.say(DispatchCase(case_id=case_id, issued_at=now, unit=centre, to=to))
        await refused_command(city, id, centre, code, case_id)


async def test_a_malformed_command_under_another_cases_key_is_refused_and_does_not_park_that_case(city: City) -> None:
    victim, now = await offered(city), datetime.now(UTC)
    spoilt = encode(
        ReportHandling(case_id=victim, issued_at=now, unit=UNIT, result=HandlingResult.RESOLVED, reply="x"),
        id=uuid4().hex,
        source="/units/water-company",
    )
    place = await city.put("handling.water-company", b'{"case_id": 7}', spoilt.headers, key=spoilt.key)
    seen, refused = await city.refusal_of_command(dict(spoilt.headers)["ce_id"].decode())
    assert seen.topic == "assignments.water-company"
    assert {reason.code for reason in refused.reasons} == {RefusalCode.MALFORMED}
    assert refused.case_id != victim
    assert (await city.letter_about("routing", place)).reason is DeadLetterReason.UNREADABLE

    await city.sign(UNIT, victim)
    await city.heard(CaseSigned, victim)


@pytest.mark.parametrize("model", [SignCase, RequestReturn, ReportHandling, DispatchCase])
async def test_every_kind_of_command_is_refused_when_it_is_empty(city: City, model: type[SignCase]) -> None:
    id = uuid4().hex
    headers = [("ce_specversion", b"1.0"), ("ce_id", id.encode()), ("ce_source", b"/units/health")]
    await city.put("handling.health", b"{}", [*headers, ("ce_type", model.TYPE.encode()), ("content-type", JSON)])
    seen, refused = await city.refusal_of_command(id)
    assert (seen.topic, refused.command) == ("assignments.health", model.TYPE)
    assert ("case_id", "missing") in {(reason.field, reason.detail) for reason in refused.reasons}


# ---- ratings


async def test_a_rating_that_cannot_be_read_is_answered_and_kept(city: City) -> None:
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"r-1"), ("ce_source", b"/channels/web")]
    headers.append(("ce_type", b"cn.xiaoneng.case.rate.v1"))
    place = await city.put("feedback.web", b'{"satisfaction": "superb"}', headers)
    answered = await city.seen(RatingAnswered, str(uuid5(NAMESPACE_OID, place.id)))
    assert answered.topic == "replies.web"
    assert not answered.message.counted
    assert {reason.code for reason in answered.message.reasons} == {RefusalCode.MALFORMED}
    assert_bilingual(answered.message.reasons)
    assert (await city.letter_about("scoring", place)).reason is DeadLetterReason.UNREADABLE


async def test_a_case_is_rated_once_and_only_by_its_own_channel(city: City) -> None:
    submission = complaint(reference(), channel=Channel.RADIO)
    await city.to_the_end(submission)
    await city.rate(Channel.WEB, submission.case_id)
    foreign = await city.seen(RatingAnswered, submission.case_id, attribute(channel=Channel.WEB))
    assert foreign.topic == "replies.web"
    assert [reason.code for reason in foreign.message.reasons] == [RefusalCode.NOT_YOUR_CASE]

    await city.rate(Channel.RADIO, submission.case_id)
    await city.heard(RatingAnswered, submission.case_id, attribute(channel=Channel.RADIO, counted=True))
    await city.rate(Channel.RADIO, submission.case_id)
    second = await city.heard(RatingAnswered, submission.case_id, attribute(channel=Channel.RADIO, counted=False))
    assert [reason.code for reason in second.reasons] == [RefusalCode.ALREADY_RATED]
