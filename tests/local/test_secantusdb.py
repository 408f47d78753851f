"""SecantusDB starts, answers ordinary clients, and keeps what it acknowledged."""

from __future__ import annotations

import threading
import time

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from infra.local.secantusdb import SecantusDB


@pytest.fixture
def database(tmp_path):
    server = SecantusDB(tmp_path / "db")
    server.start()
    yield server
    server.stop()


def connect(database: SecantusDB) -> MongoClient[dict[str, object]]:
    return MongoClient(database.uri, serverSelectionTimeoutMS=5_000)


def test_what_is_inserted_is_found(database):
    with connect(database) as client:
        client.here.things.insert_many([{"_id": n, "even": n % 2 == 0} for n in range(10)])
        assert client.here.things.count_documents({"even": True}) == 5


def test_documents_outlive_an_orderly_restart(database):
    with connect(database) as client:
        client.here.things.insert_one({"_id": 1})
    database.restart()
    with connect(database) as client:
        assert client.here.things.find_one({"_id": 1}) == {"_id": 1}


def test_acknowledged_writes_outlive_a_kill_in_the_middle_of_writing(database):
    acknowledged: list[int] = []

    def write() -> None:
        with connect(database) as client:
            for n in range(1_000_000):
                try:
                    client.here.things.insert_one({"_id": n})
                except PyMongoError:
                    return
                acknowledged.append(n)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(1.5)
    database.kill()
    writer.join()
    database.restart()
    with connect(database) as client:
        found = {document["_id"] for document in client.here.things.find({}, {"_id": 1})}
    assert len(acknowledged) > 10
    assert set(acknowledged) <= found
