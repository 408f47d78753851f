"""A staff desk: reads what its units are sent, answers, and commits only what it has answered.

Delivery is at least once, so every answer has an id made of the message it answers: saying it again is no second
answer. A desk that is killed, or whose broker forgets everything, simply answers what comes again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

from aiokafka import ConsumerRecord
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from apps.departments.answers import Approve, Decide, Dispatch, Handle, Return, Verdict
from apps.trace import span
from apps.wire import Reader, Sender
from contracts.codes import RefusalCode
from contracts.envelope import Envelope, EnvelopeError, decode, encode
from contracts.handling import (
    ApproveDispatch,
    DecideExtension,
    DispatchCase,
    ReportHandling,
    ReportSubtask,
    RequestReturn,
    SignCase,
    VerifyReport,
)
from contracts.message import Command
from contracts.routing import (
    AssignmentOffered,
    AssignmentWithdrawn,
    CommandRefused,
    DispatchRequested,
    ExtensionApprovalRequested,
    RedoRequested,
    SubtaskRequested,
    VerificationRequested,
)

Assignment = (
    AssignmentOffered
    | AssignmentWithdrawn
    | DispatchRequested
    | VerificationRequested
    | RedoRequested
    | SubtaskRequested
    | ExtensionApprovalRequested
    | CommandRefused
)

_TYPES: dict[str, type[Assignment]] = {
    each.TYPE: each
    for each in (
        AssignmentOffered,
        AssignmentWithdrawn,
        DispatchRequested,
        VerificationRequested,
        RedoRequested,
        SubtaskRequested,
        ExtensionApprovalRequested,
        CommandRefused,
    )
}
_KEEPS_THE_CASE = {RefusalCode.RETURN_WINDOW_CLOSED, RefusalCode.RULING_BINDS}
"""Refusals of a return after which the case still waits for the unit."""


class Desk:
    """The desk of one or more units; `decide` says what is answered.

    `group` is its consumer group: two desks of one group share the work. `now` is the time of the commands.
    """

    def __init__(
        self,
        bootstrap: str,
        units: Iterable[str],
        decide: Decide,
        *,
        group: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        session_timeout_ms: int = 10_000,
    ) -> None:
        """Nothing is connected yet. Work of a desk that is silent for `session_timeout_ms` goes to its group."""
        self._bootstrap = bootstrap
        self._units = tuple(units)
        self._decide = decide
        self._group = group or default_group(self._units)
        self._now = now
        self._session_timeout_ms = session_timeout_ms
        self._stopping = asyncio.Event()
        self.counts: Counter[str] = Counter()
        """Messages (`offered`, `withdrawn`, `dispatch-requested`, `verification-requested`, `redo-requested`,
        `refused:<code>`, `unreadable`), and what was answered (`signed`, `reported`, `returned`, `dispatched`,
        `left-waiting`, `approved`, `accepted`, `sent-back`, `part-reported`, `extended`, `not-extended`)."""

    async def run(self) -> None:
        """Works until `stop`. A broker that is away is waited for."""
        topics = [f"assignments.{unit}" for unit in self._units]
        async with (
            Sender(self._bootstrap, self._group) as sender,
            Reader(
                self._bootstrap,
                topics,
                group=self._group,
                client_id=self._group,
                session_timeout_ms=self._session_timeout_ms,
            ) as reader,
        ):
            while not self._stopping.is_set():
                records = await reader.batch()
                if records:
                    await self._work(sender, records)
                    await reader.commit()

    def stop(self) -> None:
        """`run` returns soon, with every answer it began acknowledged."""
        self._stopping.set()

    async def _work(self, sender: Sender, records: Sequence[ConsumerRecord]) -> None:
        """Every record is answered: those of one case one after another, cases side by side."""
        cases: dict[tuple[str, bytes | None], list[ConsumerRecord]] = {}
        for record in records:
            cases.setdefault((record.topic, record.key), []).append(record)
        async with asyncio.TaskGroup() as group:
            for of_one_case in cases.values():
                group.create_task(self._work_case(sender, of_one_case))

    async def _work_case(self, sender: Sender, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            if (read := self._read(record)) is not None:
                await self._answer(sender, record.topic, *read)

    def _read(self, record: ConsumerRecord) -> tuple[Envelope, Assignment] | None:
        """None for a type this desk does not know, and for what fits no contract, which is counted."""
        try:
            envelope, body = decode(record.headers, record.value)
            kind = _TYPES.get(envelope.type)
            return (envelope, kind.model_validate_json(body)) if kind else None
        except (EnvelopeError, ValidationError):
            self.counts["unreadable"] += 1
            return None

    async def _answer(self, sender: Sender, topic: str, envelope: Envelope, said: Assignment) -> None:
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": topic,
            "messaging.message.id": envelope.id,
            "messaging.consumer.group.name": self._group,
            "xn.case.id": said.case_id,
        }
        with span(f"process {topic}", SpanKind.CONSUMER, parent=envelope.traceparent, attributes=attributes) as trace:
            for command in self._commands(said):
                name = command_id(said, command, envelope.id)
                await sender.send(encode(command, id=name, source=f"/units/{said.unit}", traceparent=trace))

    def _commands(self, said: Assignment) -> Iterator[Command]:
        """What to say, in order."""
        match said:
            case AssignmentOffered():
                self.counts["offered"] += 1
                answer = self._decide.offered(said)
                yield from self._returned(said, answer) if isinstance(answer, Return) else self._handled(said, answer)
            case DispatchRequested():
                self.counts["dispatch-requested"] += 1
                yield from self._dispatched(said, self._decide.dispatch_requested(said))
            case VerificationRequested():
                self.counts["verification-requested"] += 1
                yield self._verified(said, self._decide.verification_requested(said))
            case RedoRequested():
                self.counts["redo-requested"] += 1
                yield self._reported(said, self._decide.redo_requested(said))
            case SubtaskRequested() | ExtensionApprovalRequested():
                yield self._beside(said)
            case AssignmentWithdrawn():
                self.counts["withdrawn"] += 1
            case CommandRefused():
                codes = {reason.code for reason in said.reasons}
                self.counts.update(f"refused:{code}" for code in codes)
                if said.command == RequestReturn.TYPE and codes & _KEEPS_THE_CASE:
                    yield from self._handled(said, self._decide.return_refused(said))
                if said.command == ReportHandling.TYPE and RefusalCode.ADOPTION_MISSING in codes:
                    yield self._reported(said, self._decide.adoption_missing(said))

    def _handled(self, said: AssignmentOffered | CommandRefused, answer: Handle) -> Iterator[Command]:
        self.counts["signed"] += 1
        yield SignCase(case_id=said.case_id, issued_at=self._now(), unit=said.unit)
        yield self._reported(said, answer)

    def _reported(self, said: AssignmentOffered | CommandRefused | RedoRequested, answer: Handle) -> ReportHandling:
        self.counts["reported"] += 1
        return ReportHandling(
            case_id=said.case_id,
            issued_at=self._now(),
            unit=said.unit,
            result=answer.result,
            reply=answer.reply,
            adopted=answer.adopted,
        )

    def _verified(self, request: VerificationRequested, answer: Verdict) -> VerifyReport:
        self.counts["accepted" if answer.accepted else "sent-back"] += 1
        return VerifyReport(
            case_id=request.case_id,
            issued_at=self._now(),
            unit=request.unit,
            accepted=answer.accepted,
            reason=answer.reason,
        )

    def _returned(self, offer: AssignmentOffered, answer: Return) -> Iterator[Command]:
        self.counts["returned"] += 1
        yield RequestReturn(
            case_id=offer.case_id, issued_at=self._now(), unit=offer.unit, actor=answer.actor, reason=answer.reason
        )

    def _beside(self, said: SubtaskRequested | ExtensionApprovalRequested) -> Command:
        """What a co-handler or an approver says."""
        if isinstance(said, SubtaskRequested):
            self.counts["part-reported"] += 1
            reply = self._decide.subtask_requested(said)
            return ReportSubtask(case_id=said.case_id, issued_at=self._now(), unit=said.unit, reply=reply)
        verdict = self._decide.extension_requested(said)
        self.counts["extended" if verdict.accepted else "not-extended"] += 1
        return DecideExtension(
            case_id=said.case_id,
            issued_at=self._now(),
            unit=said.unit,
            granted=verdict.accepted,
            reason=verdict.reason,
        )

    def _dispatched(self, request: DispatchRequested, answer: Dispatch | Approve | None) -> Iterator[Command]:
        if answer is None:
            self.counts["left-waiting"] += 1
            return
        if isinstance(answer, Approve):
            self.counts["approved"] += 1
            yield ApproveDispatch(
                case_id=request.case_id, issued_at=self._now(), unit=request.unit, actor=answer.actor, approved=True
            )
            return
        self.counts["dispatched"] += 1
        yield DispatchCase(
            case_id=request.case_id,
            issued_at=self._now(),
            unit=request.unit,
            actor=answer.actor,
            to=answer.to,
            binding=answer.binding,
            consultation=answer.consultation,
        )


def command_id(said: Assignment, command: Command, message_id: str) -> str:
    """The CloudEvents id of an answer: the same whenever the same message is answered the same way."""
    return str(uuid5(UUID(said.case_id), f"{said.unit}/{command.TYPE}/{message_id}"))


def default_group(units: Sequence[str]) -> str:
    """A desk's own consumer group, whatever the order of its units."""
    if len(units) == 1:
        return f"desk.{units[0]}"
    return f"desk.{uuid5(UUID(int=0), ','.join(sorted(units)))}"
