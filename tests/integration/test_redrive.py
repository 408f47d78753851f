"""An operator's day: a rule breaks, cases are parked, somebody mends the rule, the letters go round again in order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from contracts.codes import AppealType, Channel, HandlingResult, Language, ReplyBy
from contracts.dead_letters import DeadLettered
from contracts.envelope import encode
from contracts.intake import CaseRegistered
from contracts.message import Event, case_id_for
from contracts.routing import CaseClosed
from contracts.scoring import ClockStarted, ClockStopped
from infra.exits import ending
from infra.local.engines import Engines
from infra.local.services import Fleet
from infra.sealing import new_private_key
from tests.support.bus import Seen, Watch, producer
from tests.support.deployment import DEMO, PRELOAD
from tests.support.unlucky_scoring import BUG_VARIABLE
from xn.__main__ import application

UNIT = "police-beicheng"
TITLE = "夜间噪声扰民"
A, B = case_id_for("web", "a"), case_id_for("web", "b")
TRACES = {A: uuid4().hex, B: uuid4().hex}


@dataclass
class Said:
    """What a command printed, and whether it was content."""

    code: int
    text: str


@dataclass
class Operator:
    """Somebody at a shell, with a service that has a bug."""

    engines: Engines
    bug: Path
    key: str
    watch: Watch

    async def xn(self, *words: str, **more: str) -> Said:
        """One command of `xn`, told by the environment where the broker is."""
        environ = {**self.engines.exports(), "COLUMNS": "400", **more}
        done = await asyncio.to_thread(CliRunner().invoke, application(), words, env=environ)
        if done.exception is None or isinstance(done.exception, SystemExit):
            return Said(done.exit_code, done.output)
        code, line = ending(done.exception)
        return Said(int(code), done.output + line)

    async def redrive(self, *words: str, wait: str = "20") -> Said:
        """Letters of scoring's go round again."""
        return await self.xn("dead-letters", "redrive", "--service", "scoring", "--wait", wait, *words)

    def of(self, model: type[Event], case_id: str) -> list[Seen]:
        """What has been seen of this type about the case, each event once."""
        return [seen for seen in self.watch.distinct(model.TYPE).values() if seen.key == case_id]

    async def heard(self, model: type[Event], case_id: str, count: int = 1) -> list[Seen]:
        """The same, once there are so many."""
        await self.watch.until(lambda _: len(self.of(model, case_id)) >= count, timeout=40)
        return self.of(model, case_id)


@pytest.fixture
async def operator(own_embedded: Engines, tmp_path: Path) -> AsyncIterator[Operator]:
    """Topics made by `xn topics ensure`, scoring with its bug, and nobody else."""
    bug, key = tmp_path / "bug", new_private_key()
    watch = Watch(own_embedded.bootstrap, ["scoring.events", "dead-letters.scoring"])
    operator = Operator(own_embedded, bug, key, watch)
    ensure = ("topics", "ensure", "--place", str(DEMO), "--partitions-at-most", "2")
    for told in (r"^scoring\.events$", r"^0 created"):
        assert re.search(told, (await operator.xn(*ensure)).text, re.MULTILINE)

    def environment(name: str, instance: int, port: int) -> dict[str, str]:
        return {
            **own_embedded.exports(),
            "XN_MONGO_DATABASE": f"t{uuid4().hex[:8]}",
            "XN_HTTP_PORT": str(port),
            "XN_POLICIES": str(DEMO),
            "XN_DEAD_LETTER_KEY": key,
            "XN_SESSION_TIMEOUT_MS": "6000",
            BUG_VARIABLE: str(bug),
        }

    modules = {"scoring": "tests.support.unlucky_scoring"}
    with Fleet(modules, directory=tmp_path / "logs", environment=environment, preload=PRELOAD):
        async with watch:
            yield operator


def registered(case_id: str) -> CaseRegistered:
    """A registration as intake would announce it."""
    now = datetime.now(UTC)
    return CaseRegistered(
        case_id=case_id,
        occurred_at=now,
        number=f"BC-{case_id[:8]}",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="beicheng-centre",
        title=TITLE,
        text="噪声很大。",
        received_at=now,
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="test",
    )


def closed(case_id: str) -> CaseClosed:
    """The end of it, as routing would announce it."""
    return CaseClosed(
        case_id=case_id, occurred_at=datetime.now(UTC), unit=UNIT, result=HandlingResult.RESOLVED, reply="已整改。"
    )


async def announce(operator: Operator, event: Event) -> None:
    """The event is on its topic, in the trace of its case."""
    trace = f"00-{TRACES[event.case_id]}-b7ad6b7169203331-01"
    record = encode(event, id=uuid4().hex, source="/tests", traceparent=trace)
    async with producer(operator.engines.bootstrap) as client:
        await client.send_and_wait(record.topic, record.value, record.key, headers=record.headers)


async def break_both(operator: Operator) -> list[DeadLettered]:
    """Two cases are parked: A with its end behind its beginning, B with its beginning. The letters, A's first."""
    operator.bug.touch()
    await announce(operator, registered(A))
    await operator.heard(DeadLettered, A)
    await announce(operator, closed(A))
    await announce(operator, registered(B))
    letters = [*await operator.heard(DeadLettered, A, count=2), *await operator.heard(DeadLettered, B)]
    return [seen.message for seen in letters]


@pytest.mark.slow
async def test_letters_are_listed_shown_and_sent_round_until_all_is_applied(operator: Operator):
    nothing = await operator.xn("dead-letters", "list")
    assert (nothing.code, nothing.text.strip()) == (0, "0 open, 0 in all")

    first, second, other = await break_both(operator)
    listed = await operator.xn("dead-letters", "list")
    assert "3 open, 3 in all" in listed.text
    assert listed.text.index(first.letter_id) < listed.text.index(second.letter_id)
    for told in (A, B, TRACES[A], TRACES[B], "failed", "behind", "ArithmeticError at", f"{first.origin.topic}/"):
        assert told in listed.text
    assert TITLE not in listed.text

    await shown(operator, first)

    broken = await operator.redrive("--key", A, wait="4")
    assert broken.code == 1
    assert "2 sent round again, 0 applied, 2 not" in broken.text
    assert broken.text.count("not applied: ") == 2

    operator.bug.unlink()
    mended = await operator.redrive("--key", A)
    assert (mended.code, "2 sent round again, 2 applied, 0 not" in mended.text) == (0, True), mended.text
    (started,) = await operator.heard(ClockStarted, A)
    (stopped,) = await operator.heard(ClockStopped, A)
    assert {(seen.envelope.traceparent or "").split("-")[1] for seen in (started, stopped)} == {TRACES[A]}
    assert operator.of(ClockStarted, B) == []

    left = await operator.xn("dead-letters", "list")
    assert "1 open, 3 in all" in left.text
    assert other.letter_id in left.text
    assert first.letter_id not in left.text
    everything = await operator.xn("dead-letters", "list", "--all")
    assert everything.text.count("resolved") == 2

    assert (await operator.redrive("--all")).code == 0
    await operator.heard(ClockStarted, B)
    assert "0 sent round again" in (await operator.redrive("--all")).text
    assert [len(operator.of(ClockStarted, case_id)) for case_id in (A, B)] == [1, 1]


async def shown(operator: Operator, letter: DeadLettered) -> None:
    """One letter is sealed to whoever has no key, and open to whoever has the right one."""
    words = ("dead-letters", "show", letter.letter_id)
    sealed = await operator.xn(*words)
    assert (sealed.code, "sealed: " in sealed.text, TITLE in sealed.text) == (0, True, False)
    opened = await operator.xn(*words, "--key-env", "THE_KEY", THE_KEY=operator.key)
    assert opened.code == 0
    assert TITLE in opened.text
    assert f"ce_type: {CaseRegistered.TYPE}" in opened.text
    wrong = await operator.xn(*words, "--key-env", "THE_KEY", THE_KEY=new_private_key())
    assert (wrong.code, TITLE in wrong.text) == (2, False)


async def test_a_broker_without_the_topics_is_not_taken_for_one_without_letters(own_embedded: Engines, tmp_path: Path):
    nobody = Operator(own_embedded, tmp_path / "bug", new_private_key(), Watch(own_embedded.bootstrap, []))
    for words in (("list",), ("redrive", "--service", "scoring", "--all")):
        said = await nobody.xn("dead-letters", *words)
        assert said.code == 69
        assert "dead-letters.scoring" in said.text
