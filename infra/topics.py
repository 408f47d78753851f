"""Topics exist as they are declared; the broker says which cluster it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code
from aiokafka.protocol.metadata import MetadataRequest

from contracts.registry import Topic

TOPIC_ALREADY_EXISTS = 36


C = TypeVar("C", AIOKafkaConsumer, AIOKafkaProducer)


class _Connection:
    """A broker's connection whose metadata requests create no topic."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def send(self, request: Any, **options: Any) -> Any:
        """The future of the answer."""
        if isinstance(request, MetadataRequest):
            request._allow_auto_topic_creation = False  # noqa: SLF001 - aiokafka's own requests leave it true
        return self._connection.send(request, **options)


def create_no_topics(client: C) -> C:
    """The same producer or consumer, which does not create a missing topic by asking for it.

    aiokafka has no setting for it, and a broker may create topics with other partitions and limits than declared.
    """
    requests = client.client if isinstance(client, AIOKafkaProducer) else client._client  # noqa: SLF001
    connect = requests._get_conn  # noqa: SLF001

    async def connection(*words: Any, **options: Any) -> _Connection | None:
        found = await connect(*words, **options)
        return None if found is None else _Connection(found)

    requests._get_conn = connection  # noqa: SLF001
    return client


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000)
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def ensure_topics(
    bootstrap: str, topics: Mapping[str, Topic], *, replication: int = 1, most_partitions: int | None = None
) -> list[str]:
    """Every topic exists afterwards; the names of those that were missing are returned.

    `most_partitions` caps the declared partitions, for small machines. Raises `KafkaError`.
    """
    async with admin(bootstrap) as client:
        existing = set(await client.list_topics())
        missing = [name for name in topics if name not in existing]
        wanted = [
            NewTopic(
                name,
                num_partitions=min(topics[name].partitions, most_partitions or topics[name].partitions),
                replication_factor=replication,
                topic_configs=topics[name].config(),
            )
            for name in missing
        ]
        if wanted:
            response = await client.create_topics(wanted)
            for name, code, *_ in response.topic_errors:
                if code not in (0, TOPIC_ALREADY_EXISTS):
                    raise for_code(code)(name)
        return missing


async def topic_names(bootstrap: str) -> frozenset[str]:
    """Every topic there is. Raises `KafkaError`."""
    async with admin(bootstrap) as client:
        return frozenset(await client.list_topics())


async def cluster_id(bootstrap: str) -> str | None:
    """The id of the cluster; another id behind the same address means that the broker's data are other data."""
    async with admin(bootstrap) as client:
        found = await client.describe_cluster()
        return str(found["cluster_id"]) if found.get("cluster_id") else None
