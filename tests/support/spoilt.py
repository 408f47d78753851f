"""Submissions that are spoilt, in every way a partner's program can get one wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.channel import MAX_TEXT, MAX_TITLE, SubmitComplaint
from contracts.envelope import encode
from contracts.refusals import Reason
from tests.support.bus import complaint
from tests.support.city import Headers, reference

Said = tuple[str, str | None]
"""Code and field of a reason."""


@dataclass(frozen=True)
class Raw:
    """A submission as bytes, to be spoilt."""

    value: bytes | None
    headers: Headers
    key: bytes | None
    id: str = field(default_factory=lambda: uuid4().hex)

    def body(self, **changes: Any) -> Raw:
        """With other values in its fields; `...` leaves a field out."""
        document = json.loads(self.value or b"") | changes
        return replace(self, value=json.dumps({k: v for k, v in document.items() if v is not ...}).encode())

    def header(self, name: str, value: bytes | None) -> Raw:
        """With another value of a header."""
        return replace(self, headers=[*(h for h in self.headers if h[0] != name), (name, value)])


def sound(submission: SubmitComplaint | None = None) -> Raw:
    """A submission that would be registered."""
    id = uuid4().hex
    record = encode(submission or complaint(reference()), id=id, source="/channels/web")
    return Raw(record.value, record.headers, record.key, id)


def structured(raw: Raw) -> Raw:
    """The same in structured content mode."""
    attributes = {name[3:]: text.decode() for name, text in raw.headers if name.startswith("ce_") and text}
    document = {**attributes, "datacontenttype": "application/json", "data": json.loads(raw.value or b"")}
    return replace(
        raw, value=json.dumps(document).encode(), headers=[("content-type", b"application/cloudevents+json")]
    )


Spoil = Callable[[Raw], Raw]

UNREADABLE: dict[str, tuple[Spoil, set[str]]] = {
    "not JSON": (lambda r: replace(r, value=b"complaint: noise"), {"json_invalid"}),
    "JSON cut off": (lambda r: replace(r, value=(r.value or b"")[:-20]), {"json_invalid"}),
    "no UTF-8": (lambda r: replace(r, value=b'{"text": "\xff\xfe"}'), {"json_invalid"}),
    "half a surrogate pair": (
        lambda r: replace(r, value=(r.value or b"").replace(b"\xe6", b"\\ud800", 1)),
        {"json_invalid"},
    ),
    "nested a hundred thousand deep": (lambda r: replace(r, value=b"[" * 100_000), {"json_invalid"}),
    "a list": (lambda r: replace(r, value=b"[]"), {"model_type"}),
    "an empty value": (lambda r: replace(r, value=b""), {"json_invalid"}),
    "no value": (lambda r: replace(r, value=None), {"json_invalid"}),
    "wrong types": (lambda r: r.body(text=5, urgent="yes", contact="none"), {"text", "urgent", "contact"}),
    "fields missing": (lambda r: r.body(text=..., area=...), {"text", "area"}),
    "an unknown appeal": (lambda r: r.body(appeal="poem"), {"appeal"}),
    "a time without zone": (lambda r: r.body(received_at="2026-11-20T10:00:00"), {"received_at"}),
    "an empty reference": (lambda r: r.body(external_id=""), {"external_id"}),
    "a name of 101 characters": (lambda r: r.body(contact={"name": "王" * 101}), {"contact.name"}),
    "a null id": (lambda r: r.header("ce_id", None), {"CloudEvents attribute 'id' is missing"}),
    "an id that is not UTF-8": (lambda r: r.header("ce_id", b"\xff"), {"CloudEvents attribute 'id' is missing"}),
    "another version": (
        lambda r: r.header("ce_specversion", b"0.3"),
        {"CloudEvents attribute 'specversion' must be 1.0"},
    ),
    "structured, but not JSON": (
        lambda r: replace(structured(r), value=b"{"),
        {"structured CloudEvent: the value is not JSON"},
    ),
    "1.5 MB of nothing": (lambda r: replace(r, value=b"x" * 1_500_000), {"json_invalid"}),
    "2 MB of nothing": (lambda r: replace(r, value=b"x" * 2_000_000), {"json_invalid"}),
}
"""By what is wrong: how a sound submission is spoilt, and the fields, or faults of no field, that the refusal names."""


REFUSED: dict[str, tuple[Spoil, set[Said]]] = {
    "an unknown area": (lambda r: r.body(area="atlantis"), {("area-unknown", "area")}),
    "an unknown category": (lambda r: r.body(category="dragons"), {("category-unknown", "category")}),
    "no text": (lambda r: r.body(text=" \n"), {("text-missing", "text")}),
    "too much text": (lambda r: r.body(text="话" * (MAX_TEXT + 1)), {("text-too-long", "text")}),
    "1.5 MB of text": (lambda r: r.body(text="x" * 1_500_000), {("text-too-long", "text")}),
    "2 MB of text": (lambda r: r.body(text="x" * 2_000_000), {("text-too-long", "text")}),
    "too long a title": (lambda r: r.body(title="话" * (MAX_TITLE + 1)), {("text-too-long", "title")}),
    "a date to come": (
        lambda r: r.body(received_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat()),
        {("received-in-future", "received_at")},
    ),
    "the last of all dates": (
        lambda r: r.body(received_at="9999-12-31T23:59:59-14:00"),
        {("received-in-future", "received_at")},
    ),
    "the first of all dates": (
        lambda r: r.body(received_at="0001-01-01T00:00:00+14:00"),
        {("malformed", "received_at")},
    ),
    "a telephone number that is none": (
        lambda r: r.body(contact={"phone": "call me"}),
        {("contact-malformed", "contact.phone")},
    ),
    "an address that is none": (
        lambda r: r.body(contact={"email": "me at home"}),
        {("contact-malformed", "contact.email")},
    ),
    "two addresses in one": (
        lambda r: r.body(contact={"email": "a@b.example,c@d.example"}),
        {("contact-malformed", "contact.email")},
    ),
    "an answer by e-mail without address": (
        lambda r: r.body(contact={"reply_by": "email"}),
        {("contact-missing", "contact.email")},
    ),
    "another channel's name": (lambda r: r.body(channel="radio"), {("malformed", "channel")}),
    "everything at once": (
        lambda r: r.body(area="atlantis", category="dragons", text="", contact={"phone": "0", "email": "0"}),
        {
            ("area-unknown", "area"),
            ("category-unknown", "category"),
            ("text-missing", "text"),
            ("contact-malformed", "contact.phone"),
            ("contact-malformed", "contact.email"),
        },
    ),
}
"""By what is wrong: how a sound submission is spoilt, and every reason of the refusal."""


ODD: dict[str, Spoil] = {
    "a null header": lambda r: r.header("x-null", None),
    "a binary header": lambda r: r.header("x-bytes", b"\xff\xfe"),
    "a broken traceparent": lambda r: r.header("traceparent", b"no trace"),
    "no key": lambda r: replace(r, key=None),
    "a key of another kind": lambda r: replace(r, key=b"\xff not a case"),
    "a field of the future": lambda r: r.body(a_field_of_the_future={"deep": [1, 2]}),
    "structured mode": structured,
}
"""By what is odd, and yet no reason to refuse."""


def assert_bilingual(reasons: tuple[Reason, ...]) -> None:
    """Each reason is a sentence in Chinese and one in English."""
    assert reasons
    for reason in reasons:
        assert re.search(r"[\u4e00-\u9fff].*。$", reason.zh)
        assert re.fullmatch(r"[A-Z][ -~]+\.", reason.en)
