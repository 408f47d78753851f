"""Notices as an operator sees them: read from notify's database, sent again over the bus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from pydantic import ValidationError

from contracts.envelope import encode
from contracts.receipts import RedriveNotice, document_of
from infra.document import Entry
from infra.store import Store
from infra.topics import create_no_topics
from services.notify.domain.case import Case
from services.notify.domain.kept import Kept
from services.notify.domain.notice import Notice, again
from services.notify.domain.staff import StaffNotice
from services.notify.notice_views import dead_of, notices_of, tried

AT_ONCE = 100
"""Documents whose histories are read together."""


class NotAgainError(ValueError):
    """The notice is not sent again; `str()` says why."""


async def lines(uri: str, database: str, *, dead: bool, unit: str | None, most: int) -> AsyncIterator[str]:
    """A line for each notice, the latest first."""
    store = Store(uri, f"{database}_notify")
    try:
        for wanted, between in _questions(dead, unit):
            listed = 0
            while listed < most:
                size = min(AT_ONCE, most - listed)
                rows = await store.states(wanted, between=between, skip=listed, limit=size)
                histories = await store.histories([key for key, _ in rows])
                for key, state in rows:
                    for line in _lines(key, Kept.model_validate(state, strict=False), histories.get(key, []), dead):
                        yield line
                listed += len(rows)
                if len(rows) < size:
                    break
    finally:
        await store.close()


async def redrive(uri: str, database: str, bootstrap: str, notice_id: str, by: str, wait: float) -> str:
    """What became of it within so many seconds. Raises `NotAgainError`."""
    store = Store(uri, f"{database}_notify")
    try:
        before = await _notice(store, notice_id)
        await _say(bootstrap, before, by)
        deadline = asyncio.get_running_loop().time() + wait
        while (now := await _notice(store, before.id, asked=False)).redriven == before.redriven:
            if asyncio.get_running_loop().time() > deadline:
                raise NotAgainError(f"{notice_id}: notify has not taken it within {wait} s; it will when it runs")
            await asyncio.sleep(0.2)
        return f"{now.sent_as}: {now.status} by {now.way}"
    finally:
        await store.close()


async def _notice(store: Store, notice_id: str, *, asked: bool = True) -> Notice:
    """The notice of this id; where it is `asked` for, it must be one that can be sent again."""
    state = await store.state_of(document_of(notice_id))
    kept = None if state is None else Kept.model_validate(state, strict=False)
    found = next((n for n in notices_of(kept) if notice_id in (n.id, n.sent_as)), None) if kept else None
    if found is None:
        raise NotAgainError(f"there is no notice {notice_id}")
    if asked and again(found, datetime.now(UTC)) is found:
        raise NotAgainError(f"{notice_id} is under way, or has no way but {found.way}")
    if asked and isinstance(kept, Case) and kept.contact_box is None:
        raise NotAgainError(f"{notice_id}: the contact of the case is gone")
    return found


async def _say(bootstrap: str, notice: Notice, by: str) -> None:
    try:
        command = RedriveNotice(notice_id=notice.id, issued_at=datetime.now(UTC), by=by)
    except ValidationError:
        raise NotAgainError(f"{by} is no post") from None
    producer = create_no_topics(
        AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=False, acks="all", request_timeout_ms=15_000)
    )
    try:
        await producer.start()
        record = encode(command, id=str(uuid4()), source="/operators/xn")
        await producer.send_and_wait(record.topic, record.value, record.key, headers=record.headers)
    finally:
        await producer.stop()


def _questions(dead: bool, unit: str | None) -> list[tuple[dict[str, Any], tuple[str, str | None, str | None]]]:
    if not dead:
        return [({"kind": "staff-notice", "to": unit}, ("owed_at", None, None))]
    to_staff: dict[str, Any] = {"filed": "dead", "kind": "staff-notice"}
    to_complainants: dict[str, Any] = {"filed": "dead", "kind": "case"}
    if unit is not None:
        to_staff["to"] = to_complainants["registered.centre"] = unit
    return [(to_complainants, ("dead_at", None, None)), (to_staff, ("dead_at", None, None))]


def _lines(key: str, kept: Kept, history: list[Entry], dead: bool) -> list[str]:
    if dead:
        return [
            f"{each.id}  {each.what}  {each.number or '-'}  {each.to or 'complainant'}  "
            f"{each.dead_at.isoformat(timespec='seconds')}  " + "; ".join(f"{t.way}: {t.why}" for t in each.tried)
            for each in dead_of(key, kept, history)
        ]
    if not isinstance(kept, StaffNotice):
        return []
    number = next((each.value for each in kept.facts if each.name in ("number", "item-number")), "-")
    missed = "".join(f"; {each.way}: {each.why}" for each in tried(kept.notice, history))
    read = "read" if kept.read_at else "unread"
    when = kept.owed_at.isoformat(timespec="seconds")
    return [f"{key}  {kept.what}  {number}  {when}  {read}  {kept.notice.status} by {kept.notice.way}{missed}"]
