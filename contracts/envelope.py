"""The envelope: CloudEvents 1.0 in Kafka binary content mode, with W3C trace context.

Source: CloudEvents 1.0.2 §3, Kafka Protocol Binding §3.2 (attributes as ``ce_`` headers, UTF-8, data as the record's
value) and §3.3 (structured mode, which we read but never write); W3C Trace Context §3.2 (``traceparent``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.message import Message
from contracts.text import identifier_fault

Headers = Sequence[tuple[str, bytes]]

JSON = b"application/json"
STRUCTURED = "application/cloudevents+json"
_REQUIRED = ("specversion", "id", "source", "type")
LONGEST_ID = 200
"""Characters of a CloudEvents id, which answers quote."""
_LONGEST = {"id": LONGEST_ID, "source": 1000, "type": 200, "subject": 1000}
"""Characters of the attributes that are identifiers."""


class EnvelopeError(ValueError):
    """The record is no CloudEvent; `str()` says which attribute is missing or wrong, never what its value was."""

    def __init__(self, text: str, attribute: str | None = None, kind: str | None = None) -> None:
        super().__init__(text)
        self.attribute = attribute
        """The attribute at fault, where its value is."""
        self.kind = kind
        """What is wrong with it, for programs."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one CloudEvent."""

    id: str
    source: str
    type: str
    subject: str | None = None
    time: datetime | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What goes to Kafka: hand it to any producer."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def encode(message: Message, *, id: str, source: str, traceparent: str | None = None) -> Record:
    """A message as a Kafka record. `source` is a URI reference for the sender, such as ``/channels/radio``."""
    return record(
        topic=message.topic,
        key=message.key,
        body=message.model_dump_json(),
        envelope=Envelope(id, source, message.TYPE, message.key, message.time, traceparent),
    )


def record(*, topic: str, key: str, body: str, envelope: Envelope) -> Record:
    """A Kafka record from parts that are already serialised, as an outbox keeps them."""
    headers = [
        ("content-type", JSON),
        ("ce_specversion", b"1.0"),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
    ]
    if envelope.subject is not None:
        headers.append(("ce_subject", envelope.subject.encode()))
    if envelope.time is not None:
        headers.append(("ce_time", envelope.time.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()))
    if envelope.traceparent:
        headers.append(("traceparent", envelope.traceparent.encode()))
    return Record(topic, key.encode(), body.encode(), headers)


def decode(headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> tuple[Envelope, bytes]:
    """The attributes and the JSON data of a record in binary or structured mode.

    Raises `EnvelopeError` where a required attribute is missing. Headers that are null or not UTF-8 are passed over:
    they may belong to somebody else.
    """
    found = _texts(headers)
    if found.get("content-type", "").startswith(STRUCTURED):
        return _structured(found, value or b"")
    attributes = {name[3:]: text for name, text in found.items() if name.startswith("ce_")}
    return _envelope(attributes, found.get("traceparent") or attributes.get("traceparent")), value or b""


def peek(headers: Iterable[tuple[str, bytes | None]], attribute: str) -> str | None:
    """One attribute of a binary-mode record, for deciding whether to decode it at all."""
    return _texts(headers).get(f"ce_{attribute}")


def _texts(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, raw in headers:
        if raw is None:
            continue
        try:
            found[name.lower()] = raw.decode()
        except UnicodeDecodeError:
            continue
    return found


def _structured(found: dict[str, str], value: bytes) -> tuple[Envelope, bytes]:
    try:
        document = json.loads(value)
        data = document.get("data") if isinstance(document, dict) else None
        body = json.dumps(data).encode()  # half a surrogate pair stays escaped, for the model to refuse
    except (ValueError, RecursionError) as error:
        raise EnvelopeError("structured CloudEvent: the value is not JSON") from error
    if not isinstance(document, dict):
        raise EnvelopeError("structured CloudEvent: the value is not a JSON object")
    attributes = {name: text for name, text in document.items() if isinstance(text, str) and _encodable(text)}
    return _envelope(attributes, found.get("traceparent") or attributes.get("traceparent")), body


def _encodable(text: str) -> bool:
    """Whether UTF-8 can say it: JSON can escape half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _envelope(attributes: dict[str, str], traceparent: str | None) -> Envelope:
    for name in _REQUIRED:
        if not attributes.get(name):
            raise EnvelopeError(f"CloudEvents attribute {name!r} is missing")
    if attributes["specversion"] != "1.0":
        raise EnvelopeError("CloudEvents attribute 'specversion' must be 1.0")
    for name, most in _LONGEST.items():
        _check_identifier(name, attributes.get(name), most)
    return Envelope(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes.get("subject"),
        time=_instant(attributes.get("time")),
        traceparent=traceparent,
    )


def _check_identifier(name: str, text: str | None, most: int) -> None:
    """Raises `EnvelopeError` for what would not name the same thing to every reader."""
    if text is None:
        return
    kind = "string_too_long" if len(text) > most else identifier_fault(text)
    if kind is not None:
        raise EnvelopeError(f"CloudEvents attribute {name!r}: {kind}", name, kind)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise EnvelopeError("CloudEvents attribute 'time' is not an RFC 3339 timestamp") from error
    if instant.tzinfo is None:
        raise EnvelopeError("CloudEvents attribute 'time' has no time zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise EnvelopeError("CloudEvents attribute 'time' lies outside the calendar") from error
