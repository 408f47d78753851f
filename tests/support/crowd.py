"""A crowd that repeats itself: submissions and staff commands up to three times each, shuffled across cases."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from random import Random
from uuid import UUID, uuid5

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from apps.channel.feed import submission_id
from apps.channel.generate import generate
from apps.departments.answers import Approve, Handle
from apps.departments.behaviour import Behaviour
from apps.departments.dispatcher import Dispatcher
from contracts.channel import SubmitComplaint
from contracts.envelope import Record, encode
from contracts.handling import ApproveDispatch, DispatchCase, ReportHandling, RequestReturn, SignCase, VerifyReport
from contracts.message import Command, Message
from contracts.routing import AssignmentOffered, DispatchRequested, RedoRequested, VerificationRequested
from tests.support.deployment import Deployment
from xn.audit import Ledger
from xn.observe import Observer


def complaints(deployment: Deployment, count: int, seed: int, refused_every: int = 25) -> list[SubmitComplaint]:
    """Complaints of the place, some of which must be refused."""
    made = list(generate(count, seed, deployment.place, until=datetime.now(UTC)))
    return [
        each.model_copy(update={"area": "nowhere"}) if n % refused_every == 0 else each for n, each in enumerate(made)
    ]


def repeated(records: Iterable[Record], dice: Random, most: int) -> list[Record]:
    """Each record one to `most` times, in an order shuffled across keys; records of one key keep theirs."""
    by_key: dict[bytes, list[Record]] = defaultdict(list)
    for record in records:
        by_key[record.key] += [record] * dice.randint(1, most)
    order = [key for key, of_key in by_key.items() for _ in of_key]
    dice.shuffle(order)
    queues = {key: iter(of_key) for key, of_key in by_key.items()}
    return [next(queues[key]) for key in order]


class Crowd:
    """Channels and departments in one: submits, watches everything, answers every assignment, keeps the ledger."""

    def __init__(self, deployment: Deployment, seed: int, most: int = 3) -> None:
        """Everything is said one to `most` times."""
        self._deployment = deployment
        self._most = most
        self._dice = Random(seed)
        self._behaviour = Behaviour(seed, choose=Dispatcher.read(deployment.place, seed=seed))
        self._stopping = asyncio.Event()
        self._looks = 0
        self.ledger = Ledger()
        self.unanswered: dict[str, Record] = {}
        """Submissions the ledger has heard nothing of."""
        self._last: dict[str, list[tuple[Command, str]]] = {}
        """By case: what a unit last answered, and to which offer."""

    async def submit(self, complaints: Sequence[SubmitComplaint], seconds: float = 0.0, parts: int = 20) -> None:
        """All are with the broker, in parts spread over so many seconds."""
        records = []
        for each in complaints:
            self.ledger.submit(each.case_id, datetime.now(UTC))
            record = encode(each, id=submission_id(each), source=f"/channels/{each.channel}")
            self.unanswered[each.case_id] = record
            records.append(record)
        shuffled = repeated(records, self._dice, self._most)
        size = -(-len(shuffled) // parts)
        for start in range(0, len(shuffled), size):
            await self._send(shuffled[start : start + size])
            await asyncio.sleep(seconds / parts)

    async def submit_again(self) -> int:
        """What nothing was heard of is submitted once more, as a partner does; returns how many."""
        stories = self.ledger.stories
        again = [
            record
            for case_id, record in self.unanswered.items()
            if not stories[case_id].registered and not stories[case_id].refused
        ]
        await self._send(again)
        return len(again)

    async def answer_again(self, attempt: int) -> None:
        """What a unit last said about each open case is said once more, as an app does that sees no effect of it.

        A broker that comes back empty may lose what it has acknowledged. It is a new command: of the first ones a part
        may have been heard, and refused for what was lost.
        """
        open_ = [self._last[case_id] for case_id in self.ledger.unsettled() if case_id in self._last]
        await self._send(
            [self._encode(command, f"{offer_id}/{attempt}") for said in open_ for command, offer_id in said]
        )

    async def work(self) -> None:
        """Answers what comes until `stop`. Survives brokers that go away and come back empty."""
        while not self._stopping.is_set():
            try:
                await self._work()
            except (KafkaError, OSError, ValueError):
                await asyncio.sleep(0.5)

    def stop(self) -> None:
        """`work` returns soon."""
        self._stopping.set()

    def look_again(self) -> None:
        """The bus is read from its beginning again: the broker came back empty, and old positions mean nothing."""
        self._looks += 1

    async def settled(self, seconds: float, again_every: float | None = None) -> None:
        """Nothing is owed to anybody, and the bus is quiet. Raises `AssertionError` with what is open."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        next_again = loop.time() + (again_every or seconds + 1)
        attempt = 0
        while self.ledger.unsettled():
            if loop.time() > deadline:
                raise AssertionError(f"not settled within {seconds} s: {self.describe()}")
            if loop.time() > next_again:
                next_again = loop.time() + (again_every or 0)
                await self.submit_again()
                attempt += 1
                await self.answer_again(attempt)
            await asyncio.sleep(0.2)

    def describe(self) -> str:
        """What is open, by the stages that the cases have reached."""
        counts: dict[tuple[str, ...], int] = defaultdict(int)
        for case_id in self.ledger.unsettled():
            counts[tuple(sorted(self.ledger.stories[case_id].first_at))] += 1
        return "; ".join(f"{count} × {', '.join(stages) or 'nothing'}" for stages, count in counts.items())

    async def _work(self) -> None:
        topics = [name for name in self._deployment.topics if not name.startswith(("complaints.", "redrive."))]
        looks = self._looks  # before connecting: what is connected meanwhile may know the topics in part only
        async with Observer(self._deployment.engines.bootstrap, topics) as observer:
            while not self._stopping.is_set() and looks == self._looks:
                commands: list[Record] = []
                for _, envelope, message in await observer.poll():
                    # an assignment that comes again is answered again, with the same ids
                    self.ledger.see(envelope.id, message)
                    answers = [(command, envelope.id) for command in self._commands(message)]
                    if answers:
                        self._last[answers[0][0].case_id] = answers
                    commands += [self._encode(*answer) for answer in answers]
                if commands:
                    await self._send(repeated(commands, self._dice, self._most))

    def _encode(self, command: Command, offer_id: str) -> Record:
        """The same answer to the same offer has the same id, until the broker has forgotten what was said.

        Then it is a new answer: of what was said before, a part may have been heard and refused for what was lost.
        """
        id = str(uuid5(UUID(command.case_id), f"{command.TYPE}/{offer_id}/{self._looks}"))
        return encode(command, id=id, source="/units/crowd")

    def _commands(self, message: Message) -> list[Command]:
        now = datetime.now(UTC)
        match message:
            case AssignmentOffered():
                answer = self._behaviour.offered(message)
                if not isinstance(answer, Handle):
                    return [
                        RequestReturn(
                            case_id=message.case_id,
                            issued_at=now,
                            unit=message.unit,
                            actor=answer.actor,
                            reason=answer.reason,
                        )
                    ]
                report = ReportHandling(
                    case_id=message.case_id,
                    issued_at=now,
                    unit=message.unit,
                    result=answer.result,
                    reply=answer.reply,
                    adopted=answer.adopted,
                )
                return [SignCase(case_id=message.case_id, issued_at=now, unit=message.unit), report]
            case DispatchRequested():
                where = self._behaviour.dispatch_requested(message)
                if where is None:
                    return []
                if isinstance(where, Approve):
                    return [
                        ApproveDispatch(
                            case_id=message.case_id, issued_at=now, unit=message.unit, actor=where.actor, approved=True
                        )
                    ]
                return [
                    DispatchCase(
                        case_id=message.case_id,
                        issued_at=now,
                        unit=message.unit,
                        actor=where.actor,
                        to=where.to,
                        binding=where.binding,
                        consultation=where.consultation,
                    )
                ]
            case VerificationRequested():
                verdict = self._behaviour.verification_requested(message)
                return [
                    VerifyReport(
                        case_id=message.case_id,
                        issued_at=now,
                        unit=message.unit,
                        accepted=verdict.accepted,
                        reason=verdict.reason,
                    )
                ]
            case RedoRequested():
                again = self._behaviour.redo_requested(message)
                return [
                    ReportHandling(
                        case_id=message.case_id,
                        issued_at=now,
                        unit=message.unit,
                        result=again.result,
                        reply=again.reply,
                        adopted=again.adopted,
                    )
                ]
            case _:
                return []

    async def _send(self, records: Sequence[Record]) -> None:
        """All records are acknowledged, however long the broker is away."""
        while records:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._deployment.engines.bootstrap,
                enable_idempotence=False,
                acks="all",
                linger_ms=5,
                request_timeout_ms=10_000,
            )
            try:
                await producer.start()
                sent = [await producer.send(r.topic, r.value, r.key, headers=r.headers) for r in records]
                await asyncio.gather(*sent)
            except (KafkaError, OSError):
                await asyncio.sleep(0.5)
            else:
                return
            finally:
                await producer.stop()
