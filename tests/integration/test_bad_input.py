"""Whatever a channel sends, it is told what is wrong with it, nothing is lost, and what stands behind it goes on.

Each test puts something bad on a partition and something good right behind it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4, uuid5

import pytest

from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel, HandlingResult, Language, RefusalCode, ReplyBy
from contracts.dead_letters import DeadLettered, DeadLetterReason
from contracts.envelope import encode
from contracts.intake import CaseRegistered
from contracts.message import CASES, Event
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, ComplaintScheduled
from contracts.routing import AssignmentOffered, CaseAssigned, CaseClosed, CaseSigned
from contracts.scoring import ClockStarted
from infra.sealing import Opener, SealingError
from infra.store import Store
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.spoilt import ODD, REFUSED, UNREADABLE, Said, Spoil, assert_bilingual, sound

TOPIC = "complaints.web"
UNIT = "police-beicheng"


async def put_behind(city: City, submission: SubmitComplaint) -> None:
    """A good message on the same partition as the bad one."""
    good = sound(submission)
    await city.put(TOPIC, good.value, good.headers, key=good.key, partition=0)


@pytest.mark.parametrize(("spoil", "fields"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_refused_by_field_and_kept_sealed(
    city: City, spoil: Spoil, fields: set[str]
) -> None:
    bad = spoil(sound())
    place = await city.put(TOPIC, bad.value, bad.headers, key=bad.key, partition=0)
    good = complaint(reference())
    await put_behind(city, good)

    names_itself = any(name == "ce_id" and value == bad.id.encode() for name, value in bad.headers)
    seen, refused = await city.refusal_of(bad.id if names_itself else place.id)
    assert seen.topic == "replies.web"
    assert {reason.code for reason in refused.reasons} == {RefusalCode.MALFORMED}
    assert {reason.field or reason.detail for reason in refused.reasons} == fields
    assert_bilingual(refused.reasons)

    letter = await city.letter_about("intake", place)
    assert letter.reason is DeadLetterReason.UNREADABLE
    headers, value = city.opened(letter)
    assert (list(headers), value) == (list(bad.headers), bad.value)
    with pytest.raises(SealingError):
        Opener(city.deployment.contact_key).open(letter.box)

    await city.acknowledged(good)


@pytest.mark.parametrize(("spoil", "said"), REFUSED.values(), ids=REFUSED)
async def test_what_the_rules_forbid_is_refused_with_every_reason_at_once(
    city: City, spoil: Spoil, said: set[Said]
) -> None:
    bad = spoil(sound())
    place = await city.put(TOPIC, bad.value, bad.headers, key=bad.key, partition=0)
    good = complaint(reference())
    await put_behind(city, good)

    seen, refused = await city.refusal_of(bad.id)
    assert (seen.topic, refused.channel) == ("replies.web", Channel.WEB)
    assert {(str(reason.code), reason.field) for reason in refused.reasons} == said
    assert_bilingual(refused.reasons)
    await city.acknowledged(good)
    assert not [letter for letter in city.all(DeadLettered) if letter.message.origin.offset == place.offset]


@pytest.mark.parametrize("spoil", ODD.values(), ids=ODD)
async def test_what_is_merely_odd_is_registered(city: City, spoil: Spoil) -> None:
    submission = complaint(reference())
    odd = spoil(sound(submission))
    await city.put(TOPIC, odd.value, odd.headers, key=odd.key, partition=0)
    await city.acknowledged(submission)
    assert (await city.seen(CaseRegistered, submission.case_id)).key == submission.case_id


async def test_other_words_under_a_reference_that_is_registered_do_not_overwrite_it(city: City) -> None:
    submission = complaint(reference())
    await city.say(submission)
    number = (await city.acknowledged(submission)).number
    id = await city.say(submission.model_copy(update={"text": "别的事情。"}))
    _, refused = await city.refusal_of(id)
    assert [(reason.code, reason.field) for reason in refused.reasons] == [
        (RefusalCode.ALREADY_REGISTERED, "external_id")
    ]
    assert number in refused.reasons[0].zh
    assert number in refused.reasons[0].en
    assert len(city.all(CaseRegistered, submission.case_id)) == 1


async def test_what_was_refused_is_registered_once_it_is_mended(city: City) -> None:
    submission = complaint(reference(), area="atlantis")
    await city.refusal_of(await city.say(submission))
    await city.say(submission.model_copy(update={"area": "nancheng"}))
    assert (await city.acknowledged(submission)).number.startswith("NC-")


async def test_a_channel_that_claims_anothers_reference_touches_nothing_of_the_other(city: City) -> None:
    theirs = complaint(reference(), channel=Channel.RADIO)
    await city.say(theirs)
    await city.acknowledged(theirs)
    claim = sound(theirs.model_copy(update={"text": "撤销该诉求。"}))
    await city.put(TOPIC, claim.value, claim.headers, key=claim.key)
    seen, refused = await city.refusal_of(claim.id)
    assert seen.topic == "replies.web"
    assert refused.case_id != theirs.case_id
    assert [(reason.code, reason.field) for reason in refused.reasons] == [(RefusalCode.MALFORMED, "channel")]


# ---- what only our own services could say


def registered(received_at: datetime) -> CaseRegistered:
    """A registration as intake would announce it."""
    return CaseRegistered(
        case_id=str(uuid5(CASES, reference())),
        occurred_at=datetime.now(UTC),
        number="BC-00000000-000001",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="beicheng-centre",
        title="夜间噪声",
        text="噪声很大。",
        received_at=received_at,
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="test",
    )


async def announce(city: City, event: CaseRegistered) -> None:
    """The registration stands on the first partition."""
    r = encode(event, id=uuid4().hex, source="/services/intake")
    await city.put(r.topic, r.value, r.headers, key=r.key, partition=0)


async def letters_of(city: City, service: str, case_id: str, last: type[Event]) -> list[DeadLettered]:
    """What a service has put aside under a key, in order, once such a one is behind another."""

    def found() -> list[DeadLettered]:
        return [each.message for each in city.all(DeadLettered, case_id) if each.message.service == service]

    await city.watch.until(lambda _: last.TYPE in {each.origin.type for each in found()[1:]})
    return found()


async def waiting_in(city: City, service: str, case_id: str) -> list[str]:
    """The types of what came before its cause and waits in the case's document."""
    store = Store(city.deployment.engines.mongo_uri, f"{city.deployment.database}_{service}")
    try:
        return [held.type for held in (await store.load([case_id]))[case_id].waiting]
    finally:
        await store.close()


async def test_a_rule_that_breaks_parks_its_case_alone_and_what_follows_is_kept_in_order(city: City) -> None:
    beyond = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))  # before the first instant that UTC can name
    broken, sound_one = registered(beyond), registered(datetime.now(UTC))
    await announce(city, broken)
    await announce(city, sound_one)
    await city.heard(ClockStarted, sound_one.case_id)

    await city.heard(AssignmentOffered, broken.case_id)
    await city.sign(UNIT, broken.case_id)
    await city.report(UNIT, broken.case_id)
    await city.heard(ComplaintAnswered, broken.case_id)
    first, *behind = await letters_of(city, "scoring", broken.case_id, CaseClosed)
    assert (first.origin.type, first.reason) == (CaseRegistered.TYPE, DeadLetterReason.FAILED)
    assert re.fullmatch(r"OverflowError at \S+\.py:\d+", first.error)
    waiting = await waiting_in(city, "scoring", broken.case_id)  # the topics have no order among each other
    assert [*waiting, *(each.origin.type for each in behind)] == [CaseAssigned.TYPE, CaseSigned.TYPE, CaseClosed.TYPE]
    assert {each.reason for each in behind} == {DeadLetterReason.BEHIND}
    assert city.all(ClockStarted, broken.case_id) == []
    (parked,) = re.findall(r"^xn_parked_keys_seen (\S+)$", city.page("scoring", "/metrics").text, re.MULTILINE)
    assert float(parked) >= 1


async def test_an_unreadable_event_of_our_own_parks_its_case_in_every_service_that_reads_it(city: City) -> None:
    submission = complaint(reference())
    case_id = submission.case_id
    await city.say(submission)
    await city.heard(AssignmentOffered, case_id)
    await city.heard(ClockStarted, case_id)
    await city.heard(ComplaintAcknowledged, case_id)
    await city.heard(ComplaintScheduled, case_id)  # so notify has heard of the clock, too

    closed = CaseClosed(
        case_id=case_id, occurred_at=datetime.now(UTC), unit=UNIT, result=HandlingResult.RESOLVED, reply="x"
    )
    spoilt = encode(closed, id=uuid4().hex, source="/services/routing")
    city.leave_silent(case_id, "parked: nothing that follows is applied until somebody has dealt with it")
    place = await city.put(spoilt.topic, b"{}", spoilt.headers, key=case_id.encode())
    for service in ("scoring", "notify"):
        letter = await city.letter_about(service, place)
        assert (letter.case_id, letter.reason) == (case_id, DeadLetterReason.UNREADABLE)

    await city.sign(UNIT, case_id)
    await city.report(UNIT, case_id)
    kept_behind = (("scoring", [CaseSigned.TYPE, CaseClosed.TYPE]), ("notify", [CaseClosed.TYPE]))
    for service, behind in kept_behind:
        letters = await letters_of(city, service, case_id, CaseClosed)
        assert [(letter.origin.type, letter.reason) for letter in letters] == [
            (CaseClosed.TYPE, DeadLetterReason.UNREADABLE),
            *((each, DeadLetterReason.BEHIND) for each in behind),
        ]
    assert city.all(ComplaintAnswered, case_id) == []
    await city.to_the_end(complaint(reference()))
