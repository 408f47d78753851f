"""A database of intake without its service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from infra.local.engines import Engines
from infra.store import Store
from services.intake.reception_views import HELD_INDEX
from services.intake.status import INDEXES


@asynccontextmanager
async def intake_store(engines: Engines) -> AsyncIterator[Store]:
    """A fresh one, with the indexes of intake."""
    store = Store(engines.mongo_uri, f"t{uuid4().hex[:8]}", (*INDEXES, HELD_INDEX))
    try:
        await store.prepare()
        yield store
    finally:
        await store.close()
