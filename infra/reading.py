"""From Kafka records to what is decided upon. Nothing a record contains may raise from here."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import ValidationError

from contracts.dead_letters import Origin, Redrive
from contracts.envelope import LONGEST_ID, MOST_QUOTED, Envelope, EnvelopeError, decode, json_object, peek, quoted
from contracts.message import SENT_AT, Command, Message, field_of
from contracts.registry import Topic
from contracts.text import identifier_fault
from infra.decision import Due, Identity, Internal, Problem, Subject, UnknownType, Unreadable
from infra.sealing import Opener, SealingError
from infra.telemetry import parse_traceparent

log = logging.getLogger(__name__)

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


def by_case(body: Mapping[str, object], _parameter: str | None) -> Identity | None:
    """The case that a body names in `case_id`."""
    case_id = field_of(Command, "case_id", body)
    return Identity(case_id) if case_id else None


def by_position(_body: Mapping[str, object], _parameter: str | None) -> Identity | None:
    """Nothing is learned: the key is made of the record's position."""
    return None


@dataclass(frozen=True, slots=True)
class Input:
    """A topic, or family of topics, that a service reads."""

    topic: Topic
    key: Callable[[Message, str | None], str] = lambda message, _: message.key
    """The aggregate a message is about, from the message and the topic's parameter: never from the record's key, which
    a sender may have got wrong."""
    trusted: bool = True
    """Written by our own services: a message that does not fit parks its key, one of an unknown type is skipped.

    Otherwise both are answered with a refusal. One service alone reads such a topic, so that one refusal is made.
    """
    wanted: tuple[type[Message], ...] = ()
    """The types that are decided upon; others of the topic are skipped. None named: all that the topic carries."""
    identify: Callable[[Mapping[str, object], str | None], Identity | None] = by_position
    """What can be learned from the JSON object of a body that does not fit, and the topic's parameter."""

    @property
    def messages(self) -> tuple[type[Message], ...]:
        """The types that are read."""
        return self.wanted or self.topic.messages


@dataclass(slots=True)
class Arrival:
    """One thing to be decided upon, with where it came from."""

    key: str
    id: str
    """For dropping duplicates: topic and CloudEvents id; of a partner's message also a digest of its content."""
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


UNKNOWN = "unknown"
"""Takes the place of a type that a topic does not carry, wherever types are counted."""
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

    def __init__(
        self,
        inputs: Sequence[Input],
        opener: Opener,
        redrive: Topic,
        count: Callable[[str, str], None] = lambda _topic, _code: None,
    ) -> None:
        """`count` is called with topic and code for each redrive that is passed over."""
        self._inputs = inputs
        self._opener = opener
        self._redrive = redrive
        self._count = count
        self._known: dict[str, tuple[Input, str | None, dict[str, type[Message]]]] = {}

    def read(self, record: KafkaRecord) -> Arrival | None:
        """What a record asks for; None for what our own services write to others, tombstones included."""
        if re.fullmatch(self._redrive.pattern, record.topic):
            return self._redriven(record)
        return self._read(record.topic, record.partition, record.offset, record.key, record.headers, record.value)

    def parse(self, type: str, body: str | bytes) -> Message | Unreadable:
        """The message of a CloudEvents type that one of the inputs carries."""
        model = next((m for i in self._inputs for m in i.messages if type == m.TYPE), None)
        if model is None:
            return Unreadable(type, (Problem("type", "not read any more"),))
        return _message(model, body if isinstance(body, bytes) else body.encode())

    def _read(
        self, topic: str, partition: int, offset: int, key: bytes | None, headers: Headers, value: bytes | None
    ) -> Arrival | None:
        source, speaker, models = self._input(topic)
        position = f"{topic}/{partition}/{offset}"
        if source.trusted and _not_for_us(headers, value, models):
            return None
        envelope, body, fault = _decoded(headers, value)
        unknown = None if source.trusted else _unknown_type(envelope.type, headers, fault, source.topic)
        subject: Subject
        if unknown is None and envelope.type and envelope.type not in models:
            return None  # another service's
        if fault is None and unknown is None:
            subject = _message(models[envelope.type], body)
        else:
            problems = () if unknown or fault is None else (_envelope_problem(fault),)
            subject = Unreadable(envelope.type, problems, unknown)
        type, id = _name_of(envelope.type, unknown), _quotable(envelope.id or position)
        origin = Origin(topic=topic, partition=partition, offset=offset, id=id, type=_quotable(type))
        dedup_id = _bounded(f"{topic}:{envelope.id or position}")
        if not isinstance(subject, Unreadable):
            aggregate = source.key(subject, speaker)
            if not source.trusted:
                dedup_id = _bounded(f"{dedup_id}:{_digest(envelope, subject)}")
        elif source.trusted:  # our own services name the right key
            aggregate = _fallback_key(key, position)
        else:  # by its position: what is mended may come under the same CloudEvents id
            identity = _identity(source, speaker, body)
            aggregate = identity.key if identity else _fallback_key(None, position)
            external_id = identity.external_id if identity else None
            subject = replace(subject, type=type, topic=source.topic.name, origin=origin, external_id=external_id)
            dedup_id = position
        return Arrival(
            key=aggregate,
            id=dedup_id,
            subject=subject,
            message_id=id,
            type=UNKNOWN if unknown else envelope.type,
            speaker=speaker,
            traceparent=envelope.traceparent if parse_traceparent(envelope.traceparent) else None,
            origin=origin,
            trusted=source.trusted,
            headers=headers,
            value=value,
        )

    def _redriven(self, record: KafkaRecord) -> Arrival | None:
        try:
            _, body = decode(record.headers, record.value)
            letter = Redrive.model_validate_json(body)
            headers, value = unpack(self._opener.open(letter.box))
        except (EnvelopeError, ValidationError, SealingError, ValueError) as error:
            self._not_redriven(record, type(error).__name__)
            return None
        origin = letter.origin
        if origin.topic == TIMER:
            return timer(letter.case_id, letter_id=letter.letter_id)
        if not any(re.fullmatch(each.topic.pattern, origin.topic) for each in self._inputs):
            self._not_redriven(record, "its topic is not read here")
            return None
        arrival = self._read(origin.topic, origin.partition, origin.offset, letter.case_id.encode(), headers, value)
        if arrival is None:
            self._not_redriven(record, "its type is not read here")
            return None
        arrival.key = letter.case_id
        arrival.letter_id = letter.letter_id
        return arrival

    def _not_redriven(self, record: KafkaRecord, why: str) -> None:
        """Count and log a redrive without effect: its dead letter is parked as before."""
        self._count(record.topic, "malformed")
        fields = {"topic": record.topic, "partition": record.partition, "offset": record.offset, "why": why}
        log.warning("a redrive cannot be read", extra={"fields": fields})

    def _input(self, topic: str) -> tuple[Input, str | None, dict[str, type[Message]]]:
        known = self._known.get(topic)
        if known is None:
            source = next(i for i in self._inputs if re.fullmatch(i.topic.pattern, topic))
            known = (source, source.topic.parameter(topic), {m.TYPE: m for m in source.messages})
            self._known[topic] = known
        return known


def _not_for_us(headers: Headers, value: bytes | None, models: Mapping[str, type[Message]]) -> bool:
    """Whether a record of our own services is a tombstone, or of a type that its header names and we do not read."""
    type = peek(headers, "type")
    return (value is None and not headers) or (type is not None and type not in models)


def _decoded(headers: Headers, value: bytes | None) -> tuple[Envelope, bytes, EnvelopeError | None]:
    """Envelope and body; or of a record that is no CloudEvent, what could be read of them and what is wrong."""
    try:
        return *decode(headers, value), None
    except EnvelopeError as error:
        found = error.attributes or {}
        id, type = (found.get(name) or peek(headers, name) or "" for name in ("id", "type"))
        body = error.body if error.body is not None else value or b""
        return Envelope(id=id, source="", type=type, traceparent=found.get("traceparent")), body, error


def _unknown_type(type: str, headers: Headers, fault: EnvelopeError | None, topic: Topic) -> UnknownType | None:
    """The fault of a type that the topic does not carry; None where the type is known or could not be looked for."""
    taken = tuple(message.TYPE for message in topic.messages)
    if type in taken or (fault is not None and fault.attributes is None):
        return None
    raw = next((raw for name, raw in headers if name.lower() == "ce_type" and raw is not None), None)
    came = type or (raw.decode(errors="backslashreplace") if raw else None)
    return UnknownType(came, taken)


def _name_of(type: str, unknown: UnknownType | None) -> str:
    """The type as it may be repeated: a sender chooses what an unknown one contains."""
    if unknown is None or (type.isascii() and type.isprintable() and len(type) <= MOST_QUOTED):
        return type
    return quoted(unknown.came)


def _message(model: type[Message], body: bytes) -> Message | Unreadable:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        return _unreadable(model.TYPE, error)


def _digest(envelope: Envelope, message: Message) -> str:
    """Distinguishes messages that a partner sends under one CloudEvents id, so that none is dropped for another.

    A message sent again has the same digest though its time of sending differs.
    """
    content = f"{envelope.source}\n{message.TYPE}\n{message.model_dump_json(exclude=SENT_AT)}"
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def without_digest(id: str) -> str:
    """Topic and CloudEvents id of a client's message, from the id by which its duplicates are dropped."""
    return id.rpartition(":")[0]


def _identity(source: Input, parameter: str | None, body: bytes) -> Identity | None:
    if source.identify is by_position:
        return None
    document = json_object(body)
    return None if document is None else source.identify(document, parameter)


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
