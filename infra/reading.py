"""From Kafka records to what is decided upon. Nothing a record contains may raise from here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import ValidationError

from contracts.dead_letters import Origin, Redrive
from contracts.envelope import LONGEST_ID, Envelope, EnvelopeError, decode, peek
from contracts.message import Message
from contracts.registry import Topic
from contracts.text import identifier_fault
from infra.decision import Due, Internal, Problem, Subject, Unreadable
from infra.sealing import Opener, SealingError
from infra.telemetry import parse_traceparent

Headers = Sequence[tuple[str, bytes | None]]


class KafkaRecord(Protocol):
    """What we use of a consumed record; aiokafka's `ConsumerRecord` is one."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class Input:
    """A topic, or family of topics, that a service reads."""

    topic: Topic
    key: Callable[[Message, str | None], str] = lambda message, _: message.key
    """The aggregate a message is about, from the message and the topic's parameter: never from the record's key, which
    a sender may have got wrong."""
    trusted: bool = True
    """Written by our own services: a message that does not fit parks its key. Others are answered with a refusal."""
    wanted: tuple[type[Message], ...] = ()
    """The types that are decided upon; every other is skipped by its header. None named: all that the topic carries."""

    @property
    def messages(self) -> tuple[type[Message], ...]:
        """The types that are read."""
        return self.wanted or self.topic.messages


@dataclass(slots=True)
class Arrival:
    """One thing to be decided upon, with where it came from."""

    key: str
    id: str
    """For dropping duplicates: topic and CloudEvents id."""
    subject: Subject
    message_id: str
    type: str
    speaker: str | None = None
    traceparent: str | None = None
    origin: Origin | None = None
    trusted: bool = True
    headers: Headers = ()
    value: bytes | None = None
    letter_id: str | None = None
    """Set when this is a dead letter taken again."""


TIMER = "timer"
"""Stands for a topic where a timer, not a message, asked for a decision."""


def timer(key: str, letter_id: str | None = None) -> Arrival:
    """The arrival of an instant that a document named."""
    return Arrival(key=key, id="", subject=Due(), message_id="", type=TIMER, letter_id=letter_id)


def internal(key: str, subject: Internal) -> Arrival:
    """The arrival of something a service tells itself."""
    return Arrival(key=key, id="", subject=subject, message_id="", type=type(subject).__name__)


class Reader:
    """Reads the records of one service's inputs."""

    def __init__(self, inputs: Sequence[Input], opener: Opener, redrive: Topic) -> None:
        self._inputs = inputs
        self._opener = opener
        self._redrive = redrive
        self._known: dict[str, tuple[Input, str | None, dict[str, type[Message]]]] = {}

    def read(self, record: KafkaRecord) -> Arrival | None:
        """What the record says; None for a type that is not for us and for a tombstone."""
        if record.value is None and not record.headers:
            return None
        if re.fullmatch(self._redrive.pattern, record.topic):
            return self._redriven(record)
        return self._read(record.topic, record.partition, record.offset, record.key, record.headers, record.value)

    def parse(self, type: str, body: str | bytes) -> Message | Unreadable:
        """The message of a CloudEvents type that one of the inputs carries."""
        model = next((m for i in self._inputs for m in i.messages if type == m.TYPE), None)
        if model is None:
            return Unreadable(type, (Problem("type", "not read any more"),))
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            return _unreadable(type, error)

    def _read(
        self, topic: str, partition: int, offset: int, key: bytes | None, headers: Headers, value: bytes | None
    ) -> Arrival | None:
        source, speaker, models = self._input(topic)
        place = f"{topic}/{partition}/{offset}"
        type = peek(headers, "type")
        if type is not None and type not in models:
            return None
        envelope = Envelope(id=peek(headers, "id") or place, source="", type=type or "")
        body = value or b""
        subject: Subject
        try:
            envelope, body = decode(headers, value)
            model = models.get(envelope.type)
            if model is None:
                return None
            message = model.model_validate_json(body)
            aggregate, subject = source.key(message, speaker), message
        except EnvelopeError as error:
            aggregate = _fallback_key(key if source.trusted else None, place)
            subject = Unreadable(envelope.type, (_envelope_problem(error),))
        except ValidationError as error:
            # a trusted sender's key is right; anybody else's unreadable message stands alone and can park nothing
            aggregate = _fallback_key(key if source.trusted else None, place)
            subject = _unreadable(envelope.type, error)
        return Arrival(
            key=aggregate,
            id=_bounded(f"{topic}:{envelope.id}"),
            subject=subject,
            message_id=_quotable(envelope.id),
            type=envelope.type,
            speaker=speaker,
            traceparent=envelope.traceparent if parse_traceparent(envelope.traceparent) else None,
            origin=Origin(
                topic=topic,
                partition=partition,
                offset=offset,
                id=_quotable(envelope.id),
                type=_quotable(envelope.type),
            ),
            trusted=source.trusted,
            headers=headers,
            value=value,
        )

    def _redriven(self, record: KafkaRecord) -> Arrival | None:
        try:
            _, body = decode(record.headers, record.value)
            letter = Redrive.model_validate_json(body)
            headers, value = unpack(self._opener.open(letter.box))
        except (EnvelopeError, ValidationError, SealingError, ValueError):
            return None
        origin = letter.origin
        if origin.topic == TIMER:
            return timer(letter.case_id, letter_id=letter.letter_id)
        if not any(re.fullmatch(each.topic.pattern, origin.topic) for each in self._inputs):
            return None
        arrival = self._read(origin.topic, origin.partition, origin.offset, letter.case_id.encode(), headers, value)
        if arrival is not None:
            arrival.key = letter.case_id
            arrival.letter_id = letter.letter_id
        return arrival

    def _input(self, topic: str) -> tuple[Input, str | None, dict[str, type[Message]]]:
        known = self._known.get(topic)
        if known is None:
            source = next(i for i in self._inputs if re.fullmatch(i.topic.pattern, topic))
            known = (source, source.topic.parameter(topic), {m.TYPE: m for m in source.messages})
            self._known[topic] = known
        return known


def pack(headers: Headers, value: bytes | None) -> bytes:
    """Headers and value of a record as one text of bytes, to be sealed."""
    named = [[name, _text(raw)] for name, raw in headers]
    return json.dumps({"headers": named, "value": _text(value)}).encode()


def unpack(packed: bytes) -> tuple[Headers, bytes | None]:
    """The inverse of `pack`. Raises `ValueError`."""
    try:
        document = json.loads(packed)
        headers = [(str(name), _bytes(raw)) for name, raw in document["headers"]]
        return headers, _bytes(document["value"])
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a packed record") from error


def _text(raw: bytes | None) -> str | None:
    """Base64: the largest record fits its dead letter, though it is sealed and packed once more."""
    return None if raw is None else base64.b64encode(raw).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def _unreadable(type: str, error: ValidationError) -> Unreadable:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return Unreadable(
        type, tuple(Problem(".".join(str(part) for part in f["loc"])[:200], f["type"]) for f in faults[:20])
    )


def _fallback_key(key: bytes | None, place: str) -> str:
    try:
        return str(UUID((key or b"").decode()))
    except ValueError:
        return str(uuid5(NAMESPACE_OID, place))


def _envelope_problem(error: EnvelopeError) -> Problem:
    """Names the attribute by its header where its value is at fault."""
    return Problem(f"ce_{error.attribute}" if error.attribute else "", error.kind or str(error))


def _quotable(id: str) -> str:
    """An id that answers and dead letters may quote. One too long, or no identifier, is replaced by its hash."""
    fits = len(id) <= LONGEST_ID and (not id or identifier_fault(id) is None)
    return id if fits else str(uuid5(NAMESPACE_OID, id))


def _bounded(id: str) -> str:
    """An id of a length we are willing to keep; a longer one is replaced by its hash."""
    return id if len(id) <= 160 else str(uuid5(NAMESPACE_OID, id))
