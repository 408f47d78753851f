"""A small service over messages of its own, and a shelf that keeps its documents as the database would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic
from uuid import NAMESPACE_OID, uuid5

from pydantic import BaseModel, ConfigDict

from contracts.codes import RefusalCode
from contracts.dead_letters import DeadLettered, DeadLetterResolved, Redrive
from contracts.envelope import Record, encode
from contracts.message import Command, Event, Message
from contracts.refusals import Reason, reason
from contracts.registry import Topic
from infra.deciding import Decider
from infra.decision import Context, Decision, Due, Effect, Internal, S, Subject, Unreadable, Wait
from infra.document import APPLIED_KEPT, Document, Entry
from infra.reading import Arrival, Input, Reader, internal, timer
from infra.sealing import Opener, Sealer, new_private_key, public_key_of
from infra.service import Service
from infra.telemetry import Metrics, Tracing

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = new_private_key()
UNLUCKY = 13
"""The amount on which the small service breaks, until it is mended."""
SECRET = "13800138000"
"""What its error quotes, and nobody may read."""


def key_of(name: str) -> str:
    """A case id by a name that is easy to read."""
    return str(uuid5(NAMESPACE_OID, name))


class Opened(Event):
    """The cause of everything else."""

    TYPE: ClassVar[str] = "test.tally.opened.v1"
    TOPIC: ClassVar[str] = "tallies.events"

    alarm_at: datetime | None = None


class Added(Event):
    """Waits for the opening."""

    TYPE: ClassVar[str] = "test.tally.added.v1"
    TOPIC: ClassVar[str] = "tallies.events"

    amount: int


class Ask(Command):
    """A stranger's request."""

    TYPE: ClassVar[str] = "test.tally.ask.v1"
    TOPIC: ClassVar[str] = "asks.{unit}"

    unit: str
    amount: int


class Noted(Event):
    """What the small service announces."""

    TYPE: ClassVar[str] = "test.tally.noted.v1"
    TOPIC: ClassVar[str] = "noted.events"

    what: str
    total: int = 0


class AskRefused(Event):
    """What the small service does not do."""

    TYPE: ClassVar[str] = "test.ask.refused.v1"
    TOPIC: ClassVar[str] = "answers.{unit}"

    unit: str
    reasons: tuple[Reason, ...]


REDRIVE = Topic("redrive.{service}", "", (Redrive,), ("operator",), ("{service}",), sealed=True)
TALLIES = Topic("tallies.events", "", (Opened, Added), ("other",), ("tally",))
ASKS = Topic("asks.{unit}", "", (Ask,), ("{unit}",), ("tally",))
INPUTS = (Input(TALLIES), Input(ASKS, trusted=False))


class Tally(BaseModel):
    """The state of the small service."""

    model_config = ConfigDict(frozen=True)

    total: int = 0
    alarm_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ring(Effect):
    """Something to be done outside."""

    total: int


@dataclass(frozen=True, slots=True)
class Rung(Internal):
    """What became of it."""

    breaks: bool = False


@dataclass
class Rules:
    """The small rules. `mended` are the rules after somebody has repaired them."""

    mended: bool = False
    opens: bool = True
    patient: bool = True
    alarm_breaks: bool = False

    def decide(self, tally: Tally | None, subject: Subject, context: Context) -> Decision[Tally] | Wait:
        """Adds up."""
        match subject:
            case Opened():
                return self._open(subject, context)
            case Added():
                return self._add(tally, subject.amount, context)
            case Ask(amount=amount) if amount < 0:
                return self._refused(tally, (RefusalCode.NOT_RESPONSIBLE, RefusalCode.RECUSED)[:-amount], context)
            case Ask(amount=amount) if amount == UNLUCKY and not self.mended:
                raise ValueError(SECRET)
            case Ask(amount=0):
                return self._wait_for_opening(tally, context)
            case Ask():
                return self._noted(tally, f"asked by {context.speaker}", context)
            case Unreadable():
                return self._noted(tally, f"cannot read {subject.type} of {context.speaker}", context)
            case Due() if tally is not None:
                return self._alarm(tally, context)
            case Rung(breaks=False):
                return self._noted(tally, "rung", context)
            case _:
                raise ValueError(SECRET)

    def _wait_for_opening(self, tally: Tally | None, context: Context) -> Decision[Tally] | Wait:
        """Changes nothing of what is open, and waits for what is not."""
        if tally is not None:
            return Decision(tally)
        return self._refused(None, (RefusalCode.CASE_UNKNOWN,), context) if context.patience_over else Wait(HOUR)

    def _refused(self, tally: Tally | None, codes: Sequence[RefusalCode], context: Context) -> Decision[Tally]:
        told: dict[str, Any] = {"case_id": context.key, "occurred_at": context.at, "unit": context.speaker}
        return Decision(tally, (AskRefused(**told, reasons=tuple(reason(code) for code in codes)),))

    def due(self, tally: Tally) -> datetime | None:
        """The alarm."""
        return tally.alarm_at

    def _open(self, subject: Opened, context: Context) -> Decision[Tally]:
        if not self.opens:
            raise KeyError(SECRET)
        return self._noted(Tally(alarm_at=subject.alarm_at), "opened", context)

    def _add(self, tally: Tally | None, amount: int, context: Context) -> Decision[Tally] | Wait:
        if tally is None:
            over = context.patience_over and self.patient
            return self._noted(None, "nobody came", context) if over else Wait(HOUR)
        if amount == UNLUCKY and not self.mended:
            raise ValueError(SECRET)
        if amount == 0:
            return Decision(tally)
        added = tally.model_copy(update={"total": tally.total + amount})
        return self._noted(added, f"added {amount}", context)

    def _alarm(self, tally: Tally, context: Context) -> Decision[Tally]:
        if self.alarm_breaks:
            raise ValueError(SECRET)
        noted = self._noted(tally.model_copy(update={"alarm_at": None}), "alarm", context)
        return Decision(noted.state, noted.events, (Ring(tally.total),))

    def _noted(self, tally: Tally | None, what: str, context: Context) -> Decision[Tally]:
        noted = Noted(case_id=context.key, occurred_at=context.at, what=what, total=tally.total if tally else 0)
        return Decision(tally, (noted,))


@dataclass(frozen=True)
class Rec:
    """A consumed record."""

    topic: str
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()
    key: bytes | None = None
    partition: int = 0
    offset: int = 0


def rec(record: Record, **changes: Any) -> Rec:
    """A record as it is consumed, with changes."""
    return Rec(
        **{"topic": record.topic, "key": record.key, "value": record.value, "headers": record.headers, **changes}
    )


def said(message: Message, id: str, **changes: Any) -> Rec:
    """A message as it is consumed."""
    return rec(encode(message, id=id, source="/test"), **changes)


def tally_service(rules: Rules) -> Service[Tally]:
    """The small service as it declares itself."""
    return Service(
        name="tally",
        inputs=INPUTS,
        outputs=(),
        redrive=REDRIVE,
        state=Tally,
        decide=rules.decide,
        due=rules.due,
        is_open=lambda tally: tally.total < 100,
    )


@dataclass
class Shelf(Generic[S]):
    """Runs a service's rules over documents that are saved as rows and loaded anew each time."""

    service: Service[S]
    failures_allowed: int = 100
    at: datetime = AT
    supplies: object = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    histories: dict[str, list[Entry]] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.metrics = Metrics.create()
        self.reader = Reader(self.service.inputs, Opener(KEY), self.service.redrive)
        sealer, tracing = Sealer(public_key_of(KEY)), Tracing(self.service.name, None, "test")
        self.decider = Decider(self.service, self.reader, sealer, self.metrics, tracing, self.failures_allowed)

    def take(self, *records: Rec) -> None:
        """One batch of records."""
        self.apply([arrival for record in records if (arrival := self.reader.read(record)) is not None])

    def apply(self, arrivals: Iterable[Arrival]) -> None:
        """One batch: saved as a whole, or not at all."""
        by_key: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            by_key.setdefault(arrival.key, []).append(arrival)
        documents = {key: self.load(key) for key in by_key}
        effects = [
            effect
            for key, mine in by_key.items()
            for effect in self.decider.take(documents[key], mine, self.at, self.supplies, None)
        ]
        for document in documents.values():
            self._save(document)
        self.effects += effects

    def outcome(self, key: str, subject: Internal) -> None:
        """The service tells itself something."""
        self.apply([internal(key, subject)])

    def tick(self, after: timedelta = timedelta(0)) -> int:
        """Time passes; everything that is due then is decided. Returns how many documents were asked."""
        self.at += after
        due = [key for key, row in self.rows.items() if row.get("due_at") is not None and row["due_at"] <= self.at]
        if due:
            self.apply([timer(key) for key in due])
        return len(due)

    def redrive(self, letter: DeadLettered) -> None:
        """An operator sends a letter round again."""
        again = Redrive(
            case_id=letter.case_id,
            occurred_at=self.at,
            service=letter.service,
            letter_id=letter.letter_id,
            origin=letter.origin,
            traceparent=letter.traceparent,
            box=letter.box,
        )
        self.take(said(again, f"redrive-{letter.letter_id}"))

    def load(self, key: str) -> Document:
        """As saved last."""
        row = self.rows.get(key)
        return Document.from_mongo(row) if row else Document(key)

    def state(self, key: str) -> S | None:
        """As saved last."""
        return self.decider.state_of(self.load(key))

    def events(self, key: str, type: type[Event] | None = None) -> list[Any]:
        """Everything announced for a key, read back by its contract; only one type if given."""
        known: dict[str, Any] = {each.TYPE: each for each in (DeadLettered, DeadLetterResolved, Noted)}
        if type is not None:
            known[type.TYPE] = type
        return [
            known[entry.type].model_validate_json(entry.body)
            for entry in self.histories.get(key, ())
            if type is None or entry.type == type.TYPE
        ]

    def notes(self, key: str) -> list[str]:
        """What the small service noted, in order."""
        return [noted.what for noted in self.events(key, Noted)]

    def letters(self, key: str) -> list[DeadLettered]:
        """Every dead letter of a key, in order."""
        return self.events(key, DeadLettered)

    def _save(self, document: Document) -> None:
        if not document.touched:
            return
        row = {
            "_id": document.key,
            **document.fields("write", tail_from=0),
            "applied": [*document.applied, *document.newly_applied][-APPLIED_KEPT:],
        }
        self.rows[document.key] = row
        self.histories.setdefault(document.key, []).extend(document.entries)


def shelf(rules: Rules | None = None, **settings: Any) -> Shelf[Tally]:
    """A shelf of the small service."""
    return Shelf(tally_service(rules or Rules()), **settings)


def opened(key: str, **fields: Any) -> Opened:
    """The cause."""
    return Opened(case_id=key, occurred_at=AT, **fields)


def added(key: str, amount: int) -> Added:
    """Something that waits for the cause."""
    return Added(case_id=key, occurred_at=AT, amount=amount)


def ask(key: str, amount: int = 1, unit: str = "police") -> Ask:
    """A stranger's request."""
    return Ask(case_id=key, issued_at=AT, unit=unit, amount=amount)
