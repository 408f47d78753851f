"""Engines go away and come back, even empty; services stop in order, join and leave: the promise is kept every time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.roles import SERVICES
from infra.local.apache_kafka import ApacheKafka
from infra.local.engines import Engines
from infra.local.secantusdb import SecantusDB
from infra.local.services import ServiceProcess
from infra.local.tansu import Tansu
from tests.chaos.test_kills import QUICK, at_work, check_audit, check_databases, check_mails
from tests.support.crowd import Crowd, complaints
from tests.support.deployment import Deployment
from tests.support.waiting import answers, metric, status, wait_for

COMPLAINTS = 100
UNHURRIED = {"XN_SESSION_TIMEOUT_MS": "6000", "XN_LOG_LEVEL": "WARNING"}
"""Nobody takes a slow service for a dead one."""
STOP_SECONDS = 10
"""How long a batch in hand and its farewell may take, on a busy machine."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def one_kafka(tmp_path: Path) -> Iterator[Engines]:
    """One Apache Kafka broker of this test's own."""
    with Engines("kafka", tmp_path / "engines") as engines:
        yield engines


@pytest.fixture
def three_brokers(tmp_path: Path) -> Iterator[Engines]:
    """Three Apache Kafka brokers of this test's own."""
    with Engines("kafka3", tmp_path / "engines") as engines:
        yield engines


@asynccontextmanager
async def in_the_middle(deployment: Deployment, most: int = 3) -> AsyncIterator[Crowd]:
    """Half of the way: some cases are answered, others are not; afterwards everything is settled and audited."""
    crowd = Crowd(deployment, seed=3, most=most)
    async with deployment, at_work(crowd):
        submitted = complaints(deployment, COMPLAINTS, seed=3)
        submitting = asyncio.create_task(crowd.submit(submitted, seconds=3, parts=8))
        await wait_for(lambda: 0 < len(crowd.ledger.unsettled()) < len(crowd.ledger.submitted), 60, "the middle")
        yield crowd
        await submitting
        await crowd.settled(120, again_every=10 if most > 1 else None)
        await asyncio.sleep(1)  # a duplicate that is still under way would be seen
        check_audit(crowd, deployment, COMPLAINTS)
        check_mails(deployment, submitted)
        await check_databases(deployment)


async def everybody_waits(deployment: Deployment) -> None:
    """No service says it is ready, none wants to be restarted, and none changes its mind about it."""
    urls = [deployment.fleet.url(name) for name in SERVICES]
    await answers([f"{url}/readyz" for url in urls], 503)
    for _ in range(10):
        assert [await status(f"{url}/readyz") for url in urls] == [503] * len(urls)
        assert [await status(f"{url}/livez") for url in urls] == [200] * len(urls)
        await asyncio.sleep(0.1)


async def everybody_works(deployment: Deployment) -> None:
    """Every service says it is ready again."""
    await answers([f"{deployment.fleet.url(name)}/readyz" for name in SERVICES], 200)


async def test_a_killed_database_is_waited_for(own_embedded: Engines, tmp_path: Path) -> None:
    deployment = Deployment(own_embedded, tmp_path / "services", settings=QUICK)
    async with in_the_middle(deployment):
        assert isinstance(own_embedded.mongo, SecantusDB)
        own_embedded.mongo.kill()
        await everybody_waits(deployment)
        own_embedded.mongo.start()
        await everybody_works(deployment)


async def test_a_broker_that_comes_back_empty_is_told_everything_again(own_embedded: Engines, tmp_path: Path) -> None:
    """The partner submits again what it got no answer for; everything else comes from the services' own histories."""
    deployment = Deployment(own_embedded, tmp_path / "services", settings={**QUICK, "XN_SWEEP_GRACE_SECONDS": "8"})
    async with in_the_middle(deployment) as crowd:
        assert isinstance(own_embedded.kafka, Tansu)
        own_embedded.kafka.kill()
        await everybody_waits(deployment)
        own_embedded.kafka.start()
        await deployment.ensure_topics()
        crowd.look_again()
        await everybody_works(deployment)


@pytest.mark.kafka
async def test_a_broker_that_was_away_is_waited_for(one_kafka: Engines, tmp_path: Path) -> None:
    deployment = Deployment(one_kafka, tmp_path / "services", settings=QUICK)
    async with in_the_middle(deployment):
        assert isinstance(one_kafka.kafka, ApacheKafka)
        one_kafka.kafka.kill()
        await everybody_waits(deployment)
        one_kafka.kafka.start()
        await everybody_works(deployment)


@pytest.mark.kafka
async def test_one_broker_of_three_may_die(three_brokers: Engines, tmp_path: Path) -> None:
    deployment = Deployment(three_brokers, tmp_path / "services", settings=QUICK)
    async with in_the_middle(deployment):
        assert isinstance(three_brokers.kafka, ApacheKafka)
        three_brokers.kafka.kill(1)


async def test_a_service_that_is_told_to_stop_finishes_its_batch(own_embedded: Engines, tmp_path: Path) -> None:
    """Each ends by itself, and its successor meets nothing that had been done already."""
    deployment = Deployment(own_embedded, tmp_path / "services", settings=UNHURRIED)
    async with in_the_middle(deployment, most=1) as crowd:
        for name in SERVICES:
            assert await metric(deployment.fleet.url(name), "xn_messages_duplicate_total") == 0
        began = time.monotonic()
        await asyncio.gather(*(asyncio.to_thread(stop_in_order, service) for service in deployment.fleet.all))
        assert time.monotonic() - began < STOP_SECONDS
        assert [service.process.returncode for service in deployment.fleet.all] == [0] * len(SERVICES)
        await asyncio.to_thread(deployment.fleet.start)
        await crowd.settled(120)
        for name in SERVICES:
            assert await metric(deployment.fleet.url(name), "xn_messages_duplicate_total") == 0, name


async def test_an_instance_may_join_and_leave_in_the_middle(own_embedded: Engines, tmp_path: Path) -> None:
    deployment = Deployment(own_embedded, tmp_path / "services", instances=2, settings=QUICK)
    async with in_the_middle(deployment):
        for name in SERVICES:
            await asyncio.to_thread(stop_in_order, deployment.fleet[name][1])
        for name in SERVICES:
            deployment.fleet[name][1].launch()


def stop_in_order(service: ServiceProcess) -> None:
    """SIGTERM; killed only when it would take for ever."""
    service.process.signal_stop()
    service.stop(timeout=60)
