"""What the complainant of a case is owed: by which way, when, and what is announced of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import Ending, RefusalCode
from contracts.message import Event
from contracts.notify import NoticeDelivered, NoticeFailed, NoticeSent
from contracts.receipts import ReceiptRefused, RedriveNotice, ReportReceipt
from contracts.refusals import reason
from infra.decision import Context, Decision, Effect
from services.notify.domain import notice as notices
from services.notify.domain.case import Case, Kind, Registered
from services.notify.domain.notice import Missed, Notice, NoticeStatus, Step, Told, Try, ways_of
from services.notify.domain.occasion import facts_of
from services.notify.domain.policy import Policy
from services.notify.domain.sending import CERTAIN, DeliveryFailed, HandedOver, LinkTerms, Postponed, Send, Way

CONTACT_PATIENCE = timedelta(minutes=10)
"""How long a notice waits for its contact to arrive before it is given to the channel alone."""
CASE_LINK_LASTS = timedelta(days=400)
"""How long the link to a case is valid after the notice is due: a year, and the windows after an answer beyond it."""
PROVIDER_OF = {"mail": Way.EMAIL, "sms": Way.SMS}
"""Of which way a provider reports; every other is a webhook."""

Moved = tuple[Notice, tuple[Step, ...]]


def what_of(case: Case, notice: Notice) -> str:
    """The template of a notice. Raises `LookupError` when what it tells about has not happened."""
    if notice.kind == Kind.PROGRESS:
        return case.progress[notice.nth - 1].what
    if notice.kind == Kind.ANSWER and isinstance(case.answers[notice.nth - 1].result, Ending):
        return "ended"
    return notice.kind


def name_of(case: Case, notice: Notice) -> str:
    """What it is called on the bus: an answer is one, whether a department gave it or not."""
    return case.progress[notice.nth - 1].what if notice.kind == Kind.PROGRESS else notice.kind


@dataclass(frozen=True)
class Telling:
    """The rules of one place."""

    policy: Policy
    lease: timedelta

    def owe(self, case: Case, kind: Kind, context: Context, nth: int = 1) -> Decision[Case]:
        """The complainant is owed this notice. The channel's own reply is published beside it by whoever asks."""
        if case.registered is None:
            raise LookupError("a notice is owed for a case that is not registered here")
        notice_id = f"{kind}.{context.key}" if nth == 1 else f"{kind}-{nth}.{context.key}"
        if any(each.id == notice_id for each in case.notices):
            return Decision(case)
        ways = ways_of(case.registered.ways, Way.CHANNEL)
        notice = Notice(id=notice_id, kind=kind, nth=nth, ways=ways, owed_at=context.at, next_at=context.at)
        if not self.policy.tells_complainant(name_of(case, notice)):
            ways = (Way.CHANNEL,)
        if ways == (Way.CHANNEL,):  # the reply is the notice: nothing has to be remembered of it
            told, _ = notices.go(notice.model_copy(update={"ways": ways}), context.at, self.lease)
            return Decision(case, (self._sent(case, told, context),))
        return Decision(case.model_copy(update={"notices": (*case.notices, notice)}))

    def attempt(self, case: Case, context: Context) -> Decision[Case]:
        """Every pending notice whose time has come is tried, waits for what it needs, or goes its next way."""
        moved: list[Notice] = []
        events: list[Event] = []
        effects: list[Effect] = []
        for notice in case.notices:
            if notice.status is NoticeStatus.PENDING and notice.next_at <= context.at:
                notice, steps = self._look(case, notice, context.at)  # noqa: PLW2901 - it goes on as what it became
                more, sends = self._say(case, notice, steps, context)
                events += more
                effects += sends
            moved.append(notice)
        return Decision(_with(case, tuple(moved), context.at), tuple(events), tuple(effects))

    def _look(self, case: Case, notice: Notice, at: datetime) -> Moved:
        needs_contact = notice.way not in CERTAIN
        if needs_contact and case.contact_box is None:
            until = notice.owed_at + CONTACT_PATIENCE
            if at < until:
                return notice.model_copy(update={"next_at": until}), ()
            notice, steps = notices.miss_all(notice, "no contact", at)
            told, more = notices.go(notice, at, self.lease)
            return told, (*steps, *more)
        waits = timedelta(seconds=self.policy.table.complainant.acknowledgement_waits_seconds)
        if notice.kind == Kind.ACKNOWLEDGEMENT and case.limit is None and at < notice.owed_at + waits:
            return notice.model_copy(update={"next_at": notice.owed_at + waits}), ()
        if (quiet := self.policy.quiet_until(notice.way, what_of(case, notice), at)) is not None:
            return notice.model_copy(update={"next_at": quiet}), ()
        return notices.go(notice, at, self.lease)

    def outcome(self, case: Case, subject: HandedOver | DeliveryFailed | Postponed, context: Context) -> Decision[Case]:
        """What came of an attempt; the next way is tried in the same moment."""
        return self._moved(
            case, context, lambda n: n.sent_as == subject.notice_id, lambda n: notices.after(n, subject, context.at)
        )

    def receipt(self, case: Case | None, subject: ReportReceipt, context: Context) -> Decision[Case]:
        """What a provider reports later. One that fits no notice is refused, and counted."""
        way = PROVIDER_OF.get(subject.provider, Way.WEBHOOK)
        found = next((n for n in case.notices if n.sent_as == subject.notice_id), None) if case else None
        wrong = _receipt_fault(found, way, subject, context)
        if case is None or found is None or wrong is not None:
            refused = ReceiptRefused(
                notice_id=subject.notice_id,
                provider=subject.provider,
                occurred_at=context.at,
                reasons=(reason(wrong or RefusalCode.NOTICE_UNKNOWN, "notice_id"),),
            )
            return Decision(case, (refused,))
        if found.way is not way:  # late: another way has been taken since
            return Decision(case)
        moved = self._moved(
            case,
            context,
            lambda n: n is found,
            lambda n: notices.received(n, subject.delivered, subject.code, context.at),
        )
        if not subject.delivered or moved.state == case:
            return moved
        arrived = NoticeDelivered(
            case_id=context.key,
            occurred_at=context.at,
            notice_id=found.sent_as,
            by=found.way,
            delivered_at=subject.reported_at,
        )
        return Decision(moved.state, (*moved.events, arrived), moved.effects)

    def redrive(self, case: Case, subject: RedriveNotice, context: Context) -> Decision[Case]:
        """A notice that is not under way is owed again, from its first way on; its contact must still be there."""
        return self._moved(
            case,
            context,
            lambda n: n.id == subject.notice_id and case.contact_box is not None,
            lambda n: (notices.again(n, context.at), ()),
        )

    def forget(self, case: Case, context: Context) -> Decision[Case]:
        """The contact is gone; from now on the channel alone tells the complainant, also of what was under way."""
        registered = case.registered and case.registered.model_copy(update={"ways": (Way.CHANNEL,)})
        blank = case.model_copy(update={"contact_box": None, "contact_key": None, "registered": registered})

        def give_up(notice: Notice) -> Moved:
            notice, steps = notices.miss_all(notice, "erased", context.at)
            told, more = notices.go(notice, context.at, self.lease)
            return told, (*steps, *more)

        return self._moved(blank, context, lambda n: n.status is NoticeStatus.PENDING, give_up)

    def _moved(
        self, case: Case, context: Context, which: Callable[[Notice], bool], move: Callable[[Notice], Moved]
    ) -> Decision[Case]:
        moved: list[Notice] = []
        events: list[Event] = []
        for notice in case.notices:
            if which(notice):
                notice, steps = move(notice)  # noqa: PLW2901 - it goes on as what it became
                events += self._say(case, notice, steps, context)[0]
            moved.append(notice)
        return Decision(_with(case, tuple(moved), context.at), tuple(events))

    def _say(
        self, case: Case, notice: Notice, steps: tuple[Step, ...], context: Context
    ) -> tuple[list[Event], list[Effect]]:
        events: list[Event] = []
        effects: list[Effect] = []
        for step in steps:
            match step:
                case Told():
                    events.append(self._sent(case, notice, context))
                case Missed():
                    events.append(
                        NoticeFailed(
                            case_id=context.key,
                            occurred_at=context.at,
                            notice_id=notice.sent_as,
                            notice=name_of(case, notice),
                            by=step.by,
                            attempts=step.attempts,
                            why=step.why,
                            next=step.next,
                        )
                    )
                case Try():
                    effects.append(self._send(case, notice, context))
        return events, effects

    def _sent(self, case: Case, notice: Notice, context: Context) -> NoticeSent:
        return NoticeSent(
            case_id=context.key,
            occurred_at=context.at,
            notice_id=notice.sent_as,
            notice=name_of(case, notice),
            nth=notice.nth,
            by=notice.way,
            attempts=max(1, notice.attempts),
            policy=self.policy.version,
        )

    def _send(self, case: Case, notice: Notice, context: Context) -> Send:
        registered: Registered | None = case.registered
        if registered is None:
            raise LookupError("a notice is sent for a case that is not registered here")
        what = what_of(case, notice)
        return Send(
            key=context.key,
            notice_id=notice.sent_as,
            way=notice.way,
            what=what,
            language=registered.language,
            facts=facts_of(case, notice, what, self.policy),
            contact_box=case.contact_box,
            address=None,
            traceparent=context.traceparent,
            attempt=notice.attempts,
            links=self._links(case, notice),
        )

    def _links(self, case: Case, notice: Notice) -> LinkTerms:
        case_until = notice.owed_at + CASE_LINK_LASTS
        if notice.kind != Kind.ANSWER:
            return LinkTerms(0, case_until)
        rate_until = case.answers[notice.nth - 1].at + timedelta(days=self.policy.rating_days)
        return LinkTerms(notice.nth, case_until, rate_until)


def next_look(case: Case) -> datetime | None:
    """When the next pending notice wants attention."""
    return min((n.next_at for n in case.notices if n.status is NoticeStatus.PENDING), default=None)


def _receipt_fault(found: Notice | None, way: Way, subject: ReportReceipt, context: Context) -> RefusalCode | None:
    if context.speaker and context.speaker != subject.provider:
        return RefusalCode.NOT_BY_THIS_PROVIDER
    if found is None:
        return RefusalCode.NOTICE_UNKNOWN
    return None if way in found.ways[: found.turn + 1] else RefusalCode.NOT_BY_THIS_PROVIDER


def _with(case: Case, moved: tuple[Notice, ...], at: datetime) -> Case:
    if moved == case.notices:
        return case
    given_up = any(each.status is NoticeStatus.FAILED for each in moved)
    return case.model_copy(update={"notices": moved, "dead_at": (case.dead_at or at) if given_up else None})
