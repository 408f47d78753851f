"""What units and posts are told: by their own ways, at last by the inbox, where it stays until somebody has read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from contracts.message import Message
from contracts.notice_tables import Receiver
from contracts.receipts import RedriveNotice, ReportReceipt
from contracts.staff_notices import NoticeFact, StaffNoticeFailed, StaffNoticeOwed, StaffNoticeSent
from infra.decision import Context, Due, Subject
from services.notify.domain.kept import Kept
from services.notify.domain.notice import LEASE, RETRY_AFTER, NoticeStatus
from services.notify.domain.policy import Policy
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Send, Way
from services.notify.domain.staff import Read, StaffNotice, StaffRules
from tests.unit.services.notify.place import POLICY, policy, words
from tests.unit.services.speaking import AT, CASE, decided, only

NOTICE = str(uuid5(UUID(CASE), "red/close/police-beicheng"))
FACTS = {
    "number": "BC-20261123-000001",
    "title": "夜间噪声",
    "unit-name": "市公安局北城分局",
    "clock": "close",
    "due-at": "2026-12-15T00:00:00+08:00",
}


def owed(to: str = "police-beicheng", what: str = "red", **more: Any) -> StaffNoticeOwed:
    facts = tuple(NoticeFact(name=name, value=value) for name, value in FACTS.items())
    return StaffNoticeOwed(notice_id=NOTICE, owed_at=AT, to=to, what=what, about=CASE, facts=facts, **more)


class Desk:
    """One notice to somebody of the house."""

    def __init__(self, *subjects: Subject, by: Policy = POLICY, at: datetime = AT) -> None:
        self.rules, self.at = StaffRules(by, LEASE), at
        self.kept: StaffNotice | None = None
        self.sends: list[Send] = []
        self.events: list[Any] = []
        self.hear(*subjects)

    def hear(self, *subjects: Subject) -> list[Any]:
        """What is announced on them."""
        found: list[Any] = []
        for subject in subjects:
            decision = decided(self.rules.decide(self.kept, subject, Context(NOTICE, self.at, "m1")))
            self.kept = decision.state
            self.sends += [each for each in decision.effects if isinstance(each, Send)]
            found += decision.events
        self.events += found
        return found

    def wait(self, time: timedelta) -> list[Any]:
        self.at += time
        return self.hear(Due())

    @property
    def status(self) -> NoticeStatus:
        assert self.kept is not None
        return self.kept.notice.status

    @property
    def due(self) -> datetime | None:
        assert self.kept is not None
        return self.rules.due(self.kept)


def told_by(*ways: str, **more: Any) -> Policy:
    """`police-beicheng` is told by these ways."""
    receiver = Receiver.model_validate({"unit": "police-beicheng", "ways": list(ways), **more})
    return replace(POLICY, receivers={"police-beicheng": receiver})


BOTH = told_by("email", "sms", email="desk@police.invalid", phone="12000000041")


def test_a_unit_is_told_by_its_first_way_in_words_of_its_language() -> None:
    desk = Desk(owed(), by=BOTH)
    (send,) = desk.sends
    assert (send.key, send.notice_id, send.way, send.address) == (NOTICE, NOTICE, Way.EMAIL, "desk@police.invalid")
    assert send.contact_box is None, "no complainant's contact comes near it"
    assert "BC-20261123-000001" in words(send).subject
    sent = only(StaffNoticeSent, desk.hear(HandedOver(NOTICE, Way.EMAIL)))
    assert (sent.notice_id, sent.to, sent.what, sent.about, sent.by) == (
        NOTICE,
        "police-beicheng",
        "red",
        CASE,
        "email",
    )
    assert desk.due is None


def test_a_unit_that_prefers_english_is_told_in_english() -> None:
    (send,) = Desk(owed(), by=told_by("email", email="a@b.invalid", language="en")).sends
    assert "Red card" in words(send).subject


@pytest.mark.parametrize("by", [told_by("inbox"), replace(POLICY, receivers={})], ids=["the inbox", "nothing named"])
def test_who_has_no_other_way_is_told_by_the_inbox_at_once(by: Policy) -> None:
    desk = Desk(owed(), by=by)
    assert only(StaffNoticeSent, desk.events).by == "inbox"
    assert (desk.sends, desk.status, desk.due) == ([], NoticeStatus.SENT, None)


def test_each_way_that_fails_gives_way_to_the_next_and_the_inbox_has_it_at_last() -> None:
    desk = Desk(owed(), by=BOTH)
    (failed,) = desk.hear(DeliveryFailed(NOTICE, Way.EMAIL, "smtp 550", permanent=True))
    assert (failed.by, failed.why, failed.next) == ("email", "smtp 550", "sms")
    assert [(each.way, each.address) for each in desk.sends[1:]] == [(Way.SMS, "12000000041")]
    failed, sent = desk.hear(DeliveryFailed(NOTICE, Way.SMS, "sms: no provider", permanent=True))
    assert isinstance(failed, StaffNoticeFailed)
    assert (failed.next, sent.by) == ("inbox", "inbox")
    assert desk.kept is not None
    assert (desk.status, desk.kept.dead_at, desk.due) == (NoticeStatus.FAILED, AT, None)


def test_a_provider_that_fails_for_now_is_tried_again_and_then_given_up() -> None:
    desk = Desk(owed(), by=told_by("webhook", webhook="e-police"))
    for pause in RETRY_AFTER:
        assert desk.hear(DeliveryFailed(NOTICE, Way.WEBHOOK, "http 500", permanent=False)) == []
        desk.wait(pause)
    assert len({send.notice_id for send in desk.sends}) == 1
    assert len(desk.sends) == len(RETRY_AFTER) + 1
    failed, sent = desk.hear(DeliveryFailed(NOTICE, Way.WEBHOOK, "http 500", permanent=False))
    assert (failed.attempts, sent.by) == (len(RETRY_AFTER) + 1, "inbox")


def test_a_lease_that_ends_is_tried_again_with_the_same_key() -> None:
    desk = Desk(owed(), by=BOTH)
    assert desk.due == AT + LEASE
    desk.wait(LEASE)
    assert [send.notice_id for send in desk.sends] == [NOTICE, NOTICE]


@pytest.mark.parametrize(
    "subject",
    [
        owed(),
        HandedOver("another", Way.EMAIL),
        DeliveryFailed("another", Way.EMAIL, "x", permanent=True),
        Postponed("another", Way.EMAIL, "x", 1),
        HandedOver(NOTICE, Way.SMS),
    ],
)
def test_what_is_not_about_this_attempt_changes_nothing(subject: Subject) -> None:
    desk = Desk(owed(), by=BOTH)
    before = desk.kept
    assert desk.hear(subject) == []
    assert (desk.kept, len(desk.sends)) == (before, 1)


def receipt(*, delivered: bool, provider: str = "mail") -> ReportReceipt:
    return ReportReceipt(provider=provider, notice_id=NOTICE, delivered=delivered, code="UNDELIV", reported_at=AT)


def test_a_receipt_of_the_provider_that_took_it_is_believed_and_no_other() -> None:
    desk = Desk(owed(), HandedOver(NOTICE, Way.EMAIL), by=BOTH)
    (refused,) = desk.hear(receipt(delivered=False, provider="sms"))
    assert [str(each.code) for each in refused.reasons] == ["not-by-this-provider"]
    (failed,) = desk.hear(receipt(delivered=False))
    assert (failed.why, failed.next) == ("receipt: UNDELIV", "sms")
    assert desk.sends[-1].way is Way.SMS
    desk.hear(HandedOver(NOTICE, Way.SMS), receipt(delivered=True, provider="sms"))
    assert desk.status is NoticeStatus.DELIVERED


def test_a_telephone_does_not_ring_at_night_and_the_mail_comes_at_once() -> None:
    night = AT.replace(hour=18)
    quiet = policy().table.model_copy(update={"quiet": policy().table.quiet.model_copy(update={"not_for": []})})
    desk = Desk(owed(), by=replace(told_by("sms", phone="12000000041"), table=quiet), at=night)
    assert desk.sends == []
    assert desk.due == AT.replace(day=24) - timedelta(hours=2), "half past seven in the morning"
    desk.wait(timedelta(hours=5, minutes=30))
    assert [send.way for send in desk.sends] == [Way.SMS]
    assert Desk(owed(), by=replace(BOTH, table=quiet), at=night).sends[0].way is Way.EMAIL


def test_an_operator_has_it_sent_again_under_another_key() -> None:
    desk = Desk(owed(), HandedOver(NOTICE, Way.EMAIL), by=BOTH)
    desk.hear(RedriveNotice(notice_id=NOTICE, issued_at=AT, by="city-12345.desk"))
    assert desk.sends[-1].notice_id == f"again-1.{NOTICE}"
    assert desk.hear(HandedOver(NOTICE, Way.EMAIL)) == [], "the first key is told of no more"
    assert only(StaffNoticeSent, desk.hear(HandedOver(f"again-1.{NOTICE}", Way.EMAIL))).notice_id == NOTICE


def test_it_is_read_once_and_stays_as_it_was_first_read() -> None:
    desk = Desk(owed(), by=told_by("inbox"))
    desk.hear(Read())
    desk.at += timedelta(hours=1)
    desk.hear(Read())
    assert desk.kept is not None
    assert desk.kept.read_at == AT


@pytest.mark.parametrize("subject", [Read(), Due(), HandedOver(NOTICE, Way.EMAIL), receipt(delivered=True)])
def test_of_a_notice_that_nobody_knows_nothing_is_kept(subject: Subject) -> None:
    desk = Desk(subject)
    assert (desk.kept, desk.events) == (None, [])


def test_it_survives_being_saved() -> None:
    desk = Desk(owed(), by=BOTH)
    assert desk.kept is not None
    assert Kept.model_validate(desk.kept.model_dump(mode="json")) == desk.kept
    assert isinstance(owed(), Message)
