"""A notice to a unit or post: told by its own ways, at last by its inbox, where it stays until it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.codes import Language, RefusalCode
from contracts.message import CaseId, Fact, StaffId, UnitId
from contracts.receipts import ReceiptRefused, RedriveNotice, ReportReceipt
from contracts.refusals import reason
from contracts.staff_notices import NoticeFact, StaffNoticeFailed, StaffNoticeOwed, StaffNoticeSent
from infra.decision import Context, Decision, Effect, Internal, Subject, Wait
from services.notify.domain import notice as notices
from services.notify.domain.facts import read_facts
from services.notify.domain.kept import Kept
from services.notify.domain.notice import Missed, Notice, NoticeStatus, Step, Told, ways_of
from services.notify.domain.oversight import OF_OVERSIGHT, owed_of
from services.notify.domain.policy import Policy, address_of
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Send, Way
from services.notify.domain.telling import PROVIDER_OF


@dataclass(frozen=True, slots=True)
class Read(Internal):
    """Somebody has opened it in the inbox."""


class StaffNotice(Kept):
    """One thing that one unit or post is told."""

    kind: Literal["staff-notice"] = "staff-notice"
    to: UnitId
    post: StaffId | None = None
    what: str
    about: CaseId | None = None
    facts: tuple[NoticeFact, ...] = ()
    prints: tuple[str, ...] = ()
    """Files that go with it."""
    centre: UnitId | None = None
    """That of the case it is about."""
    owed_at: datetime
    notice: Notice
    read_at: datetime | None = None
    dead_at: datetime | None = None
    """When it was given up by every way but the inbox."""

    @property
    def filed(self) -> tuple[str, ...]:
        """That it was given up."""
        return ("dead",) if self.dead_at else ()

    @property
    def told(self) -> Mapping[str, object]:
        """What the template tells, as the vocabulary has it."""
        return read_facts(self.what, {each.name: each.value for each in self.facts})


@dataclass(frozen=True)
class StaffRules:
    """The rules of one place."""

    policy: Policy
    lease: timedelta

    def decide(self, kept: StaffNotice | None, subject: Subject, context: Context) -> Decision[StaffNotice] | Wait:
        """The next state, and what is to be sent."""
        decision = self._decide(kept, subject, context)
        state = decision.state
        if state is None or state.notice.status is not NoticeStatus.PENDING or state.notice.next_at > context.at:
            return decision
        quiet = self.policy.quiet_until(state.notice.way, state.what, context.at)
        if quiet is not None:
            later = state.notice.model_copy(update={"next_at": quiet})
            return Decision(state.model_copy(update={"notice": later}), decision.events, decision.effects)
        tried = self._moved(state, *notices.go(state.notice, context.at, self.lease), context)
        return Decision(tried.state, (*decision.events, *tried.events), (*decision.effects, *tried.effects))

    def due(self, kept: StaffNotice) -> datetime | None:
        """When it wants to be tried."""
        return kept.notice.next_at if self.is_open(kept) else None

    def is_open(self, kept: StaffNotice) -> bool:
        """Whether it has not been told yet."""
        return kept.notice.status is NoticeStatus.PENDING

    def _decide(self, kept: StaffNotice | None, subject: Subject, context: Context) -> Decision[StaffNotice]:
        match subject:
            case StaffNoticeOwed() if kept is None:
                return Decision(self._owed(subject, context))
            case _ if kept is None and isinstance(subject, OF_OVERSIGHT):
                owed = owed_of(subject, self.policy)
                return Decision(None if owed is None else self._owed(owed, context))
            case HandedOver() | DeliveryFailed() | Postponed() if kept and subject.notice_id == kept.notice.sent_as:
                return self._moved(kept, *notices.after(kept.notice, subject, context.at), context)
            case ReportReceipt() if kept:
                return self._receipt(kept, subject, context)
            case RedriveNotice() if kept:
                return Decision(kept.model_copy(update={"notice": notices.again(kept.notice, context.at)}))
            case Read() if kept and kept.read_at is None:
                return Decision(kept.model_copy(update={"read_at": context.at}))
        return Decision(kept)

    def _owed(self, owed: StaffNoticeOwed, context: Context) -> StaffNotice:
        receiver = self.policy.receiver(owed.to, owed.post)
        ways = ways_of(tuple(Way(way) for way in receiver.ways), Way.INBOX)
        notice = Notice(id=owed.notice_id, kind=owed.what, ways=ways, owed_at=context.at, next_at=context.at)
        return StaffNotice(
            to=owed.to,
            post=owed.post,
            what=owed.what,
            about=owed.about,
            facts=owed.facts,
            prints=owed.prints,
            centre=owed.centre,
            owed_at=owed.owed_at,
            notice=notice,
        )

    def _receipt(self, kept: StaffNotice, receipt: ReportReceipt, context: Context) -> Decision[StaffNotice]:
        """What a provider reports later; of a way that has been left since, nothing follows."""
        way, notice = PROVIDER_OF.get(receipt.provider, Way.WEBHOOK), kept.notice
        if receipt.notice_id != notice.sent_as:
            return _refused(kept, receipt, RefusalCode.NOTICE_UNKNOWN, context)
        if (context.speaker or receipt.provider) != receipt.provider or way not in notice.ways[: notice.turn + 1]:
            return _refused(kept, receipt, RefusalCode.NOT_BY_THIS_PROVIDER, context)
        if notice.way is not way:
            return Decision(kept)
        return self._moved(kept, *notices.received(notice, receipt.delivered, receipt.code, context.at), context)

    def _moved(
        self, kept: StaffNotice, notice: Notice, steps: tuple[Step, ...], context: Context
    ) -> Decision[StaffNotice]:
        given_up = notice.status is NoticeStatus.FAILED
        state = kept.model_copy(
            update={"notice": notice, "dead_at": (kept.dead_at or context.at) if given_up else None}
        )
        facts: list[Fact] = []
        effects: list[Effect] = []
        for step in steps:
            match step:
                case Told():
                    facts.append(_sent(state, context))
                case Missed():
                    facts.append(_failed(state, step, context))
                case _:
                    effects.append(self._send(state, context))
        return Decision(state, tuple(facts), tuple(effects))

    def _send(self, kept: StaffNotice, context: Context) -> Send:
        receiver = self.policy.receiver(kept.to, kept.post)
        return Send(
            key=context.key,
            notice_id=kept.notice.sent_as,
            way=kept.notice.way,
            what=kept.what,
            language=Language(receiver.language),
            facts=kept.told,
            contact_box=None,
            address=address_of(receiver, kept.notice.way),
            traceparent=context.traceparent,
            attempt=kept.notice.attempts,
            prints=kept.prints if kept.notice.way is Way.EMAIL else (),
            about=kept.about,
        )


def _sent(kept: StaffNotice, context: Context) -> StaffNoticeSent:
    return StaffNoticeSent(
        notice_id=context.key,
        occurred_at=context.at,
        to=kept.to,
        post=kept.post,
        what=kept.what,
        about=kept.about,
        by=kept.notice.way,
        attempts=max(1, kept.notice.attempts),
    )


def _refused(kept: StaffNotice, receipt: ReportReceipt, code: RefusalCode, context: Context) -> Decision[StaffNotice]:
    refused = ReceiptRefused(
        notice_id=receipt.notice_id,
        provider=receipt.provider,
        occurred_at=context.at,
        reasons=(reason(code, "notice_id"),),
    )
    return Decision(kept, (refused,))


def _failed(kept: StaffNotice, step: Missed, context: Context) -> StaffNoticeFailed:
    return StaffNoticeFailed(
        notice_id=context.key,
        occurred_at=context.at,
        to=kept.to,
        what=kept.what,
        by=step.by,
        attempts=step.attempts,
        why=step.why,
        next=step.next,
    )
