"""Looks for something in everything: on the bus, in databases, however it may have been written down."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiokafka import AIOKafkaConsumer, TopicPartition
from bson import BSON
from pymongo import MongoClient


class Needles:
    """Texts to be found whether they stand in clear, escaped, in hexadecimal or in base64, in any case of letters."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._forms = {form.lower(): text for text in texts for form in _forms(text)}
        self._base64 = {form: text for text in self._forms.values() for form in _base64_forms(text)}

    def found_in(self, hay: bytes) -> set[str]:
        """Those of the texts that the bytes hold in one form or another."""
        lower = hay.lower()
        return {text for form, text in self._forms.items() if form in lower} | {
            text for form, text in self._base64.items() if form in hay
        }


def _forms(text: str) -> Iterator[bytes]:
    raw = text.encode()
    yield raw
    yield raw.hex().encode()
    yield json.dumps(text)[1:-1].encode()
    yield quote(text).encode()
    yield text.encode("utf-16-le")


def _base64_forms(text: str) -> Iterator[bytes]:
    """The characters that base64 gives the text wherever in a longer text it stands."""
    raw = text.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        whole = (before + len(raw)) // 3 * 4
        yield encoded[(4 if before else 0) : whole]


@dataclass(frozen=True)
class Written:
    """Something that stands somewhere."""

    place: str
    hay: bytes


async def on_the_bus(bootstrap: str) -> AsyncIterator[Written]:
    """Every record of every topic as bytes: key, headers, value."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=20, auto_offset_reset="earliest")
    await consumer.start()
    try:
        cluster = await consumer._client.fetch_all_metadata()
        topics = sorted(topic for topic in cluster.topics() if not topic.startswith("__"))
        partitions = [TopicPartition(topic, p) for topic in topics for p in cluster.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = {partition: end for partition, end in (await consumer.end_offsets(partitions)).items() if end}
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    headers = b"\n".join(name.encode() + b": " + (value or b"") for name, value in record.headers)
                    hay = b"\n".join((record.key or b"", headers, record.value or b""))
                    yield Written(f"{partition.topic}/{partition.partition}/{record.offset}", hay)
    finally:
        await consumer.stop()


def in_databases(uri: str, prefix: str) -> Iterator[Written]:
    """Every document of every collection of the databases whose names begin so, as BSON, and the names themselves."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    with client:
        for database in client.list_database_names():
            if not database.startswith(prefix):
                continue
            for collection in client[database].list_collection_names():
                yield Written(f"{database}.{collection}", collection.encode())
                for document in client[database][collection].find({}):
                    yield Written(f"{database}.{collection} {document['_id']}", bytes(BSON.encode(document)))
