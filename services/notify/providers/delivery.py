"""From what the rules want sent to what came of it: each letter by its lane, outcomes back to the loop in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from opentelemetry.trace import Span

from contracts.channel import Contact
from contracts.reference_tables import DEFAULT_COUNTRY
from infra.contact_addresses import AddressError, mail_address, sms_number
from infra.decision import Effect, Internal, Record, not_wired
from infra.logs import describe
from infra.sealing import KeyRing
from infra.telemetry import Tracing, traceparent_of
from services.notify.domain.sending import DeliveryFailed, Send, Way
from services.notify.providers.enclosing import Enclosing, Find, nothing_kept
from services.notify.providers.lane import Lane
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import Outlet
from services.notify.providers.port import Letter, Refused

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Outcomes in a batch."""
MOST_OUTCOMES = 10_000
"""Not recorded yet; while there are so many nothing more is taken, and left to its lease."""

Render: TypeAlias = Callable[[Send, Contact | None], Letter]
"""Writes a letter. Raises `ValueError` or `LookupError` when the template cannot be filled."""
Task: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class Delivery:
    """The ways out. `record` must be set, and `tasks` run, before anything is sent."""

    def __init__(
        self,
        outlets: Iterable[Outlet],
        ring: KeyRing,
        render: Render,
        tracing: Tracing,
        metrics: DeliveryMetrics,
        find: Find = nothing_kept,
        country: Callable[[], str] = lambda: DEFAULT_COUNTRY,
    ) -> None:
        """`find` finds the files that go with letters; `country` is that of the place at the moment of sending."""
        self._country = country
        self._ring = ring
        self._render = render
        self._outcomes: asyncio.Queue[tuple[str, Internal]] = asyncio.Queue()
        self._lanes = {
            (outlet.way, outlet.id): Lane(
                outlet.way,
                Enclosing(outlet.provider, find),
                outlet.terms,
                write=self._write,
                tell=self._tell,
                tracing=tracing,
                metrics=metrics,
            )
            for outlet in outlets
        }
        self.record: Record = not_wired

    @property
    def tasks(self) -> list[Task]:
        """What must run: the workers of every lane, and the report. Each until it is cancelled."""
        return [*(lane.work for lane in self._lanes.values() for _ in range(lane.terms.workers)), self.report]

    async def perform(self, effects: Sequence[Effect]) -> None:
        """Every notice waits in its lane, or its outcome is known already. Waits for nobody."""
        for effect in effects:
            if isinstance(effect, Send) and self._outcomes.qsize() < MOST_OUTCOMES:
                self._offer(effect)

    async def report(self) -> None:
        """Hands what has come of letters so far to the loop, as one batch."""
        await self.record([await self._outcomes.get(), *self._reported(AT_ONCE - 1)])

    async def close(self) -> None:
        """Letters under way come to their end and are recorded; those that only waited are sent when their lease ends.

        No connection is left open, be it that this is cancelled.
        """
        try:
            await asyncio.gather(*(lane.finish() for lane in self._lanes.values()))
            while outcomes := self._reported(AT_ONCE):
                await self.record(outcomes)
        finally:
            await asyncio.gather(*(lane.provider.close() for lane in self._lanes.values()))

    def _offer(self, send: Send) -> None:
        lane = self._lanes.get((send.way, (send.address or "") if send.way is Way.WEBHOOK else ""))
        if lane is None:
            self._tell(send.key, DeliveryFailed(send.notice_id, send.way, f"{send.way}: no provider", permanent=True))
        elif (postponed := lane.offer(send)) is not None:
            self._tell(send.key, postponed)

    def _tell(self, key: str, outcome: Internal) -> None:
        self._outcomes.put_nowait((key, outcome))

    def _reported(self, most: int) -> list[tuple[str, Internal]]:
        return [self._outcomes.get_nowait() for _ in range(min(most, self._outcomes.qsize()))]

    # ---- one letter

    def _write(self, send: Send, span: Span) -> Letter:
        """The letter and whom it is for, at the moment of sending. Raises `Refused`."""
        contact = self._opened(send.contact_box) if send.contact_box is not None else None
        written = send.address if contact is None else _address(contact, send.way)
        if not written:
            raise Refused("contact: no address")
        to = destination(written, send.way, self._country(), public=contact is not None)
        try:
            letter = self._render(send, contact)
        except (ValueError, LookupError) as error:  # its text may quote what the complainant wrote
            raise Refused(f"template: {type(error).__name__}") from None
        except Exception as error:  # noqa: BLE001 - our own code broke: the notice is tried again, once it is mended
            log.warning("a letter cannot be written", extra={"fields": {"what": send.what, "error": describe(error)}})
            raise Refused(f"template: {type(error).__name__}", permanent=False) from None
        traceparent = traceparent_of(span.get_span_context())
        return replace(letter, notice_id=send.notice_id, to=to, traceparent=traceparent, prints=send.prints)

    def _opened(self, box: str) -> Contact:
        try:
            return Contact.model_validate_json(self._ring.open(box))
        except ValueError as error:
            raise Refused(f"contact: {type(error).__name__}") from None


def destination(written: str, way: Way, country: str, *, public: bool) -> str:
    """Where a letter goes by this way, as intake has accepted the address. Raises `Refused`."""
    try:
        match way:
            case Way.EMAIL:
                return mail_address(written, public=public)
            case Way.SMS:
                return sms_number(written, country)
            case _:
                return written
    except AddressError as error:
        raise Refused(f"contact: {error}") from None


def _address(contact: Contact, way: Way) -> str | None:
    match way:
        case Way.EMAIL:
            return contact.email
        case Way.SMS:
            return contact.phone
        case _:
            return None
