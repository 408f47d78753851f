"""Notices: owed, attempted, sent or given up. Every attempt is leased: two instances never send the same one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import NoticeKind, ReplyBy
from contracts.message import Event
from contracts.notify import NoticeFailed, NoticeSent, ProgressTold, SupplementTold
from infra.decision import Context, Decision, Effect, Internal
from services.notify.domain.case import Case, Kind, Notice, NoticeStatus
from services.notify.domain.letters import Letter, write

LEASE = timedelta(seconds=60)
"""How long an attempt may take before another is made, unless set otherwise; longer than a provider's time-outs."""
CONTACT_PATIENCE = timedelta(minutes=10)
"""How long a notice waits for its contact to arrive before it is given to the channel alone."""
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""Pauses between attempts; after the last the notice is given up and the channel carries it."""


@dataclass(frozen=True, slots=True)
class SendMail(Effect):
    """Open the contact and send this notice to it."""

    case_id: str
    notice_id: str
    kind: Kind
    letter: Letter
    contact_box: str
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Delivered(Internal):
    """The provider took the notice."""

    notice_id: str


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Internal):
    """The provider did not take the notice. `why` is its reply code, without the address."""

    notice_id: str
    why: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Resealed(Internal):
    """The contact is sealed for the key in force, where it was for one that has been replaced."""

    replaced: str
    box: str
    key_id: str


def sealed(case: Case, box: str, key_id: str) -> Case:
    """How to reach the complainant."""
    return case.model_copy(update={"contact_box": box, "contact_key": key_id})


def owe(case: Case, kind: Kind, context: Context, lease: timedelta, nth: int = 1) -> Decision[Case]:
    """The complainant is owed this notice by the way they chose. The channel's own reply is published beside it."""
    if case.registered is None:
        raise LookupError("a notice is owed for a case that is not registered here")
    notice_id = f"{kind}.{context.key}" if nth == 1 else f"{kind}-{nth}.{context.key}"
    notice = Notice(id=notice_id, kind=kind, nth=nth, next_at=context.at + CONTACT_PATIENCE)
    if case.registered.reply_by is ReplyBy.CHANNEL:
        return Decision(case, (told(case, notice, ReplyBy.CHANNEL, context),))
    if any(each.id == notice_id for each in case.notices):
        return Decision(case)
    return attempt(case.model_copy(update={"notices": (*case.notices, notice)}), context, lease)


def told(
    case: Case, notice: Notice, by: ReplyBy, context: Context, why: str | None = None
) -> NoticeSent | SupplementTold | ProgressTold:
    """The notice has reached its receiver. By the channel: the reply on the channel's own topic is the notice."""
    attempts = max(1, notice.attempts) if by is not ReplyBy.CHANNEL else 1
    if notice.kind is Kind.PROGRESS:
        return ProgressTold(
            case_id=context.key,
            occurred_at=context.at,
            notice_id=notice.id,
            what=case.progress[notice.nth - 1].what,
            by=by,
            attempts=attempts,
            why=why,
        )
    if notice.kind is Kind.SUPPLEMENT:
        return SupplementTold(
            case_id=context.key,
            occurred_at=context.at,
            notice_id=notice.id,
            round=notice.nth,
            by=by,
            attempts=attempts,
            why=why,
        )
    return NoticeSent(
        case_id=context.key,
        occurred_at=context.at,
        notice_id=notice.id,
        notice=NoticeKind(notice.kind),
        by=by,
        attempts=attempts,
    )


def attempt(case: Case, context: Context, lease: timedelta) -> Decision[Case]:
    """Every pending notice that may be tried now is leased and sent; one without a contact in time is given up."""
    notices: list[Notice] = []
    effects: list[Effect] = []
    events: list[Event] = []
    for notice in case.notices:
        due = notice.attempts == 0 if case.contact_box is not None else False
        due = due or notice.next_at <= context.at
        if notice.status is not NoticeStatus.PENDING or not due:
            notices.append(notice)
        elif case.contact_box is None or case.registered is None:
            notices.append(notice.model_copy(update={"status": NoticeStatus.FAILED}))
            events += _given_up(case, notice, "no contact", context)
        else:
            leased = notice.model_copy(update={"attempts": notice.attempts + 1, "next_at": context.at + lease})
            notices.append(leased)
            effects.append(
                SendMail(
                    case_id=context.key,
                    notice_id=notice.id,
                    kind=notice.kind,
                    letter=write(notice.kind, case.registered, case, notice.nth),
                    contact_box=case.contact_box,
                    traceparent=context.traceparent,
                )
            )
    return Decision(case.model_copy(update={"notices": tuple(notices)}), tuple(events), tuple(effects))


def outcome(case: Case, subject: Delivered | DeliveryFailed | Resealed, context: Context) -> Decision[Case]:
    """What came of what was done outside."""
    match subject:
        case Delivered():
            return delivered(case, subject, context)
        case DeliveryFailed():
            return delivery_failed(case, subject, context)
        case Resealed():
            exchanged = case.contact_box == subject.replaced
            return Decision(sealed(case, subject.box, subject.key_id) if exchanged else case)


def delivered(case: Case, outcome: Delivered, context: Context) -> Decision[Case]:
    """The notice is sent, once; a second report of the same changes nothing."""
    notice = _pending(case, outcome.notice_id)
    if notice is None:
        return Decision(case)
    sent = notice.model_copy(update={"status": NoticeStatus.SENT})
    return Decision(_replaced(case, sent), (told(case, notice, ReplyBy.EMAIL, context),))


def delivery_failed(case: Case, outcome: DeliveryFailed, context: Context) -> Decision[Case]:
    """Tried again later, or given up: for good, or after too many attempts."""
    notice = _pending(case, outcome.notice_id)
    if notice is None:
        return Decision(case)
    if outcome.permanent or notice.attempts > len(RETRY_AFTER):
        failed = notice.model_copy(update={"status": NoticeStatus.FAILED})
        return Decision(_replaced(case, failed), tuple(_given_up(case, notice, outcome.why, context)))
    later = context.at + RETRY_AFTER[notice.attempts - 1]
    return Decision(_replaced(case, notice.model_copy(update={"next_at": later})))


def forget(case: Case, context: Context) -> Decision[Case]:
    """The contact is gone; from now on the channel alone tells the complainant, also of what was under way."""
    events: list[Event] = []
    notices: list[Notice] = []
    for notice in case.notices:
        if notice.status is NoticeStatus.PENDING:
            events += _given_up(case, notice, "erased", context)
            notices.append(notice.model_copy(update={"status": NoticeStatus.FAILED}))
        else:
            notices.append(notice)
    registered = case.registered and case.registered.model_copy(update={"reply_by": ReplyBy.CHANNEL})
    blank = {"contact_box": None, "contact_key": None, "registered": registered, "notices": tuple(notices)}
    return Decision(case.model_copy(update=blank), tuple(events))


def next_attempt(case: Case) -> datetime | None:
    """When the next pending notice wants attention."""
    return min((n.next_at for n in case.notices if n.status is NoticeStatus.PENDING), default=None)


def _given_up(case: Case, notice: Notice, why: str, context: Context) -> list[Event]:
    """The chosen way failed; the reply that the channel already has is the notice now."""
    instead = told(case, notice, ReplyBy.CHANNEL, context, why)
    if not isinstance(instead, NoticeSent):
        return [instead]
    failed = NoticeFailed(
        case_id=context.key,
        occurred_at=context.at,
        notice_id=notice.id,
        notice=NoticeKind(notice.kind),
        by=ReplyBy.EMAIL,
        attempts=max(1, notice.attempts),
        why=why,
    )
    return [failed, instead]


def _pending(case: Case, notice_id: str) -> Notice | None:
    return next((n for n in case.notices if n.id == notice_id and n.status is NoticeStatus.PENDING), None)


def _replaced(case: Case, notice: Notice) -> Case:
    return case.model_copy(update={"notices": tuple(notice if n.id == notice.id else n for n in case.notices)})
