"""A message that breaks a service's rules stops its own case and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.codes import AppealType, Channel, HandlingResult, Language, ReplyBy
from contracts.dead_letters import DeadLettered, DeadLetterReason
from contracts.envelope import Record, encode
from contracts.handling import ReportHandling, SignCase
from contracts.intake import CaseRegistered
from contracts.message import case_id_for
from infra.local.engines import Engines
from tests.chaos.test_kills import QUICK, at_work
from tests.support.bus import Seen, Watch, producer, publish
from tests.support.crowd import Crowd, complaints
from tests.support.deployment import Deployment
from tests.support.unlucky_routing import POISON
from tests.support.waiting import metric, status

COMPLAINTS = 200
POISONED = 5
UNIT = "police"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def poison(case_id: str) -> list[Record]:
    """A registration on which routing's rules break, and what follows it."""
    now = datetime.now(UTC)
    registered = CaseRegistered(
        case_id=case_id,
        occurred_at=now,
        number=f"XX-{case_id[:8]}",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="beicheng-centre",
        title="",
        text=POISON,
        received_at=now,
        about=UNIT,
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="of tomorrow",
    )
    report = ReportHandling(case_id=case_id, issued_at=now, unit=UNIT, result=HandlingResult.EXPLAINED, reply="无")
    said = (registered, SignCase(case_id=case_id, issued_at=now, unit=UNIT), report)
    return [encode(each, id=str(uuid4()), source="/tests") for each in said]


def about(case_id: str, seen: Sequence[Seen]) -> bool:
    """Whether anything about the case has been seen."""
    return any(each.key == case_id for each in seen)


async def test_a_poisoned_case_is_parked_in_order_and_all_others_go_on(own_embedded: Engines, tmp_path: Path) -> None:
    modules = {"routing": "tests.support.unlucky_routing"}
    deployment = Deployment(own_embedded, tmp_path / "services", settings=QUICK, modules=modules)
    crowd = Crowd(deployment, seed=5)
    poisoned = {case_id_for("web", f"poison-{n}") for n in range(POISONED)}
    deployment.silent |= dict.fromkeys(poisoned, "parked in routing, to be redriven once the code is mended")
    async with (
        deployment,
        at_work(crowd),
        producer(own_embedded.bootstrap) as client,
        Watch(own_embedded.bootstrap, ["dead-letters.routing"]) as watch,
    ):
        submitting = asyncio.create_task(crowd.submit(complaints(deployment, COMPLAINTS, seed=5), seconds=2, parts=5))
        for case_id in sorted(poisoned):
            first, *later = poison(case_id)
            await publish(client, [first])
            await watch.until(partial(about, case_id))
            await publish(client, later)
        await watch.until(lambda _: len(watch.distinct(DeadLettered.TYPE)) == 3 * POISONED)
        await submitting
        await crowd.settled(90)

        audit = crowd.ledger.audit()
        assert audit.faults == ()
        assert audit.registered == audit.closed == audit.answered
        for case_id in poisoned:
            letters = [each.message for each in watch.distinct(DeadLettered.TYPE).values() if each.key == case_id]
            assert [letter.reason for letter in letters] == [
                DeadLetterReason.FAILED,
                DeadLetterReason.BEHIND,
                DeadLetterReason.BEHIND,
            ]
            assert letters[0].error.startswith("ArithmeticError at ")
        routing = deployment.fleet.url("routing")
        assert await metric(routing, "xn_parked_keys_seen") == POISONED
        assert await status(f"{routing}/readyz") == 200
