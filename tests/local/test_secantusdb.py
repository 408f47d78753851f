"""SecantusDB starts, answers ordinary clients, and keeps what it acknowledged."""

from __future__ import annotations

import threading
import time

import pytest
from pymongo import MongoClient, WriteConcern
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


def test_a_journaled_write_settles_all_writes_before_it_against_a_kill(database):
    """What `infra.store` relies on: a batch without the journal, then one journaled write, and all of it is kept."""
    settled: list[int] = []

    def write() -> None:
        with connect(database) as client:
            things = client.here.things
            seal = client.here.get_collection("seal", write_concern=WriteConcern(w=1, j=True))
            for batch in range(100_000):
                numbers = list(range(batch * 20, batch * 20 + 20))
                try:
                    things.insert_many([{"_id": n} for n in numbers])
                    seal.update_one({"_id": 1}, {"$set": {"batch": batch}}, upsert=True)
                except PyMongoError:
                    return
                settled.extend(numbers)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.4)
    database.kill()
    writer.join()
    database.restart()
    with connect(database) as client:
        found = {document["_id"] for document in client.here.things.find({}, {"_id": 1})}
    assert len(settled) > 10
    assert set(settled) <= found
