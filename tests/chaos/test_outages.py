"""Engines go away and come back, even empty; services stop in order, join and leave: the promise is kept every time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from contracts.topics import SERVICES
from infra.local.apache_kafka import ApacheKafka
from infra.local.engines import Engines
from infra.local.secantusdb import SecantusDB
from infra.local.services import ServiceProcess
from infra.local.tansu import Tansu
from tests.chaos.test_kills import QUICK, at_work, check_audit, check_databases
from tests.support.crowd import Crowd, complaints
from tests.support.deployment import Deployment

COMPLAINTS = 400

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


async def get(url: str) -> int:
    """Status of an address; 0 when nobody answers."""
    async with httpx.AsyncClient(trust_env=False, timeout=3.0) as client:
        try:
            return (await client.get(url)).status_code
        except httpx.HTTPError:
            return 0


async def metric(url: str, name: str) -> float:
    """The value of a metric without labels."""
    async with httpx.AsyncClient(trust_env=False) as client:
        lines = (await client.get(url)).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


async def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """The condition holds. Raises `AssertionError` when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


async def wait_until_answered(url: str, status: int, seconds: float = 40) -> None:
    """The address answers with this status."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (found := await get(url)) != status:
        assert asyncio.get_running_loop().time() < deadline, f"{url} answers {found}, not {status}"
        await asyncio.sleep(0.1)


@asynccontextmanager
async def in_the_middle(deployment: Deployment) -> AsyncIterator[Crowd]:
    """Half of the way: some cases are answered, others are not; afterwards everything is settled and audited."""
    crowd = Crowd(deployment, seed=3)
    async with deployment, at_work(crowd):
        submitted = complaints(deployment, COMPLAINTS, seed=3)
        submitting = asyncio.create_task(crowd.submit(submitted, seconds=4, parts=8))
        await wait_for(lambda: 0 < len(crowd.ledger.unsettled()) < len(crowd.ledger.submitted), 60, "the middle")
        yield crowd
        await submitting
        await crowd.settled(120, again_every=10)
        await asyncio.sleep(1)  # a duplicate that is still under way would be seen
        check_audit(crowd, deployment, COMPLAINTS)
        await check_databases(deployment)


async def everybody_waits(deployment: Deployment) -> None:
    """No service says it is ready, none wants to be restarted."""
    for name in SERVICES:
        await wait_until_answered(f"{deployment.fleet.url(name)}/readyz", 503)
        assert await get(f"{deployment.fleet.url(name)}/livez") == 200


async def everybody_works(deployment: Deployment) -> None:
    """Every service says it is ready again."""
    for name in SERVICES:
        await wait_until_answered(f"{deployment.fleet.url(name)}/readyz", 200, 60)


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
    deployment = Deployment(own_embedded, tmp_path / "services", settings=QUICK)
    async with in_the_middle(deployment) as crowd:
        assert isinstance(own_embedded.kafka, Tansu)
        own_embedded.kafka.kill()
        own_embedded.kafka.start()
        await deployment.ensure_topics()
        crowd.look_again()


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
    """It ends by itself, and its successor finds nothing that had been done already."""
    deployment = Deployment(own_embedded, tmp_path / "services", settings=QUICK)
    async with in_the_middle(deployment):
        routing = deployment.fleet["routing"][0]
        await asyncio.to_thread(stop_in_order, routing)
        assert routing.process.returncode == 0
        await asyncio.to_thread(routing.start)
        assert await metric(f"{deployment.fleet.url('routing')}/metrics", "xn_outbox_taken_over_total") == 0


def stop_in_order(service: ServiceProcess) -> None:
    """SIGTERM, and not a second longer than a batch needs."""
    service.process.signal_stop()
    service.stop(timeout=25)


async def test_an_instance_may_join_and_leave_in_the_middle(own_embedded: Engines, tmp_path: Path) -> None:
    deployment = Deployment(own_embedded, tmp_path / "services", instances=2, settings=QUICK)
    async with in_the_middle(deployment):
        for name in SERVICES:
            await asyncio.to_thread(stop_in_order, deployment.fleet[name][1])
        for name in SERVICES:
            deployment.fleet[name][1].launch()
