"""The two plain chains: four hops in four processes over five topics, ready when messages have come out at the end."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import uuid4

from aiokafka import ConsumerRecord

from bench.race import Passed
from contracts.envelope import Record
from contracts.registry import Topic
from infra.local.engines import Engines
from infra.local.process import ManagedProcess
from infra.topics import ensure_topics

HOPS = 4
MESSAGE_BYTES = 600


class Chain:
    """A course whose only milestone is the last topic."""

    milestones: Sequence[str] = ("out",)

    def __init__(
        self, style: Literal["batch", "single"], engines: Engines, directory: Path, *, partitions: int
    ) -> None:
        """Nothing runs yet."""
        self._engines = engines
        self._partitions = partitions
        self._names = [f"bench.{style}.{n}" for n in range(HOPS + 1)]
        self.topics: Sequence[str] = self._names[-1:]
        self._hops = {
            f"hop {n + 1}": ManagedProcess(
                [sys.executable, "-m", "bench.hop", style],
                log_path=directory / f"{style}-{n}.log",
                env={
                    **os.environ,
                    **engines.exports(),
                    "BENCH_DATABASE": f"bench_{style}",
                    "BENCH_SOURCE": self._names[n],
                    "BENCH_TARGET": self._names[n + 1],
                },
            )
            for n in range(HOPS)
        }

    @property
    def pids(self) -> dict[str, int]:
        """The hops' processes."""
        return {name: process.pid for name, process in self._hops.items()}

    async def __aenter__(self) -> Self:
        """The topics exist and the hops run; whether they have joined is for a first message to tell."""
        topics = {name: _topic(name, self._partitions) for name in self._names}
        replication = 3 if self._engines.engine == "kafka3" else 1
        await ensure_topics(self._engines.bootstrap, topics, replication=replication)
        for process in self._hops.values():
            process.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for process in self._hops.values():
            process.signal_stop()
        for process in self._hops.values():
            process.stop(timeout=5.0)

    def enter(self, count: int) -> Sequence[Record]:
        """JSON of the size of a registration."""
        return [_message(self._names[0]) for _ in range(count)]

    def see(self, record: ConsumerRecord) -> Passed | None:
        """It came out."""
        return Passed(record.key.decode(), "out")


def _message(topic: str) -> Record:
    key = str(uuid4())
    body = {"case_id": key, "text": ""}
    body["text"] = "x" * (MESSAGE_BYTES - len(json.dumps(body)))
    return Record(topic, key.encode(), json.dumps(body).encode(), [("content-type", b"application/json")])


def _topic(name: str, partitions: int) -> Topic:
    return Topic(
        name=name,
        description="A hop of a benchmark.",
        messages=(),
        writers=("bench",),
        readers=("bench",),
        partitions=partitions,
    )
