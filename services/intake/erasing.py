"""Takes out of the histories what complainants want forgotten. Tried until it is done: see `erasure`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from infra.decision import Effect, Record, not_wired
from infra.store import Store
from services.intake.domain.erasure import FORGETTABLE, Forget, Forgotten
from services.intake.uploads import UploadDesk


class Eraser:
    """Works beside the loop, one case after another."""

    def __init__(self, store: Store, uploads: UploadDesk) -> None:
        """`record` must be set before `work` is called."""
        self._store = store
        self._uploads = uploads
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self.record: Record = not_wired

    async def perform(self, effects: Sequence[Effect]) -> None:
        """They will be done."""
        for effect in effects:
            if isinstance(effect, Forget):
                self._wanted.put_nowait(effect.case_id)

    async def work(self) -> None:
        """Erase one case: delete its encrypted data and its stored files, which may identify a person.

        A case that cannot be done comes again with its due date. Raises `StoreError` and `ObjectStoreError`.
        """
        case_id = await self._wanted.get()
        await self._store.forget(case_id, FORGETTABLE)
        await self._uploads.erase(case_id)
        await self.record([(case_id, Forgotten())])
