"""The promise 件件有回音、事事有着落 as a rule: what a case may lack, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from contracts.notice_tables import SilenceLimits
from services.notify.domain.case import Case, Kind, Silence
from services.notify.domain.notice import NoticeStatus

WHAT = ("acknowledgement", "owner", "deadline", "answer", "reply")
"""What may be missing."""


def limits_of(case: Case, limits: SilenceLimits) -> Iterator[Silence]:
    """Everything that the case lacks at this moment, whether its limit is over or not, and when that ends."""
    registered = case.registered
    if registered is None:
        return
    start = registered.registered_at
    if case.answer is None:
        if case.owner is None and not registered.held:
            yield Silence(what="owner", since=start + timedelta(minutes=limits.owner_minutes))
        if case.limit is None:
            yield Silence(what="deadline", since=start + timedelta(minutes=limits.deadline_minutes))
        elif not case.limit.resting:
            expected = max(case.limit.due_at, case.limit.promised_at or case.limit.due_at)
            yield Silence(what="answer", since=expected + timedelta(minutes=limits.answer_minutes))
    for notice in case.notices:
        if notice.status is not NoticeStatus.PENDING:
            continue
        if notice.kind == Kind.ACKNOWLEDGEMENT:
            yield Silence(
                what="acknowledgement", since=notice.owed_at + timedelta(minutes=limits.acknowledgement_minutes)
            )
        elif notice.kind == Kind.ANSWER:
            yield Silence(what="reply", since=notice.owed_at + timedelta(minutes=limits.reply_minutes))


def silences(case: Case, limits: SilenceLimits, at: datetime) -> tuple[Silence, ...]:
    """What is missing past its limit at this moment, each kind once."""
    found: dict[str, Silence] = {}
    for each in limits_of(case, limits):
        if each.since <= at:
            found.setdefault(each.what, each)
    return tuple(found[what] for what in WHAT if what in found)


def next_silence(case: Case, limits: SilenceLimits) -> datetime | None:
    """When the next of what is missing becomes an alarm; None when nothing is missing or all of it is one."""
    known = {each.what for each in case.silences or ()}
    return min((each.since for each in limits_of(case, limits) if each.what not in known), default=None)
