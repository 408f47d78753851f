"""A notice in whatever happens to it: told once for each key, by ways that were chosen, and always to an end."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.codes import ReplyBy
from contracts.intake import ContactErased
from contracts.notify import NoticeDelivered, NoticeFailed, NoticeSent
from contracts.receipts import RedriveNotice, ReportReceipt
from infra.decision import Due, Subject
from services.notify.domain import notice as notices
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.notice import (
    LEASE,
    LONGEST_WAIT,
    POSTPONED_AT_MOST,
    RETRY_AFTER,
    SHORTEST_WAIT,
    Missed,
    Notice,
    NoticeStatus,
    Told,
    Try,
    ways_of,
)
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Send, Way
from services.notify.domain.telling import next_look
from tests.unit.services.notify.place import POLICY
from tests.unit.services.notify.test_notices import by_mail, contact, room
from tests.unit.services.speaking import AT, CASE, context, decided, registered

CHOSEN = (("email",), ("sms",), ("sms", "email"), ("email", "sms"), ("sms", "channel", "email"), ("channel", "sms"))
PROVIDER = {Way.EMAIL: "mail", Way.SMS: "sms"}
ACK = f"acknowledgement.{CASE}"
RULES = CaseRules(POLICY, LEASE)


class Life(RuleBasedStateMachine):
    """One acknowledgement; providers, operators, time and erasure do what they like."""

    @initialize(chosen=st.sampled_from(CHOSEN))
    def begin(self, chosen: tuple[str, ...]) -> None:
        self.chosen = chosen
        self.case, self.at = None, AT
        self.events: list[Any] = []
        self.sends: list[Send] = []
        self.erased = False
        self.hear(contact())
        self.hear(registered(reply_by=ReplyBy.EMAIL, ways=chosen))

    case: Case | None

    def hear(self, subject: Subject) -> None:
        """It is decided, as the loop does."""
        decision = decided(RULES.decide(self.case, subject, context(at=self.at)))
        self.case = decision.state
        self.events += decision.events
        self.sends += [each for each in decision.effects if isinstance(each, Send)]

    def notice(self) -> Notice | None:
        """None where the channel alone was chosen: nothing has to be remembered then."""
        return next((each for each in self.case.notices if each.id == ACK), None) if self.case else None

    def known(self, data: st.DataObject) -> Send:
        """Any attempt that was ever made."""
        return data.draw(st.sampled_from(self.sends))

    @precondition(lambda self: self.sends)
    @rule(data=st.data())
    def taken(self, data: st.DataObject) -> None:
        send = self.known(data)
        self.hear(HandedOver(send.notice_id, send.way))

    @precondition(lambda self: self.sends)
    @rule(data=st.data(), permanent=st.booleans(), seconds=st.none() | st.floats(0, 10**6))
    def fails(self, data: st.DataObject, permanent: bool, seconds: float | None) -> None:
        send = self.known(data)
        self.hear(DeliveryFailed(send.notice_id, send.way, "http 500", permanent, seconds))

    @precondition(lambda self: self.sends)
    @rule(data=st.data(), seconds=st.floats(0, 10**6))
    def postponed(self, data: st.DataObject, seconds: float) -> None:
        send = self.known(data)
        self.hear(Postponed(send.notice_id, send.way, "circuit open", seconds))

    @precondition(lambda self: self.sends)
    @rule(data=st.data(), delivered=st.booleans())
    def receipt(self, data: st.DataObject, delivered: bool) -> None:
        send = self.known(data)
        told = ReportReceipt(
            provider=PROVIDER[send.way], notice_id=send.notice_id, delivered=delivered, reported_at=self.at
        )
        self.hear(told)

    @rule()
    def redriven(self) -> None:
        self.hear(RedriveNotice(notice_id=ACK, issued_at=self.at, by="desk"))

    @rule()
    def forgotten(self) -> None:
        self.erased = True
        self.hear(ContactErased(case_id=CASE, occurred_at=self.at))

    @rule(seconds=st.integers(0, 9 * 3_600))
    def time_passes(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.hear(Due())

    @invariant()
    def told_once_by_each_way_and_by_one_that_stands(self) -> None:
        told, gone = defaultdict(list), defaultdict(set)
        for event in self.events:
            if isinstance(event, NoticeSent):
                told[event.notice_id].append(event.by)
            elif isinstance(event, NoticeFailed):
                gone[event.notice_id].add(event.by)
        for key, ways in told.items():
            assert max(Counter(ways).values()) == 1
            assert len(set(ways) - gone[key]) <= 1
        arrived = Counter(event.notice_id for event in self.events if isinstance(event, NoticeDelivered))
        assert not arrived or max(arrived.values()) == 1

    @invariant()
    def nobody_is_told_by_a_way_they_did_not_choose(self) -> None:
        allowed = {*self.chosen, "channel"}
        assert {send.way for send in self.sends} <= allowed - {"channel"}
        assert {event.by for event in self.events if isinstance(event, NoticeSent)} <= allowed
        before = self.chosen[: self.chosen.index("channel")] if "channel" in self.chosen else self.chosen
        assert {send.way for send in self.sends} <= set(before), "what stands after the channel is never needed"

    @invariant()
    def an_attempt_is_made_with_a_contact(self) -> None:
        assert all(send.contact_box for send in self.sends)
        assert self.case is not None
        assert self.case.contact_box is None or not self.erased

    def teardown(self) -> None:
        """Whatever was before: providers that refuse everything bring it to its end within days."""
        if getattr(self, "case", None) is None:
            return
        for _ in range(60):
            assert self.case is not None
            look = next_look(self.case)
            if look is None:
                break
            self.at = max(self.at, look)
            before = len(self.sends)
            self.hear(Due())
            for send in self.sends[before:]:
                self.hear(DeliveryFailed(send.notice_id, send.way, "http 500", permanent=False))
        notice = self.notice()
        assert notice is None or notice.status is not NoticeStatus.PENDING
        told = {event.notice_id for event in self.events if isinstance(event, NoticeSent)}
        assert (notice.sent_as if notice else ACK) in told


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase


# ---- one step each


def owed(*ways: Way) -> Notice:
    return Notice(id=ACK, kind="acknowledgement", ways=ways_of(ways, Way.CHANNEL), owed_at=AT, next_at=AT)


def tried(*ways: Way) -> Notice:
    notice, steps = notices.go(owed(*ways), AT, LEASE)
    assert steps == (Try(),)
    return notice


@pytest.mark.parametrize(
    ("chosen", "ways"),
    [
        ((Way.SMS, Way.EMAIL), (Way.SMS, Way.EMAIL, Way.CHANNEL)),
        ((Way.SMS, Way.SMS), (Way.SMS, Way.CHANNEL)),
        ((Way.SMS, Way.CHANNEL, Way.EMAIL), (Way.SMS, Way.CHANNEL)),
        ((Way.CHANNEL,), (Way.CHANNEL,)),
        ((), (Way.CHANNEL,)),
    ],
)
def test_the_certain_way_comes_last_and_nothing_after_it(chosen: tuple[Way, ...], ways: tuple[Way, ...]) -> None:
    assert ways_of(chosen, Way.CHANNEL) == ways


def test_a_way_that_failed_for_good_gives_way_to_the_next_and_says_why() -> None:
    moved, (step,) = notices.after(tried(Way.SMS, Way.EMAIL), DeliveryFailed(ACK, Way.SMS, "too-long: 9", True), AT)
    assert step == Missed(Way.SMS, 1, "too-long: 9", Way.EMAIL)
    assert (moved.way, moved.attempts, moved.next_at, moved.why) == (Way.EMAIL, 0, AT, "sms: too-long: 9")


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        (None, RETRY_AFTER[0]),
        (1.0, RETRY_AFTER[0]),
        (600.0, timedelta(seconds=600)),
        (10.0**6, LONGEST_WAIT),
    ],
)
def test_a_provider_may_ask_for_a_longer_pause_and_not_for_a_shorter_one(asked: float | None, pause: timedelta) -> None:
    moved, steps = notices.after(tried(Way.SMS), DeliveryFailed(ACK, Way.SMS, "http 429", False, asked), AT)
    assert (moved.next_at - AT, steps) == (pause, ())


def test_a_postponement_is_no_attempt_and_waits_a_while_at_least() -> None:
    moved, steps = notices.after(tried(Way.SMS), Postponed(ACK, Way.SMS, "no room", 0.1), AT)
    assert (moved.attempts, moved.next_at - AT, steps) == (0, timedelta(seconds=SHORTEST_WAIT), ())


def test_a_provider_that_stays_away_is_waited_for_from_the_first_try_on() -> None:
    night = timedelta(hours=10)
    waiting = owed(Way.SMS).model_copy(update={"next_at": AT + night})
    notice, _ = notices.go(waiting, AT + night, LEASE)
    away = Postponed(ACK, Way.SMS, "circuit open", 30)
    still, steps = notices.after(notice, away, AT + night)
    assert (still.way, steps) == (Way.SMS, ()), "a night of quiet is no fault of the provider"
    again, _ = notices.go(still, AT + night + POSTPONED_AT_MOST, LEASE)
    given_up, (step,) = notices.after(again, away, AT + night + POSTPONED_AT_MOST)
    assert isinstance(step, Missed)
    assert (given_up.way, given_up.tried_at) == (Way.CHANNEL, None)


def test_a_receipt_may_come_before_the_providers_own_answer() -> None:
    arrived, steps = notices.received(tried(Way.SMS), True, "", AT)
    assert (arrived.status, steps) == (NoticeStatus.DELIVERED, (Told(),))
    assert notices.after(arrived, HandedOver(ACK, Way.SMS), AT) == (arrived, ())


def test_what_did_not_arrive_goes_the_next_way() -> None:
    sent, _ = notices.after(tried(Way.SMS, Way.EMAIL), HandedOver(ACK, Way.SMS), AT)
    moved, (step,) = notices.received(sent, False, "UNDELIV", AT)
    assert step == Missed(Way.SMS, 1, "receipt: UNDELIV", Way.EMAIL)
    assert moved.status is NoticeStatus.PENDING


def test_what_is_sent_again_has_another_key_and_begins_with_the_first_way() -> None:
    given_up, _ = notices.miss_all(tried(Way.SMS, Way.EMAIL), "erased", AT)
    told, _ = notices.go(given_up, AT, LEASE)
    assert told.status is NoticeStatus.FAILED
    again = notices.again(told, AT)
    assert (again.sent_as, again.way, again.status) == (f"again-1.{ACK}", Way.SMS, NoticeStatus.PENDING)
    assert notices.again(again, AT) == again, "not while it is under way"
    assert notices.again(owed(), AT) == owed(), "the channel is not told twice"


@pytest.mark.parametrize("delivered", [True, False])
def test_a_receipt_of_what_was_not_sent_or_has_arrived_or_failed_changes_nothing(delivered: bool) -> None:
    arrived, _ = notices.received(tried(Way.SMS), True, "", AT)
    given_up, _ = notices.go(notices.miss(tried(Way.SMS), "smtp 550", AT)[0], AT, LEASE)
    for notice in (owed(Way.SMS), arrived, given_up):
        assert notices.received(notice, delivered, "UNDELIV", AT) == (notice, ())


def test_who_was_erased_is_not_told_again_by_an_operator() -> None:
    it = room(by_mail(), contact(), ContactErased(case_id=CASE, occurred_at=AT))
    before = it.case
    assert it.hear(RedriveNotice(notice_id=ACK, issued_at=AT, by="desk")) == []
    assert it.case == before
