"""The file store: one test suite for GridFS, a real S3 server over TCP, and the fake of unit tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from infra.local.engines import Engines
from infra.local.process import free_port
from infra.local.s3proxy import S3Proxy
from infra.objects.gridfs import GridFsStore
from infra.objects.port import CHUNK, ObjectStore, ObjectStoreError
from infra.objects.s3 import S3ObjectStore
from infra.objects.settings import FileSettings, object_store
from infra.sealing import new_private_key
from tests.support.memory_objects import MemoryObjects

LARGE = os.urandom(12_000_000)
"""A size that needs three parts of an S3 upload and 46 chunks of GridFS."""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Proxy]:
    server = S3Proxy(tmp_path_factory.mktemp("s3"), "xn-files")
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "database", pytest.param("s3", marks=pytest.mark.kafka)])
async def objects(request: pytest.FixtureRequest) -> AsyncIterator[ObjectStore]:
    store: ObjectStore = MemoryObjects()
    key = {"dead_letter_key": new_private_key()}
    if request.param == "database":
        engines = cast("Engines", request.getfixturevalue("embedded"))
        store = object_store(
            FileSettings.model_validate({**key, "mongo_uri": engines.mongo_uri, "mongo_database": "o"})
        )
        assert isinstance(store, GridFsStore)
    elif request.param == "s3":
        server = cast("S3Proxy", request.getfixturevalue("s3"))
        named = {"bucket": server.bucket, "endpoint": server.endpoint, "prefix": f"city/{uuid4().hex[:8]}"}
        named |= {"access_key": server.access_key, "secret_key": server.secret_key}
        settings = {f"files_s3_{name}": value for name, value in named.items()}
        store = object_store(FileSettings.model_validate({**key, "files_store": "s3", **settings}))
        assert isinstance(store, S3ObjectStore)
    yield store
    await store.close()


async def read(store: ObjectStore, id: str) -> bytes | None:
    found = await store.open(id)
    return None if found is None else b"".join([chunk async for chunk in found])


@pytest.mark.parametrize(
    "content", [b"x", LARGE[:CHUNK], LARGE[: CHUNK + 1], LARGE], ids=["1", "chunk", "more", "large"]
)
async def test_what_is_put_is_read_in_pieces_as_it_was(objects: ObjectStore, content: bytes) -> None:
    id = uuid4().hex
    await objects.put(id, content, "image/jpeg")
    assert await read(objects, id) == content
    found = await objects.open(id)
    assert found is not None
    sizes = [len(chunk) async for chunk in found]
    assert max(sizes) <= 4 * CHUNK


async def test_what_was_deleted_is_gone_and_deleting_again_is_harmless(objects: ObjectStore) -> None:
    id, other = uuid4().hex, uuid4().hex
    await objects.put(id, b"one", "text/plain")
    await objects.put(other, b"two", "text/plain")
    for _ in range(2):
        await objects.delete(id)
        assert await read(objects, id) is None
    assert await read(objects, other) == b"two"
    assert await objects.open(uuid4().hex) is None


async def test_a_file_half_written_cannot_be_opened_and_can_be_deleted(embedded: Engines) -> None:
    store = GridFsStore(embedded.mongo_uri, "half_files")
    chunks = store._grid._database["fs.chunks"]
    await chunks.insert_one({"files_id": "half", "n": 0, "data": LARGE[:CHUNK]})
    assert await store.open("half") is None
    await store.delete("half")
    assert await chunks.count_documents({}) == 0
    await store.close()


@pytest.mark.parametrize("kind", ["database", "s3"])
async def test_a_store_that_is_away_is_an_outage(kind: str) -> None:
    port = free_port()
    store: ObjectStore
    if kind == "s3":
        store = S3ObjectStore("b", region="r", endpoint=f"http://127.0.0.1:{port}", access_key="a", secret_key="s")
    else:
        store = GridFsStore(f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=300", "away_files")
    for call in (store.put("a", b"x", "image/png"), store.open("a"), store.delete("a")):
        with pytest.raises(ObjectStoreError):
            await call
    await store.close()


@pytest.mark.kafka
async def test_a_wrong_key_or_bucket_is_an_outage_and_no_missing_file(s3: S3Proxy) -> None:
    wrong = S3ObjectStore(s3.bucket, region="r", endpoint=s3.endpoint, access_key="x", secret_key="y")
    with pytest.raises(ObjectStoreError):
        await wrong.put("a", b"x", "image/png")
    with pytest.raises(ObjectStoreError):
        await wrong.open("a")


def test_a_bucket_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="XN_FILES_S3_BUCKET"):
        FileSettings.model_validate({"dead_letter_key": new_private_key(), "files_store": "s3"})
