"""What the HTTP side may do: put a message on its channel's topic, and read where a case stands. It decides nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.attachments import Attachment
from contracts.channel import RECEIPT_DIGITS, SubmitComplaint, receipt_hash, receipt_matches
from contracts.envelope import encode
from contracts.intake import CaseRegistered, SupplementReceived
from contracts.message import Message
from contracts.refusals import Reason
from contracts.typed_codes import read_number
from infra.clock import Clock
from infra.http.endpoint import Caller
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON, HttpPublisher
from infra.store import Store, StoreError
from services.intake.domain.attaching import attachment_faults, file_ids
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.submission import faults, fingerprint
from services.intake.index.documents import Course
from services.intake.index.views import IndexViews
from services.intake.status import NUMBER, Stage, Standing, listed_of, standing_of
from services.intake.uploads import UploadDesk

MOST_LISTED = 1000
"""Cases of one answer. Source: Open311 GeoReport v2."""


@dataclass
class Gateway:
    """Intake as seen from its HTTP side."""

    outgoing: HttpPublisher
    store: Store
    clock: Clock
    catalogue: Callable[[], Catalogue]
    """Of the moment."""
    uploads: UploadDesk
    secret: bytes = field(repr=False)
    """From which receipt codes are made: the same code whenever the same submission comes again."""
    views: IndexViews
    """The case index."""
    _hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    # ---- saying

    async def say(self, message: Message, *, id: str, caller: Caller, source: str = "") -> None:
        """The broker has it. Raises `HttpProblem` when that is not known in time: sending again is harmless."""
        source = source or f"/channels/{caller.speaker}/http"
        await self.outgoing.publish(encode(message, id=id, source=source, traceparent=caller.traceparent))

    def faults(self, submission: SubmitComplaint) -> tuple[Reason, ...]:
        """What intake would refuse it for."""
        return faults(submission, self.catalogue(), submission.channel, self.clock())

    async def attachment_faults(self, cited: Sequence[Attachment], channel: str, case_id: str) -> list[Reason]:
        """The reasons for which intake would refuse these attachments."""
        try:
            files = await self.uploads.files(file_ids(cited))
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return attachment_faults(cited, files, channel, case_id)

    async def claim(self, cited: Sequence[Attachment], channel: str, case_id: str) -> None:
        """Reserve the stored files among these for this case until it is registered."""
        try:
            await self.uploads.claim(cited, channel, case_id)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    # ---- reading

    async def standing(self, case_id: str) -> Standing | None:
        """Where a case stands; None when it is not registered, or not yet."""
        try:
            return standing_of(case_id, await self.store.state_of(case_id))
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    async def course(self, standing: Standing) -> Course:
        """Due date, timeline and rating of a case; empty while the index does not have them."""
        waits = standing.stage is Stage.AWAITS_COMPLAINANT
        return await self.views.course(standing.case_id, awaits_reception=waits)

    async def own(self, case_id: str, caller: Caller) -> Standing | None:
        """The same for a case of the caller's channel; None for anybody else's."""
        found = await self.standing(case_id)
        return found if found is not None and found.channel == caller.speaker else None

    async def by_numbers(self, numbers: Sequence[str]) -> list[Standing]:
        """The cases with these numbers, as people type them and as far as there are any."""
        read = [read_number(each) for each in numbers]
        wanted = read[0] if len(read) == 1 else {"$in": read}
        return await self._states({NUMBER: wanted}, limit=len(numbers))

    async def listed(
        self,
        caller: Caller,
        *,
        start: datetime,
        end: datetime,
        categories: Sequence[str] = (),
        only_open: bool | None = None,
    ) -> list[Standing]:
        """The channel's cases that were received from `start` to `end`, the latest first; `MOST_LISTED` at most.

        `only_open` asks for open (True) or closed cases alone. The time is the `requested_datetime` of Open311, not of
        registration, which for a backlog is days later.
        """
        try:
            return await listed_of(
                self.store,
                caller.speaker,
                (start, end),
                categories=categories,
                only_open=only_open,
                limit=MOST_LISTED,
            )
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    async def registrations(self, case_ids: Sequence[str]) -> dict[str, CaseRegistered]:
        """What was announced of these cases at their registration, and attachments added since: identity masked."""
        try:
            histories = await self.store.histories(case_ids)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        found: dict[str, CaseRegistered] = {}
        for key, entries in histories.items():
            for entry in entries:
                if entry.type == CaseRegistered.TYPE:
                    found[key] = CaseRegistered.model_validate_json(entry.body)
                elif entry.type == SupplementReceived.TYPE and key in found:
                    more = SupplementReceived.model_validate_json(entry.body).attachments
                    found[key] = found[key].model_copy(update={"attachments": (*found[key].attachments, *more)})
        return found

    async def external_id(self, case_id: str) -> str:
        """The channel's own reference of a registered case. Raises `HttpProblem` where none is known."""
        registered = (await self.registrations([case_id])).get(case_id)
        if registered is None or registered.external_id is None:
            raise HttpProblem("not-found")
        return registered.external_id

    async def _states(self, wanted: Mapping[str, Any], **more: Any) -> list[Standing]:
        try:
            found = await self.store.states(wanted, **more)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return [standing for key, state in found if (standing := standing_of(key, state))]

    # ---- receipts

    def receipt_code(self, case_id: str) -> str:
        """The code by which the complainant of this case may ask; 16 digits."""
        digest = hmac.new(self.secret, case_id.encode(), hashlib.sha256).digest()
        return f"{int.from_bytes(digest) % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"

    async def receipt(self, case_id: str) -> tuple[str, str]:
        """The code and its hash."""
        code = self.receipt_code(case_id)
        async with self._hashing:
            return code, await asyncio.to_thread(receipt_hash, case_id, code)

    async def admits(self, standing: Standing | None, code: str) -> bool:
        """Whether the code is the receipt of this case. Takes as long when there is no such case."""
        case_id = standing.case_id if standing else NOBODYS_CASE
        known = (standing.receipt if standing else None) or NOBODYS_RECEIPT
        async with self._hashing:
            return await asyncio.to_thread(receipt_matches, case_id, code, known) and standing is not None


NOBODYS_CASE = str(UUID(int=0))
NOBODYS_RECEIPT = f"scrypt${2**14}$8$1${'A' * 43}="


def same_matter(submission: SubmitComplaint, standing: Standing) -> bool:
    """Whether what was sent is what is registered."""
    return fingerprint(submission) == standing.fingerprint
