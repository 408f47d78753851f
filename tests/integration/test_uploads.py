"""Uploads in the real database: a file is assigned to one case, and uncited files expire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from infra.document import Document
from infra.local.engines import Engines
from infra.store import Store
from infra.uploads import Upload
from services.intake.domain.registration import Registration
from services.intake.uploads import UploadDesk
from tests.support.memory_objects import MemoryObjects

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
LATER = AT + timedelta(hours=25)


@pytest.fixture
async def store(embedded: Engines) -> AsyncIterator[Store]:
    store = Store(embedded.mongo_uri, f"t{uuid4().hex[:8]}_intake")
    await store.prepare()
    await store.uploads.prepare()
    yield store
    await store.close()


def desk_at(store: Store, objects: MemoryObjects, at: datetime) -> UploadDesk:
    return UploadDesk(store, objects, lambda: at, most_bytes=1_000, uncited=timedelta(hours=24))


async def upload(desk: UploadDesk, objects: MemoryObjects) -> str:
    found = Upload(uuid4().hex, "web", "image/png", 3, "0" * 64)
    await desk.store.uploads.add(found, desk.clock() + desk.uncited)
    await objects.put(found.id, b"png", found.media_type)
    return found.id


async def sweep(desk: UploadDesk) -> None:
    """One sweep, without the pause after it."""
    with suppress(TimeoutError):
        await asyncio.wait_for(desk.sweep(), 2)


async def register(store: Store, case_id: str, *files: str) -> None:
    state = Registration(number="BC-1", registered_at=AT, fingerprint="f", files=files)
    document = Document(case_id)
    document.state = state.model_dump(mode="json")
    await store.save([document], "w", set())


async def test_of_two_cases_that_cite_a_file_at_once_one_has_it(store: Store) -> None:
    objects = MemoryObjects()
    id = await upload(desk_at(store, objects, AT), objects)
    taken = await asyncio.gather(*(store.uploads.claim(id, "web", f"case-{n}") for n in range(5)))
    assert sum(taken) == 1
    (holder,) = {found.holder for found in (await store.uploads.find([id])).values()}
    assert holder == f"case-{taken.index(True)}"
    assert await store.uploads.claim(id, "web", holder)
    assert not await store.uploads.claim(id, "radio", holder)


async def test_what_no_registered_case_cites_expires_and_what_one_cites_stays(store: Store) -> None:
    objects = MemoryObjects()
    desk = desk_at(store, objects, AT)
    uncited, unregistered, dropped, cited = [await upload(desk, objects) for _ in range(4)]
    for id in (unregistered, dropped, cited):
        assert await store.uploads.claim(id, "web", "nobody" if id == unregistered else "case")
    await register(store, "case", cited)
    await sweep(desk)
    assert len(objects.stored) == 4, "none is due yet"
    await sweep(desk_at(store, objects, LATER))
    assert set(objects.stored) == {cited}
    assert set(await store.uploads.find([uncited, unregistered, dropped, cited])) == {cited}
    assert await store.uploads.expired(LATER, 10) == []
    await desk.erase("case")
    assert not objects.stored
    assert await store.uploads.held_by("case") == []
