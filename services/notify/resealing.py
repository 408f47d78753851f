"""The exchange of notify's key: what is sealed for a replaced key is sealed anew, until that key can be destroyed.

Whatever was copied before, into a backup or a segment of a topic, is unreadable from then on.
"""

from __future__ import annotations

import asyncio
import logging

from infra.decision import Internal, Record, not_wired
from infra.sealing import KeyRing, Sealer, SealingError
from infra.store import Store
from services.notify.domain.case_rules import Resealed

log = logging.getLogger(__name__)

AT_ONCE = 200
PAUSE_SECONDS = 600.0
"""Between two looks: intake may still seal for a replaced key for a while."""


class Resealer:
    """Works beside the loop while replaced keys are known."""

    def __init__(self, store: Store, ring: KeyRing, sealer: Sealer) -> None:
        """`record` must be set before it is called."""
        self._store = store
        self._ring = ring
        self._sealer = sealer
        self.record: Record = not_wired

    async def work(self) -> None:
        """One look through all cases, and a pause. Raises `StoreError`."""
        if self._ring.replaced:
            await self.look()
        await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> None:
        """Nothing is left that a replaced key opens, but for what intake seals meanwhile. Raises `StoreError`."""
        for key_id in self._ring.replaced:
            found: list[tuple[str, Internal]] = []
            cases = self._store.open_states({"contact_key": key_id}, ("contact_box",), closed_too=True)
            async for case_id, state in cases:
                if (resealed := self._anew(state["contact_box"], case_id)) is not None:
                    found.append((case_id, resealed))
            for start in range(0, len(found), AT_ONCE):
                await self.record(found[start : start + AT_ONCE])
            fields = {"key": key_id, "contacts": len(found)}
            log.warning("contacts of a replaced key were sealed anew", extra={"fields": fields})

    def _anew(self, box: str, case_id: str) -> Resealed | None:
        try:
            return Resealed(box, self._sealer.seal(self._ring.open(box)), self._sealer.key_id)
        except SealingError:
            log.warning("a contact cannot be opened", extra={"fields": {"case_id": case_id}})
            return None
