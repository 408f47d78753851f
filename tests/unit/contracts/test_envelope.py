"""Records carry their message and its attributes there and back, whatever else is in them."""

from __future__ import annotations

import base64
import contextlib
import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.channel import SubmitComplaint
from contracts.envelope import Envelope, EnvelopeError, decode, encode, peek, record
from contracts.handling import SignCase
from contracts.message import case_id_for, event_id
from contracts.text import cleaned, identifier_fault
from tests.unit.contracts.golden import GOLDEN

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
BINARY = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/units/ecology"), ("ce_type", b"t.v1")]
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=utf-8")]
ATTRIBUTES = {"specversion": "1.0", "id": "1", "source": "/units/ecology", "type": "t.v1"}

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
identifiers = (
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=120)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: len(text) <= 120 and identifier_fault(text) is None)
)
instants = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


def complaint(**changes: object) -> SubmitComplaint:
    sample = GOLDEN[SubmitComplaint.TYPE]
    return SubmitComplaint.model_validate_json(sample.body).model_copy(update=changes)


def structured(**changes: object) -> bytes:
    return json.dumps({**ATTRIBUTES, **changes}).encode()


bodies = words.filter(lambda text: not text.startswith("\ufeff"))


@given(identifiers, identifiers, st.none() | words, st.none() | instants, st.none() | words, words, bodies)
def test_attributes_and_body_come_back_as_they_were_sent(id, source, subject, time, traceparent, key, body):
    sent = Envelope(id, source, "t.v1", subject, time, traceparent)
    written = record(topic="cases.events", key=key, body=body, envelope=sent)
    assert decode(written.headers, written.value) == (sent, body.encode())
    assert (written.topic, written.key.decode()) == ("cases.events", key)


@given(identifiers, words.map(cleaned), words.map(cleaned), instants)
def test_a_message_comes_back_as_it_was_sent(external_id, title, text, received_at):
    sent = complaint(external_id=external_id, title=title, text=text, received_at=received_at)
    written = encode(sent, id="radio:1", source="/channels/radio", traceparent=TRACEPARENT)
    envelope, body = decode(written.headers, written.value)
    assert SubmitComplaint.model_validate_json(body).model_dump() == sent.model_dump()
    assert envelope == Envelope("radio:1", "/channels/radio", sent.TYPE, sent.key, received_at, TRACEPARENT)


@given(
    st.lists(st.tuples(st.sampled_from([*dict(BINARY), "content-type", "ce_time", "x"]), st.none() | st.binary())),
    st.none() | st.binary(),
)
def test_any_record_is_read_or_refused_as_no_cloudevent(headers, value):
    try:
        envelope, _ = decode([*BINARY, *headers], value)
    except EnvelopeError:
        return
    envelope.id.encode()
    assert envelope.time is None or envelope.time.utcoffset() == timedelta(0)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_the_data_of_a_structured_record_is_its_body(data):
    assume(not isinstance(data, str) or not data.lstrip().startswith("{"))
    envelope, body = decode(STRUCTURED, structured(data=data))
    assert json.loads(body) == data
    assert envelope == Envelope("1", "/units/ecology", "t.v1")


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents+json",
        b"Application/CloudEvents+JSON; charset=UTF-8",
        b"APPLICATION/CLOUDEVENTS+JSON;charset=utf-8",
        b" application/cloudevents+json ; charset=utf-8",
    ],
)
def test_the_content_type_of_a_structured_record_may_be_written_in_any_letter_case(content_type: bytes):
    for name in ("content-type", "Content-Type", "CONTENT-TYPE"):
        envelope, body = decode([(name, content_type)], structured(data={"a": 1}))
        assert (envelope.type, json.loads(body)) == ("t.v1", {"a": 1})


@pytest.mark.parametrize(
    "datacontenttype", [None, "application/json", "Application/JSON; charset=utf-8", "application/vnd.city+json", ""]
)
def test_data_in_base64_is_the_body_byte_for_byte(datacontenttype: str | None):
    body = '{"text": "停水"}'.encode()
    value = structured(data_base64=base64.b64encode(body).decode(), datacontenttype=datacontenttype)
    assert decode(STRUCTURED, value)[1] == body


@pytest.mark.parametrize("text", ['{"a": "诉"}', ' \n{"a": "诉"}'])
@pytest.mark.parametrize("datacontenttype", [None, "application/json", "text/plain"])
def test_an_object_that_was_encoded_twice_is_the_body(text: str, datacontenttype: str | None):
    value = structured(data=text, datacontenttype=datacontenttype)
    assert json.loads(decode(STRUCTURED, value)[1]) == {"a": "诉"}


@pytest.mark.parametrize("content_type", [b"application/cloudevents-batch+json", b"Application/CloudEvents-Batch+JSON"])
def test_a_batch_is_refused_with_what_to_do(content_type: bytes):
    with pytest.raises(EnvelopeError, match="one event in each record"):
        decode([*BINARY, ("content-type", content_type)], b"[]")


@pytest.mark.parametrize("content_type", [b"application/cloudevents+avro", b"application/cloudevents+protobuf"])
def test_another_event_format_is_refused_with_what_to_do(content_type: bytes):
    with pytest.raises(EnvelopeError, match=r"application/cloudevents\+json"):
        decode([("content-type", content_type)], b"\x00")


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("2026-11-29t06:00:00z", datetime(2026, 11, 29, 6, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2026-11-29 14:00:00.123456789+08:00", datetime(2026, 11, 29, 6, 0, 0, 123456, tzinfo=UTC)),
        ("", None),
    ],
)
def test_the_time_may_have_every_form_of_rfc_3339(time: str, instant: datetime | None):
    assert decode([*BINARY, ("ce_time", time.encode())], b"{}")[0].time == instant
    assert decode(STRUCTURED, structured(time=time))[0].time == instant


def test_optional_attributes_may_be_empty_or_null_and_extensions_of_any_type():
    empty = [("ce_subject", b""), ("ce_time", b""), ("ce_dataschema", b""), ("traceparent", b""), ("ce_x", b"1")]
    assert decode([*BINARY, *empty], b"{}")[0] == Envelope("1", "/units/ecology", "t.v1")
    more = {"subject": "", "time": None, "dataschema": None, "traceparent": "", "number": 7, "flag": True}
    assert decode(STRUCTURED, structured(**more))[0] == Envelope("1", "/units/ecology", "t.v1")


def test_a_structured_record_may_carry_its_trace_as_attribute_or_header():
    for headers, value in (
        (STRUCTURED, structured(traceparent=TRACEPARENT)),
        ([*STRUCTURED, ("traceparent", TRACEPARENT.encode())], structured()),
    ):
        assert decode(headers, value)[0].traceparent == TRACEPARENT


def test_a_binary_record_may_carry_its_trace_as_the_cloudevents_extension():
    assert decode([*BINARY, ("ce_traceparent", TRACEPARENT.encode())], b"{}")[0].traceparent == TRACEPARENT


@pytest.mark.parametrize(
    ("header", "value", "kind"),
    [
        ("ce_id", "x" * 201, "string_too_long"),
        ("ce_id", "x" * 100_000, "string_too_long"),
        ("ce_id", " ", "identifier_blank"),
        ("ce_id", "1 ", "identifier_outer_space"),
        ("ce_id", "1\x00", "identifier_invisible_character"),
        ("ce_id", "1\u202e2", "identifier_invisible_character"),
        ("ce_id", "e\u0301", "identifier_not_nfc"),
        ("ce_source", "/" + "x" * 1000, "string_too_long"),
        ("ce_source", "/units/\u200becology", "identifier_invisible_character"),
        ("ce_type", "t.v1\n", "identifier_outer_space"),
    ],
)
def test_an_attribute_that_is_no_identifier_is_refused_by_name(header: str, value: str, kind: str):
    with pytest.raises(EnvelopeError, match=kind) as refused:
        decode([*BINARY, (header, value.encode())], b"{}")
    assert (refused.value.attribute, refused.value.kind) == (header.removeprefix("ce_"), kind)


def test_an_attribute_as_long_as_it_may_be_is_read():
    long = [("ce_id", b"x" * 200), ("ce_source", b"/" * 1000)]
    envelope, _ = decode([*BINARY, *long], b"{}")
    assert (len(envelope.id), len(envelope.source)) == (200, 1000)


def test_an_attribute_that_is_no_text_is_passed_over_in_a_structured_record():
    assert decode(STRUCTURED, structured(time=5, subject=None))[0] == Envelope("1", "/units/ecology", "t.v1")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (structured(id=7), "'id' must be a Unicode string"),
        (structured(source="\ud800"), "'source' must be a Unicode string"),
        (structured(id=None), "'id' is missing"),
        (structured(specversion=1.0), "'specversion' must be a Unicode string"),
        (structured(specversion="0.3"), "'specversion' must be 1.0"),
        (structured(data={}, data_base64="e30="), "both data and data_base64"),
        (structured(data_base64="not base64"), "data_base64 is not Base64"),
        (structured(data_base64=7), "data_base64 is not Base64"),
    ],
    ids=[
        "empty",
        "no UTF-8",
        "too deep",
        "list",
        "null",
        "no text",
        "half a pair",
        "null id",
        "a version as a number",
        "old version",
        "data twice",
        "no Base64",
        "a number in Base64",
    ],
)
def test_a_structured_record_that_is_no_cloudevent_is_refused_with_what_is_wrong(value: bytes, told: str):
    with pytest.raises(EnvelopeError, match=told):
        decode(STRUCTURED, value)


@pytest.mark.parametrize("subject", ["路灯 ", "e\u0301", "a\u200db", "two\nlines", "\u3164", "x" * 2000])
def test_a_subject_may_be_any_text(subject: str):
    assert decode([*BINARY, ("ce_subject", subject.encode())], b"{}")[0].subject == subject
    assert decode(STRUCTURED, structured(subject=subject))[0].subject == subject


MARK = "\ufeff"


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        (BINARY, f'{MARK}{{"a": 1}}'.encode()),
        (STRUCTURED, MARK.encode() + structured(data={"a": 1})),
        (STRUCTURED, structured(data=f'{MARK}{{"a": 1}}')),
        (STRUCTURED, structured(data_base64=base64.b64encode(f'{MARK}{{"a": 1}}'.encode()).decode())),
    ],
    ids=["binary", "structured", "data as text", "data in Base64"],
)
def test_a_byte_order_mark_before_json_is_taken_off(headers: list[tuple[str, bytes]], value: bytes):
    assert json.loads(decode(headers, value)[1].decode()) == {"a": 1}


def test_an_extension_of_any_json_type_is_passed_over():
    odd = {"priority": 5, "sampled": True, "ratio": 0.5, "nested": {"a": [1]}, "absent": None, "long": 0}
    value = structured(**odd).replace(b'"long": 0', b'"long": ' + b"9" * 5000)
    assert decode(STRUCTURED, value)[0] == Envelope("1", "/units/ecology", "t.v1")


@pytest.mark.parametrize("depth", range(940, 1000))
def test_a_structured_event_of_any_depth_is_read_or_refused(depth: int):
    value = structured(data="@").replace(b'"@"', b"[" * depth + b"]" * depth)
    with contextlib.suppress(EnvelopeError):  # no other error
        assert decode(STRUCTURED, value)[1].count(b"[") == depth


def test_the_data_is_handed_over_though_the_event_is_refused():
    for wrong in ({"id": 7}, {"data_base64": "e30="}, {"specversion": "0.3"}):
        with pytest.raises(EnvelopeError) as refused:
            decode(STRUCTURED, structured(**{"data": {"external_id": "x"}, **wrong}))
        assert refused.value.body == b'{"external_id": "x"}'


def test_half_a_surrogate_pair_in_the_data_is_left_for_the_model_to_refuse():
    _, body = decode(STRUCTURED, structured(data={"text": "\ud800"}))
    with pytest.raises(ValueError, match="Invalid JSON"):
        SubmitComplaint.model_validate_json(body)


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type"])
def test_a_record_without_a_required_attribute_is_refused_by_its_name(missing: str):
    headers = [(name, value) for name, value in BINARY if name != f"ce_{missing}"]
    with pytest.raises(EnvelopeError, match=f"'{missing}' is missing"):
        decode(headers, b"{}")


@pytest.mark.parametrize("time", ["yesterday", "2026-11-02T09:12:05", "0001-01-01T00:00:00+08:00", "13800000000"])
def test_a_time_that_is_no_instant_is_refused_without_repeating_it(time: str):
    with pytest.raises(EnvelopeError, match="'time'") as refused:
        decode([*BINARY, ("ce_time", time.encode())], b"{}")
    assert time not in str(refused.value)


def test_headers_of_others_that_are_null_or_not_utf8_are_passed_over():
    foreign = [("x-trace", None), ("ce_subject", None), ("x-raw", b"\xff\xfe"), ("ce_time", b"\xff")]
    envelope, body = decode([*BINARY, *foreign], b"{}")
    assert envelope == Envelope("1", "/units/ecology", "t.v1")
    assert body == b"{}"


def test_the_names_of_headers_may_be_written_in_capitals():
    headers = [(name.upper(), value) for name, value in BINARY]
    assert decode(headers, b"{}")[0].type == "t.v1"
    assert peek(headers, "type") == "t.v1"


def test_peeking_reads_one_attribute_of_a_record_that_need_not_be_whole():
    assert peek([("ce_type", b"t.v1")], "type") == "t.v1"
    assert peek([("ce_type", None)], "type") is None
    assert peek([("ce_type", b"\xff")], "type") is None


def test_a_tombstone_has_an_empty_body():
    assert decode(BINARY, None)[1] == b""


def test_time_is_written_in_utc_to_the_microsecond():
    message = SignCase(case_id=case_id_for("web", "1"), issued_at=datetime(2026, 11, 2, tzinfo=UTC), unit="ecology")
    half_past = message.model_copy(
        update={"issued_at": datetime(2026, 11, 2, 8, 0, 0, 5, timezone(timedelta(hours=8)))}
    )
    for each, told in ((message, b"2026-11-02T00:00:00Z"), (half_past, b"2026-11-02T00:00:00.000005Z")):
        assert dict(encode(each, id="1", source="/units/ecology").headers)["ce_time"] == told


def test_a_message_goes_to_the_topic_of_whom_it_is_for():
    message = SignCase(case_id=case_id_for("web", "1"), issued_at=datetime(2026, 11, 2, tzinfo=UTC), unit="ecology")
    written = encode(message, id="1", source="/units/ecology")
    assert (written.topic, written.key) == ("handling.ecology", message.case_id.encode())


def test_case_ids_and_event_ids_are_the_same_for_ever():
    """Written out: whoever changes how they are computed makes every case of the past a stranger."""
    case = case_id_for("hotline-12345", "RX20261102-000317")
    assert case == "aa2b8272-f724-587a-a778-4f041d623eb9"
    assert event_id("intake", case, 0) == GOLDEN["cn.xiaoneng.case.registered.v1"].headers["ce_id"]
    assert event_id("intake", case, 0) != event_id("intake", case, 1) != event_id("routing", case, 1)
    assert case_id_for("web", "1") != case_id_for("radio", "1")
