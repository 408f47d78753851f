"""The proof of the guarantee: services are killed at any line, messages come up to three times and in any order across
cases, two instances of each service share the work; nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from contracts.channel import SubmitComplaint
from contracts.codes import ContactWay
from contracts.roles import SERVICES
from infra.clock import system_clock
from infra.document import Entry, verify_chain
from infra.local.engines import Engine, Engines
from infra.store import Store
from tests.support.crowd import Crowd, complaints
from tests.support.deployment import Deployment

COMPLAINTS = {"embedded": 600, "kafka": 1_500}
"""By engine: the embedded broker and database are slower, and not what production runs."""
KILLS_EACH = 4
QUICK = {
    "XN_SESSION_TIMEOUT_MS": "4000",
    "XN_SWEEP_SECONDS": "1",
    "XN_SWEEP_GRACE_SECONDS": "3",
    "XN_LEASE_SECONDS": "10",
    "XN_LOG_LEVEL": "WARNING",
}


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engines]:
    """Engines of this test alone."""
    name: Engine = request.param
    with Engines(name, tmp_path / "engines") as engines:
        yield engines


@asynccontextmanager
async def at_work(crowd: Crowd) -> AsyncIterator[None]:
    """The crowd answers meanwhile."""
    work = asyncio.create_task(crowd.work())
    try:
        yield
    finally:
        crowd.stop()
        await asyncio.wait([work], timeout=10)
        work.cancel()


async def kill_again_and_again(deployment: Deployment, dice: Random, each: int, traffic: asyncio.Task[None]) -> int:
    """As long as there is traffic, and so many times at least, an instance of every service is killed in turn.

    It is started again at once. Returns how many there were.
    """
    kills = 0
    while not traffic.done() or kills < each * len(SERVICES):
        for name in dice.sample(SERVICES, len(SERVICES)):
            victim = dice.choice(deployment.fleet[name])
            victim.kill()
            await asyncio.sleep(dice.uniform(0.1, 0.5))
            victim.launch()
            await asyncio.sleep(dice.uniform(0.5, 2.0))
            kills += 1
    return kills


async def until_no_intent_is_left(store: Store, seconds: float = 60) -> None:
    """Sweeps have published whatever killed processes left behind."""
    deadline = asyncio.get_running_loop().time() + seconds
    while left := await store.intents_before(system_clock()):
        assert asyncio.get_running_loop().time() < deadline, f"{len(left)} batches were never taken over"
        await asyncio.sleep(0.2)


async def check_databases(deployment: Deployment) -> None:
    """Every history is whole, and no batch is left that may not have been published."""
    for name in SERVICES:
        store = Store(deployment.engines.mongo_uri, f"{deployment.database}_{name}")
        try:
            async for raw in store.documents():
                entries = [Entry.from_mongo(each) for each in raw["history"]]
                assert verify_chain(entries) is None, f"{name}: the history of {raw['_id']} is broken"
                assert raw["length"] == len(entries)
                assert (entries[-1].hash if entries else "") == raw["head"]
            await until_no_intent_is_left(store)
        finally:
            await store.close()


def check_audit(crowd: Crowd, deployment: Deployment, submitted: int) -> None:
    """件件有回音、事事有着落."""
    audit = crowd.ledger.audit()
    assert audit.faults == ()
    assert audit.submitted == submitted == audit.registered + audit.refused
    assert audit.registered == audit.closed == audit.acknowledged == audit.answered
    assert audit.refused > 0
    assert set(audit.reasons) == {"area-unknown"}
    assert (audit.lost, audit.duplicated, audit.dead_letters) == (0, 0, 0)


def check_mails(deployment: Deployment, submitted: Sequence[SubmitComplaint]) -> None:
    """Who chose mail has got the acknowledgement and the answer, nobody got anything else.

    A mail may come twice after a crash, under the same Message-ID.
    """
    wanted = {each.case_id for each in submitted if by_mail(each)}
    kinds = ("acknowledgement", "answer")
    assert {kind: deployment.mail.notices.get(kind, set()) for kind in kinds} == {
        kind: {f"<{kind}.{case_id}@city.invalid>" for case_id in wanted} for kind in kinds
    }


def by_mail(complaint: SubmitComplaint) -> bool:
    """Whether it is to be answered by mail, and not refused: also who prefers SMS, for which there is no gateway."""
    contact = complaint.contact
    return contact is not None and ContactWay.EMAIL in contact.allowed and complaint.area != "nowhere"


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_killed_services_lose_nothing_and_repeat_nothing(own_engines: Engines, tmp_path: Path) -> None:
    dice = Random(20261123)
    count = COMPLAINTS[own_engines.engine]
    deployment = Deployment(own_engines, tmp_path / "services", instances=2, partitions=4, settings=QUICK)
    crowd = Crowd(deployment, seed=7)
    async with deployment, at_work(crowd):
        submitted = complaints(deployment, count, seed=7)
        submitting = asyncio.create_task(crowd.submit(submitted, seconds=25))
        assert await kill_again_and_again(deployment, dice, KILLS_EACH, submitting) >= KILLS_EACH * len(SERVICES)
        await submitting
        await crowd.settled(240)
        await asyncio.sleep(2)  # a duplicate that is still under way would be seen
        check_audit(crowd, deployment, count)
        check_mails(deployment, submitted)
        await check_databases(deployment)
        assert all(service.alive for service in deployment.fleet.all)
