"""The decisions of a batch, in memory: documents and arrivals in, changed documents and effects out. No I/O.

Per key, in order: duplicates are dropped, messages before their cause wait, a message that breaks our code parks its
key, dead letters taken again go first in line or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from opentelemetry.trace import Span

from contracts.dead_letters import DeadLettered, DeadLetterReason, DeadLetterResolved, Origin
from contracts.envelope import Envelope, record
from contracts.message import Fact, Message
from infra.decision import Context, Decision, Due, Effect, Internal, S, Subject, Unreadable, Wait
from infra.document import Document, Held, is_refusal
from infra.logs import describe
from infra.reading import TIMER, Arrival, Reader, pack, without_digest
from infra.recent import Recent
from infra.sealing import Sealer
from infra.service import Service
from infra.telemetry import Metrics, Tracing, failed, traceparent_of

log = logging.getLogger(__name__)


class TooManyDeadLetters(Exception):
    """Our code failed on so many messages in a row that something is wrong with the code, not with the messages."""


@dataclass(slots=True)
class Turn(Generic[S]):
    """One document's turn in a batch."""

    document: Document
    state: S | None
    at: datetime
    supplies: object
    batch: Span | None
    effects: list[Effect] = field(default_factory=list)
    changed: bool = False


class Decider(Generic[S]):
    """Runs a service's rules over the documents of a batch."""

    def __init__(
        self,
        service: Service[S],
        reader: Reader,
        sealer: Sealer,
        metrics: Metrics,
        tracing: Tracing,
        failures_allowed: int,
    ) -> None:
        self._service = service
        self._reader = reader
        self._sealer = sealer
        self._metrics = metrics
        self._tracing = tracing
        self._failures_allowed = failures_allowed
        self._failures = 0
        self.unchanged = Recent()
        """Topic and id of clients' messages that changed nothing and so left no trace in their documents."""

    def state_of(self, document: Document) -> S | None:
        """The state a document holds."""
        return None if document.state is None else self._service.state.model_validate(document.state)

    def take(
        self, document: Document, arrivals: Sequence[Arrival], at: datetime, supplies: object, batch: Span | None
    ) -> list[Effect]:
        """The document holds all decisions on these arrivals afterwards; what is to be done outside is returned.

        Raises `TooManyDeadLetters`; then nothing of the batch may be saved.
        """
        turn = Turn(document, self.state_of(document), at, supplies, batch)
        for arrival in arrivals:
            self._arrive(turn, arrival)
        self._finish(turn)
        return turn.effects

    # ---- one arrival

    def _arrive(self, turn: Turn[S], arrival: Arrival) -> None:
        document = turn.document
        if arrival.letter_id is not None:
            self._redriven(turn, arrival)
        elif isinstance(arrival.subject, Due):
            self._fire(turn, arrival)
        elif isinstance(arrival.subject, Internal):
            self._decide(turn, arrival)  # an outcome is recorded even while the key is parked
        elif document.has_applied(arrival.id):
            self._metrics.duplicates.inc()
        elif document.parked:
            self._put_aside(turn, arrival, DeadLetterReason.BEHIND, "an earlier message of this key is parked")
        elif isinstance(arrival.subject, Unreadable):
            self._unreadable(turn, arrival, arrival.subject)
        else:
            self._decide_or_park(turn, arrival)

    def _unreadable(self, turn: Turn[S], arrival: Arrival, subject: Unreadable) -> None:
        """Answered where it has a sender outside; a dead letter in any case, which parks the keys of our own alone."""
        self._metrics.refused.labels(arrival.origin.topic if arrival.origin else "", subject.code).inc()
        faults = "; ".join(f"{each.field}: {each.kind}" if each.field else each.kind for each in subject.problems)
        if not arrival.trusted and not self._decide_or_park(turn, arrival):
            return
        error = subject.code if subject.unknown else faults[:1900]
        self._put_aside(turn, arrival, DeadLetterReason.UNREADABLE, error, park=arrival.trusted)

    def _decide_or_park(self, turn: Turn[S], arrival: Arrival) -> bool:
        """Whether the rules answered; if they broke, the key is parked."""
        error = self._decide(turn, arrival)
        if error is None:
            self._failures = 0
            self._ask_waiting(turn)
            return True
        self._failures += 1
        if self._failures > self._failures_allowed:
            raise TooManyDeadLetters(error)
        self._put_aside(turn, arrival, DeadLetterReason.FAILED, error)
        return False

    def _decide(self, turn: Turn[S], arrival: Arrival, *, patience_over: bool = False) -> str | None:
        """None when decided; else the kind and place of the error, and nothing has changed."""
        document = turn.document
        origin = arrival.origin
        span = self._tracing.process(
            arrival.type,
            traceparent=arrival.traceparent or document.traceparent,
            topic=origin.topic if origin else TIMER,
            partition=origin.partition if origin else None,
            key=document.key,
            id=arrival.message_id,
            batch=turn.batch,
        )
        context = Context(
            key=document.key,
            at=turn.at,
            message_id=arrival.message_id,
            speaker=arrival.speaker or "",
            topic=origin.topic if origin else "",
            traceparent=traceparent_of(span.get_span_context()),
            patience_over=patience_over,
            supplies=turn.supplies,
        )
        entries = len(document.entries)
        try:
            decision = self._service.decide(turn.state, arrival.subject, context)
            if isinstance(decision, Wait):
                self._hold(turn, arrival, decision, patience_over)
            else:
                self._apply(turn, arrival, decision, context.traceparent)
        except Exception as error:  # our own rules broke: whatever it is, the key is parked and the rest goes on
            del document.entries[entries:]
            failed(span, type(error).__name__)
            self._metrics.failures.inc()
            log.exception("a rule broke", extra={"fields": {"key": document.key, "type": arrival.type}})
            return describe(error)
        finally:
            span.end()
        self._metrics.decided.labels(arrival.type).inc()
        self._observe_latency(turn, arrival.subject)
        return None

    def _apply(self, turn: Turn[S], arrival: Arrival, decision: Decision[S], traceparent: str | None) -> None:
        document = turn.document
        document.announce(
            self._service.name, decision.events, at=turn.at, traceparent=traceparent, cause=arrival.message_id
        )
        self._count_refusals(decision.events)
        if decision.state != turn.state:
            turn.state = decision.state
            turn.changed = document.touched = True
        if arrival.id and document.touched:  # what changed nothing may be decided again
            document.mark_applied(arrival.id)
        elif arrival.id and not arrival.trusted:
            self.unchanged.add(without_digest(arrival.id))
        if document.touched:
            document.traceparent = traceparent
        turn.effects.extend(decision.effects)

    def _count_refusals(self, events: Sequence[Fact]) -> None:
        """A refusal is an answer, and no failure: it is counted by what refuses, once for each of its reasons."""
        for event in events:
            if is_refusal(event.TYPE):
                for reason in getattr(event, "reasons", ()):
                    self._metrics.refusals.labels(event.TYPE, reason.code).inc()

    # ---- messages that came before their cause

    def _hold(self, turn: Turn[S], arrival: Arrival, wait: Wait, patience_over: bool) -> None:
        subject = arrival.subject
        if not isinstance(subject, Message):
            raise TypeError("only a message can wait")
        if patience_over:
            raise TypeError("a message cannot wait for ever")
        turn.document.waiting.append(
            Held(
                id=arrival.id,
                topic=arrival.origin.topic if arrival.origin else "",
                message_id=arrival.message_id,
                type=arrival.type,
                body=subject.model_dump_json(),
                speaker=arrival.speaker,
                traceparent=arrival.traceparent,
                expires_at=turn.at + wait.patience,
            )
        )
        turn.document.mark_applied(arrival.id)
        self._metrics.waiting.inc()

    def _ask_waiting(self, turn: Turn[S]) -> None:
        """Every message that waits is asked again, in order, as long as one of them changes the state."""
        document = turn.document
        while turn.changed and document.waiting and not document.parked:
            turn.changed = False
            held_now, document.waiting = document.waiting, []
            for held in held_now:
                if document.parked:
                    document.waiting.append(held)
                else:
                    self._ask(turn, held, patience_over=False)

    def _ask(self, turn: Turn[S], held: Held, *, patience_over: bool) -> None:
        arrival = self._arrival(turn.document.key, held)
        if isinstance(arrival.subject, Unreadable):
            self._unreadable(turn, arrival, arrival.subject)
            return
        waiting_before = len(turn.document.waiting)
        error = self._decide(turn, arrival, patience_over=patience_over)
        if error is not None:
            self._put_aside(turn, arrival, DeadLetterReason.FAILED, error)
        elif len(turn.document.waiting) > waiting_before:
            turn.document.waiting[-1] = held

    def _arrival(self, key: str, held: Held) -> Arrival:
        """What waited, read by the contracts of today: it may have waited while the service was replaced by another."""
        raw = record(
            topic=held.topic, key=key, body=held.body, envelope=Envelope(held.message_id, held.topic, held.type, key)
        )
        return Arrival(
            key=key,
            id=held.id,
            subject=self._reader.parse(held.type, held.body),
            message_id=held.message_id,
            type=held.type,
            speaker=held.speaker,
            traceparent=held.traceparent,
            origin=Origin(topic=held.topic, partition=0, offset=0, id=held.message_id, type=held.type),
            headers=raw.headers,
            value=raw.value,
        )

    # ---- timers

    def _fire(self, turn: Turn[S], arrival: Arrival) -> None:
        document = turn.document
        document.touched = True
        if document.parked:
            return
        expired = [held for held in document.waiting if held.expires_at <= turn.at]
        document.waiting = [held for held in document.waiting if held.expires_at > turn.at]
        for held in expired:
            self._ask(turn, held, patience_over=True)
        self._ask_waiting(turn)
        due_at = None if turn.state is None else self._service.due(turn.state)
        if due_at is None or due_at > turn.at or document.parked:
            return
        self._metrics.due_lag_seconds.observe((turn.at - due_at).total_seconds())
        self._decide_or_park(turn, arrival)

    # ---- dead letters

    def _put_aside(
        self, turn: Turn[S], arrival: Arrival, reason: DeadLetterReason, error: str, park: bool = True
    ) -> None:
        document = turn.document
        letter_id = arrival.id or f"{arrival.type}:{document.version}"
        box = self._sealer.seal(pack(arrival.headers, arrival.value))
        origin = arrival.origin or Origin(topic=TIMER, partition=0, offset=0, id=arrival.message_id, type=arrival.type)
        letter = DeadLettered(
            case_id=document.key,
            occurred_at=turn.at,
            service=self._service.name,
            letter_id=letter_id,
            reason=reason,
            error=error,
            origin=origin,
            traceparent=arrival.traceparent,
            box=box,
        )
        document.announce(
            self._service.name, [letter], at=turn.at, traceparent=arrival.traceparent, cause=arrival.message_id
        )
        if arrival.id:
            document.mark_applied(arrival.id)
        if park:
            if not document.parked:
                self._metrics.parked_keys.inc()
            document.parked.append(letter_id)
        self._metrics.dead_letters.labels(reason).inc()
        log.log(  # a record of a sender outside is answered and counted: no operator has to act
            logging.WARNING if park else logging.INFO,
            "a message was put aside",
            extra={"fields": {"key": document.key, "reason": reason, "error": error}},
        )

    def _redriven(self, turn: Turn[S], arrival: Arrival) -> None:
        document = turn.document
        letter_id = arrival.letter_id
        still_unreadable = arrival.trusted and isinstance(arrival.subject, Unreadable)
        if not document.parked or document.parked[0] != letter_id or still_unreadable:
            self._metrics.duplicates.inc()
            return
        if self._decide(turn, arrival) is not None:
            return
        del document.parked[0]
        document.touched = True
        resolved = DeadLetterResolved(
            case_id=document.key,
            occurred_at=turn.at,
            service=self._service.name,
            letter_id=letter_id or "",
        )
        document.announce(
            self._service.name, [resolved], at=turn.at, traceparent=arrival.traceparent, cause=arrival.message_id
        )
        self._ask_waiting(turn)

    # ---- the end of a turn

    def _finish(self, turn: Turn[S]) -> None:
        document, state = turn.document, turn.state
        if not document.touched:
            return
        document.state = None if state is None else state.model_dump(mode="json")
        wanted = [held.expires_at for held in document.waiting]
        if state is not None and (due_at := self._service.due(state)) is not None:
            wanted.append(due_at)
        document.due_at = min(wanted) if wanted and not document.parked else None
        owed = state is not None and self._service.is_open(state)
        document.open = bool(document.parked or document.waiting or owed)
        document.saved_at = turn.at

    def _observe_latency(self, turn: Turn[S], subject: Subject) -> None:
        if isinstance(subject, Message):
            self._metrics.latency_seconds.observe(max(0.0, (turn.at - subject.time).total_seconds()))
