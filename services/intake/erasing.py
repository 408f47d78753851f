"""Deletes the encrypted data and stored files of complainants who want to be forgotten: see `erasure`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from infra.store import Store
from services.intake.domain.erasure import FORGETTABLE
from services.intake.uploads import UploadDesk


def erasing(store: Store, uploads: UploadDesk) -> Callable[[str], Awaitable[None]]:
    """Erase one case: its encrypted data, and its stored files, which may identify a person."""

    async def erase(case_id: str) -> None:
        """Raises `StoreError` and `ObjectStoreError`."""
        await store.forget(case_id, FORGETTABLE)
        await uploads.erase(case_id)

    return erase
