"""`xn dead-letters`: an operator lists, shows and redrives what a broken rule has parked."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import UTC, datetime
from uuid import uuid4

from contracts.codes import AppealType, Channel, HandlingResult, Language, ReplyBy
from contracts.dead_letters import DeadLettered, DeadLetterReason
from contracts.envelope import encode
from contracts.intake import CaseRegistered
from contracts.message import case_id_for
from contracts.routing import CaseClosed
from tests.support.bus import publish
from tests.support.city import City

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


async def xn(city: City, *words: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "xn",
        "dead-letters",
        *words,
        "--bootstrap",
        city.deployment.engines.bootstrap,
        stdout=PIPE,
        stderr=STDOUT,
    )
    printed, _ = await program.communicate()
    assert program.returncode is not None
    return program.returncode, printed.decode()


async def test_a_parked_key_is_listed_shown_and_redriven_in_order(city: City) -> None:
    """The year 1 lies before every calendar: scoring's rules break on it, and on nothing that comes after it."""
    case_id = case_id_for("web", f"parked-{uuid4()}")
    broken = CaseRegistered(
        case_id=case_id,
        occurred_at=NOW,
        number="SL-20261123-999999",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="city-12345",
        title="",
        text="x",
        received_at=datetime.fromisoformat("0001-01-01T00:00:00+14:00"),
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="p",
    )
    behind = CaseClosed(case_id=case_id, occurred_at=NOW, unit="police", result=HandlingResult.RESOLVED, reply="done")
    await publish(city.client, [encode(broken, id=str(uuid4()), source="/services/intake")])
    first = await city.heard(DeadLettered, where=lambda m: (m.case_id, m.reason) == (case_id, DeadLetterReason.FAILED))
    await publish(city.client, [encode(behind, id=str(uuid4()), source="/services/routing")])
    second = await city.heard(DeadLettered, where=lambda m: (m.case_id, m.reason) == (case_id, DeadLetterReason.BEHIND))

    code, printed = await xn(city, "list", "--service", "scoring")
    assert code == 0
    lines = [line for line in printed.splitlines() if case_id in line]
    assert "failed" in lines[0]
    assert len(lines) >= 2, "what routing said of the case waits behind it, too"
    assert all("behind" in line for line in lines[1:])

    code, printed = await xn(city, "show", first.letter_id)
    assert code == 0
    assert "sealed" in printed
    assert broken.number not in printed

    code, printed = await xn(city, "redrive", "--service", "scoring", "--key", case_id, "--wait", "6")
    assert code == 1, "the rule is as broken as before"
    assert [first.letter_id in printed, second.letter_id in printed] == [True, True]
