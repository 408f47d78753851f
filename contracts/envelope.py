"""The envelope: CloudEvents 1.0 in Kafka binary content mode, with W3C trace context.

Source: CloudEvents 1.0.2 §3, Kafka Protocol Binding §3.2 (attributes as ``ce_`` headers, UTF-8, data as the record's
value) and §3.3 (structured mode, which we read but never write); W3C Trace Context §3.2 (``traceparent``).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.instants import parse_instant
from contracts.message import Message
from contracts.text import identifier_fault

Headers = Sequence[tuple[str, bytes]]

JSON = b"application/json"
STRUCTURED = "application/cloudevents+json"
_BATCHED = "application/cloudevents-batch"
_ANY_STRUCTURED = "application/cloudevents"
MOST_QUOTED = 100
"""Longest part of a sender's text that an answer quotes, in characters."""
_REQUIRED = ("specversion", "id", "source", "type")
LONGEST_ID = 200
"""Characters of a CloudEvents id, which answers quote."""
_LONGEST = {"id": LONGEST_ID, "source": 1000, "type": 200}
"""Characters of the attributes that are identifiers. A subject may be any text: nothing is decided by it."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_DIGITS = 4000
"""Digits of an integer that Python's `int` converts, whose own limit is 4300."""


class EnvelopeError(ValueError):
    """The record is not a CloudEvent. `str()` names the missing or invalid attribute, never its value."""

    def __init__(
        self,
        text: str,
        attribute: str | None = None,
        kind: str | None = None,
        *,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.attribute = attribute
        """The attribute whose value is invalid, if any."""
        self.kind = kind
        """The detail code of the fault."""
        self.attributes = attributes
        """The readable attributes; None when the event itself is unreadable."""
        self.body: bytes | None = None
        """The data of a structured event, if readable."""


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

    The content type and the names of headers may be written in any letter case. An optional attribute that is null or
    empty counts as absent. Headers that are null or not UTF-8 are ignored: they may belong to another system. A byte
    order mark before the JSON data is taken off, as RFC 8259 §8.1 allows.

    Raises `EnvelopeError` where a required attribute is missing, and for a content mode that cannot be read.
    """
    found = _texts(headers)
    media_type = found.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == STRUCTURED:
        return _structured(found, value or b"")
    if media_type.startswith(_BATCHED):
        raise EnvelopeError("batched CloudEvents are not supported: send one event in each record")
    if media_type.startswith(_ANY_STRUCTURED):
        raise EnvelopeError(f"this event format is not supported: send {STRUCTURED}, or binary mode with ce_ headers")
    attributes = {name[3:]: text for name, text in found.items() if name.startswith("ce_")}
    return _envelope(attributes, found.get("traceparent") or attributes.get("traceparent")), _unmarked(value or b"")


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
        document = _parsed(value)
    except ValueError as error:
        raise EnvelopeError("structured CloudEvent: the value is not JSON") from error
    if not isinstance(document, dict):
        raise EnvelopeError("structured CloudEvent: the value is not a JSON object")
    attributes = {name: text for name, text in document.items() if isinstance(text, str) and _encodable(text)}
    body = _data(document, attributes)
    try:
        _check_strings(document, attributes)
        return _envelope(attributes, found.get("traceparent") or attributes.get("traceparent")), body
    except EnvelopeError as error:
        error.body = body
        raise


def _check_strings(document: dict[str, Any], attributes: dict[str, str]) -> None:
    """Raises `EnvelopeError` for a required attribute of another JSON type."""
    for name in _REQUIRED:
        if document.get(name) is not None and name not in attributes:
            raise EnvelopeError(f"CloudEvents attribute {name!r} must be a Unicode string", attributes=attributes)


def json_object(value: bytes) -> dict[str, Any] | None:
    """The JSON object that these bytes are; None where they are none, or nested too deep to be read."""
    try:
        document = _parsed(value)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _parsed(value: bytes) -> Any:
    """The JSON value of these bytes. Raises `ValueError`."""
    try:
        return json.loads(value, parse_int=_integer)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _integer(digits: str) -> int | float:
    """An integer of any length: of one that Python does not convert only the size is known."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _unmarked(value: bytes) -> bytes:
    return value.removeprefix(_BYTE_ORDER_MARK)


def _data(document: dict[str, Any], attributes: dict[str, str]) -> bytes:
    """The body of a structured event: its JSON data, or the bytes of ``data_base64``.

    Every body of ours is a JSON object, so a text that holds an object is read as that object: some senders encode
    their data twice, and others declare a content type other than JSON.
    Source: CloudEvents JSON Format 1.0.2 §3.1.
    """
    data, encoded = document.get("data"), document.get("data_base64")
    if encoded is None:
        if isinstance(data, str) and data.lstrip("\ufeff \t\r\n").startswith("{") and _encodable(data):
            return _unmarked(data.encode())
        return _dumped(data)
    if data is not None:
        both = EnvelopeError("structured CloudEvent: both data and data_base64 are given", attributes=attributes)
        both.body = _dumped(data)
        raise both
    try:
        return _unmarked(base64.b64decode(encoded, validate=True))
    except (TypeError, ValueError) as error:
        raise EnvelopeError("structured CloudEvent: data_base64 is not Base64", attributes=attributes) from error


def _dumped(data: Any) -> bytes:
    """The data as JSON. Half a surrogate pair stays escaped, for the model to refuse."""
    try:
        return json.dumps(data).encode()
    except RecursionError as error:
        raise EnvelopeError("structured CloudEvent: the data is nested too deep") from error


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
            raise EnvelopeError(f"CloudEvents attribute {name!r} is missing", attributes=attributes)
    if attributes["specversion"] != "1.0":
        raise EnvelopeError("CloudEvents attribute 'specversion' must be 1.0", attributes=attributes)
    for name, most in _LONGEST.items():
        _check_identifier(name, attributes, most)
    return Envelope(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes.get("subject") or None,
        time=_instant(attributes),
        traceparent=traceparent or None,
    )


def _check_identifier(name: str, attributes: dict[str, str], most: int) -> None:
    """Check the identifier attributes. Raises `EnvelopeError`."""
    text = attributes.get(name)
    if not text:
        return
    kind = "string_too_long" if len(text) > most else identifier_fault(text)
    if kind is not None:
        raise EnvelopeError(f"CloudEvents attribute {name!r}: {kind}", name, kind, attributes=attributes)


def _instant(attributes: dict[str, str]) -> datetime | None:
    text = attributes.get("time")
    if not text:
        return None
    try:
        return parse_instant(text).astimezone(UTC)
    except ValueError as error:
        raise EnvelopeError(
            "CloudEvents attribute 'time' is not an RFC 3339 timestamp", attributes=attributes
        ) from error


def quoted(text: str | None) -> str:
    """Quote a sender's text as an ASCII JSON string, truncated to 100 characters; ``null`` for None."""
    return json.dumps(text if text is None or len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…")
