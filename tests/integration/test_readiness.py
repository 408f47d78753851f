"""A frozen engine or a missing topic makes a service not ready within seconds, and ready again after its return."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from contracts.envelope import Record
from contracts.place_topics import owned_topics
from infra.local.apache_kafka import ApacheKafka
from infra.local.engines import Engines
from infra.local.process import ManagedProcess
from infra.local.secantusdb import SecantusDB
from infra.local.tansu import Tansu
from infra.place import read_place
from infra.publisher import Publisher, PublishError
from infra.topics import admin, topic_names
from tests.integration.test_native_api import body
from tests.support.deployment import DEMO, Deployment
from tests.support.waiting import TLS, answers, eventually

SECONDS = 3.0
"""Time within which `/readyz` must report a frozen engine."""


@contextmanager
def frozen(process: ManagedProcess) -> Iterator[None]:
    """Freeze a process; its connections stay open."""
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


@pytest.fixture
async def deployment(own_embedded: Engines, tmp_path: Path) -> AsyncIterator[Deployment]:
    async with Deployment(own_embedded, tmp_path / "services") as found:
        yield found


async def not_ready(deployment: Deployment, seconds: float) -> list[str]:
    """The `/readyz` texts of all services once none is ready."""
    urls = [f"{deployment.fleet.url(name)}/readyz" for name in deployment.fleet]
    began = time.monotonic()
    async with httpx.AsyncClient(trust_env=False, verify=TLS, timeout=1.0) as client:
        while True:
            found = [await client.get(url) for url in urls]
            if {each.status_code for each in found} == {503}:
                return [each.text for each in found]
            assert time.monotonic() - began < seconds, [each.text for each in found]
            await asyncio.sleep(0.05)


async def ready_again(deployment: Deployment, seconds: float = 30) -> None:
    await answers([f"{deployment.fleet.url(name)}/readyz" for name in deployment.fleet], 200, seconds)


async def test_a_frozen_engine_is_noticed_within_three_seconds_and_its_return_too(deployment: Deployment) -> None:
    mongo, kafka = deployment.engines.mongo, deployment.engines.kafka
    assert isinstance(mongo, SecantusDB)
    assert isinstance(kafka, Tansu)
    for process, engine in ((mongo.process, "MongoDB"), (kafka.process, "Kafka")):
        with frozen(process):
            assert set(await not_ready(deployment, SECONDS)) == {f"engine away: {engine} does not answer"}
            await asyncio.sleep(3)
            assert set(await not_ready(deployment, 0)) == {f"engine away: {engine} does not answer"}
        await ready_again(deployment)


@pytest.mark.kafka
async def test_a_frozen_apache_kafka_is_noticed_within_three_seconds(tmp_path: Path) -> None:
    with Engines("kafka", tmp_path / "engines") as engines:
        assert isinstance(engines.kafka, ApacheKafka)
        async with Deployment(engines, tmp_path / "services") as deployment:
            with frozen(engines.kafka.processes[0]):
                assert set(await not_ready(deployment, SECONDS)) == {"engine away: Kafka does not answer"}
            await ready_again(deployment, 60)


async def test_a_topic_that_is_deleted_is_named_until_it_exists_again(deployment: Deployment) -> None:
    bootstrap = deployment.engines.bootstrap
    url = deployment.fleet.url("intake")
    key = {"X-API-Key": deployment.api_keys["web"]}
    async with (
        httpx.AsyncClient(base_url=url, headers=key, trust_env=False, verify=TLS, timeout=30) as client,
        admin(bootstrap) as cluster,
    ):
        assert (await client.post("/v1/complaints", json=body())).status_code == 202
        await cluster.delete_topics(["complaints.web"])
        told = await eventually(lambda: client.get("/readyz"), lambda answer: answer.status_code == 503, 10, "a 503")
        assert told.text == "topic missing: complaints.web"

        refused = await client.post("/v1/complaints", json=body())
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert [(each["code"], each["detail"]) for each in refused.json()["reasons"]] == [
            ("not-ready", "topic missing: complaints.web")
        ]
        assert "complaints.web" not in await topic_names(bootstrap)
        assert (await client.get("/readyz")).text == "topic missing: complaints.web"

        await deployment.ensure_topics()
        await ready_again(deployment)
        assert (await client.post("/v1/complaints", json=body())).status_code == 202


async def test_every_topic_that_a_service_owns_is_looked_for(embedded: Engines) -> None:
    """Owned topics follow from the registry and the place, not from a name pattern."""
    tables = read_place(DEMO).tables
    assert {"cases.events", "complaints.web", "clerking.beicheng-centre", "dead-letters.intake", "redrive.intake"} <= {
        *owned_topics("intake", tables)
    }
    assert "dead-letters.routing" not in owned_topics("intake", tables)
    assert "assignments.police-beicheng" in owned_topics("routing", tables)


@pytest.mark.parametrize("metadata_first", [True, False])
async def test_publishing_to_a_missing_topic_creates_none(embedded: Engines, metadata_first: bool) -> None:
    """A plain client would create the topic on the embedded broker, with an undeclared number of partitions."""
    missing = f"missing.{time.monotonic_ns()}"
    publisher = Publisher(embedded.bootstrap, "/tests")
    if metadata_first:
        await (await publisher.start()).client.fetch_all_metadata()
    try:
        with pytest.raises((PublishError, TimeoutError)):
            await asyncio.wait_for(publisher.send([Record(missing, b"k", b"v", [])]), 5)
        await (await publisher.start()).client.fetch_all_metadata()
        assert missing not in await topic_names(embedded.bootstrap)
    finally:
        await publisher.stop()
    plain = AIOKafkaProducer(bootstrap_servers=embedded.bootstrap, enable_idempotence=False)
    await plain.start()
    await plain.send_and_wait(missing, b"v")
    await plain.stop()
    assert missing in await topic_names(embedded.bootstrap)
