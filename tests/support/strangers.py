"""Clients that share nothing with us: librdkafka on the wire, the CloudEvents SDK for the envelope."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer

Headers = dict[str, str | bytes | None]


def event(type: str, data: dict[str, Any], *, key: str | None = None) -> CloudEvent:
    """A CloudEvent as its SDK makes one."""
    attributes: dict[str, Any] = {
        "type": type,
        "source": "/strangers/portal",
        "id": str(uuid4()),
        "specversion": "1.0",
        "time": datetime.now(UTC),
        "datacontenttype": "application/json",
    }
    if key is not None:
        attributes["partitionkey"] = key
    return CloudEvent(attributes=attributes, data=data)


def binary(given: CloudEvent) -> KafkaMessage:
    """In binary content mode."""
    return to_binary(given, JSONFormat())


def structured(given: CloudEvent) -> KafkaMessage:
    """In structured content mode."""
    return to_structured(given, JSONFormat())


class Stranger:
    """A producer and a consumer of its own group. Everything here blocks."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        """Nothing is connected yet. `topic` is what it reads, from the beginning."""
        self._topic = topic
        self._producer = Producer({"bootstrap.servers": bootstrap, "client.id": "stranger", "linger.ms": 5})
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"stranger-{uuid4().hex[:8]}",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "session.timeout.ms": 6_000,  # the embedded broker lets a new group wait for half of it
            }
        )

    def __enter__(self) -> Self:
        self._consumer.subscribe([self._topic])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._consumer.close()

    def send(self, topic: str, value: bytes, headers: Mapping[str, bytes], key: str | bytes | None) -> None:
        """The record is acknowledged. Raises `KafkaException` when it is not."""
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: object) -> None:
            failures.extend([error] if error else [])

        self._producer.produce(topic, value, key, headers=Headers(headers), on_delivery=delivered)
        if self._producer.flush(30) or failures:
            raise KafkaException(*failures)

    def read(self, wanted: Callable[[CloudEvent], bool], timeout: float = 40.0) -> CloudEvent:
        """The next such event, as the SDK understands it; what is read is committed. Raises `TimeoutError`."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            message = self._consumer.poll(0.1)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            self._consumer.commit(message=message, asynchronous=False)
            found = from_binary(
                KafkaMessage(_headers(message), message.key(), message.value() or b""), JSONFormat(), CloudEvent
            )
            if wanted(_event(found)):
                return _event(found)
        raise TimeoutError(f"nothing on {self._topic}")


def _headers(message: Message) -> dict[str, bytes]:
    headers = message.headers() or []
    assert isinstance(headers, list)
    return {str(name): value for name, value in headers if isinstance(value, bytes)}


def _event(found: BaseCloudEvent) -> CloudEvent:
    assert isinstance(found, CloudEvent)
    return found


def handmade(type: str, data: dict[str, Any]) -> tuple[bytes, dict[str, bytes]]:
    """Value and headers written by hand from the documentation alone."""
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": uuid4().hex.encode(),
        "ce_source": b"/strangers/staff-app",
        "ce_type": type.encode(),
        "content-type": b"application/json",
    }
    return json.dumps(data, ensure_ascii=False).encode(), headers
