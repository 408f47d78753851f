"""Whole files beside the documents: what is kept is found, byte by byte, in the database as in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from infra.files import MOST_BYTES, File, Files, FileTooLarge
from infra.local.engines import Engines
from infra.store import Store
from tests.support.kept_files import KeptFiles

PAGES = File("f.pdf", "通报.pdf", "application/pdf", bytes(range(256)) * 4_000)


@pytest.fixture(params=["memory", "embedded"])
async def files(request: pytest.FixtureRequest) -> AsyncIterator[Files]:
    """Of a fresh database, and those that stand in for them."""
    if request.param == "memory":
        yield KeptFiles()
        return
    engines: Engines = request.getfixturevalue("own_embedded")
    store = Store(engines.mongo_uri, f"t{uuid4().hex[:8]}")
    try:
        yield store.files
    finally:
        await store.close()


async def test_a_file_is_found_as_it_was_kept(files: Files) -> None:
    await files.keep(PAGES)
    assert await files.find(PAGES.id) == PAGES
    assert await files.find("another") is None


async def test_kept_again_a_file_is_the_later_one(files: Files) -> None:
    later = File(PAGES.id, "later.pdf", "application/pdf", b"%PDF-")
    for each in (PAGES, later, later):
        await files.keep(each)
    assert await files.find(PAGES.id) == later


async def test_the_largest_file_is_kept_and_a_larger_one_refused(files: Files) -> None:
    largest = File("largest", "a.pdf", "application/pdf", b"x" * MOST_BYTES)
    await files.keep(largest)
    assert await files.find("largest") == largest
    with pytest.raises(FileTooLarge):
        await files.keep(File("larger", "a.pdf", "application/pdf", b"x" * (MOST_BYTES + 1)))
    assert await files.find("larger") is None
