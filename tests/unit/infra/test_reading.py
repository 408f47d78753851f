"""From records to what is decided upon: nothing that a record contains may raise."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import create_model

from contracts.channel import SubmitComplaint, SupplementComplaint, WithdrawComplaint
from contracts.codes import AppealType, Channel, RefusalCode
from contracts.dead_letters import Origin, Redrive
from contracts.envelope import encode
from contracts.message import case_id_for
from contracts.refusals import unreadable
from contracts.registry import Topic
from contracts.topics import REGISTRY
from infra.decision import Due, Problem, UnknownType, Unreadable
from infra.reading import TIMER, UNKNOWN, Input, Reader, by_case, pack, unpack
from infra.sealing import Opener, Sealer, new_private_key, public_key_of
from services.intake.app import case_of, identify_case
from tests.unit.infra.bench import AT, INPUTS, KEY, REDRIVE, Added, Ask, Rec, added, ask, key_of, rec, said

A = key_of("a")
READER = Reader(INPUTS, Opener(KEY), REDRIVE)
SEALER = Sealer(public_key_of(KEY))
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
CHANNELS = Reader(
    (Input(REGISTRY["complaints.{channel}"], key=case_of, trusted=False, identify=identify_case),), Opener(KEY), REDRIVE
)


def read(record: Rec, reader: Reader = READER) -> Any:
    arrival = reader.read(record)
    assert arrival is not None
    return arrival


def without(name: str, record: Rec) -> Rec:
    return Rec(
        record.topic,
        record.value,
        [h for h in record.headers if h[0] != name],
        record.key,
        record.partition,
        record.offset,
    )


def structured(document: object, topic: str = "tallies.events", **headers: str) -> Rec:
    named = {"content-type": "application/cloudevents+json; charset=utf-8", **headers}
    return Rec(topic, json.dumps(document).encode(), [(k, v.encode()) for k, v in named.items()])


def cloudevent(**changes: object) -> dict[str, object]:
    data = json.loads(added(A, 2).model_dump_json())
    return {"specversion": "1.0", "id": "1", "source": "/t", "type": "test.tally.added.v1", "data": data, **changes}


def submission(**changes: Any) -> SubmitComplaint:
    given: dict[str, Any] = {
        "channel": Channel.WEB,
        "external_id": "x1",
        "received_at": AT,
        "appeal": AppealType.COMPLAINT,
        "category": "heating",
        "area": "city",
        "text": "x",
    }
    return SubmitComplaint(**{**given, **changes})


def test_a_record_in_binary_mode_is_read() -> None:
    message = encode(ask(A), id="1", source="/units/police", traceparent=TRACE)
    arrival = read(rec(message, partition=3, offset=42))
    assert (arrival.key, arrival.subject) == (A, ask(A))
    assert re.fullmatch(r"asks\.police:1:[0-9a-f]{16}", arrival.id)
    assert (arrival.message_id, arrival.type) == ("1", "test.tally.ask.v1")
    assert (arrival.speaker, arrival.trusted, arrival.traceparent) == ("police", False, TRACE)
    assert arrival.origin == Origin(topic="asks.police", partition=3, offset=42, id="1", type="test.tally.ask.v1")


def test_a_record_in_structured_mode_is_the_same_message() -> None:
    arrival = read(structured(cloudevent(traceparent=TRACE)))
    assert arrival.subject == added(A, 2)
    assert (arrival.id, arrival.key, arrival.traceparent) == ("tallies.events:1", A, TRACE)


@pytest.mark.parametrize("value", [b"not json", None, b"\xff\xfe", b'{"amount": "many"}', b"x" * 2_000_000])
def test_an_unknown_type_is_skipped_whatever_its_value_is(value: bytes | None) -> None:
    assert READER.read(rec(encode(added(A, 1), id="1", source="/t"), value=value, headers=foreign())) is None


def foreign() -> list[tuple[str, bytes | None]]:
    return [("ce_type", b"cn.somebody.else.v7"), ("ce_id", b"1")]


def test_an_unknown_type_in_structured_mode_is_skipped() -> None:
    assert READER.read(structured(cloudevent(type="cn.somebody.else.v7", data=17))) is None


def test_a_tombstone_is_passed_over() -> None:
    assert READER.read(Rec("tallies.events", None, (), A.encode())) is None


@pytest.mark.parametrize("extra", [("x-null", None), ("x-latin", b"\xe9"), ("", b""), ("CE_TYPE", None)])
def test_headers_that_are_null_or_not_utf8_are_passed_over(extra: tuple[str, bytes | None]) -> None:
    message = said(added(A, 2), "1")
    assert read(rec_with(message, extra)).subject == added(A, 2)


def rec_with(record: Rec, *extra: tuple[str, bytes | None]) -> Rec:
    return Rec(record.topic, record.value, [*record.headers, *extra], record.key)


@pytest.mark.parametrize("attribute", ["specversion", "id", "source"])
def test_a_missing_attribute_is_named(attribute: str) -> None:
    arrival = read(without(f"ce_{attribute}", said(ask(A), "1")))
    assert arrival.subject.problems == (Problem("", f"CloudEvents attribute {attribute!r} is missing"),)
    assert (arrival.subject.type, arrival.subject.code) == ("test.tally.ask.v1", RefusalCode.MALFORMED)
    assert (arrival.subject.topic, arrival.subject.origin) == ("asks.{unit}", arrival.origin)


@pytest.mark.parametrize("attribute", ["specversion", "id", "source"])
def test_a_missing_attribute_in_structured_mode_is_named(attribute: str) -> None:
    document = cloudevent(type="test.tally.ask.v1")
    del document[attribute]
    arrival = read(structured(document, topic="asks.police"))
    assert arrival.subject.problems == (Problem("", f"CloudEvents attribute {attribute!r} is missing"),)


# ---- types that a topic does not take


def typed(raw: bytes | None) -> Rec:
    return rec_with(without("ce_type", said(ask(A), "1")), ("ce_type", raw))


@pytest.mark.parametrize(
    ("record", "came"),
    [
        (typed(b"test.tally.aks.v1"), "test.tally.aks.v1"),
        (typed(b"test.tally.added.v1"), "test.tally.added.v1"),  # one of another topic
        (typed("诉\n".encode()), "诉\n"),
        (typed(b"\xff.v1"), "\\xff.v1"),
        (typed(b""), None),
        (typed(None), None),
        (without("ce_type", said(ask(A), "1")), None),
        (Rec("asks.police", b'{"amount": 1}', ()), None),
        (Rec("asks.police", b"not JSON", ()), None),
        (Rec("asks.police", None, ()), None),
        (Rec("asks.police", None, (), A.encode()), None),
        (without("ce_id", typed(b"test.tally.aks.v1")), "test.tally.aks.v1"),
        (structured(cloudevent(type="test.tally.aks.v1"), topic="asks.police"), "test.tally.aks.v1"),
        (structured({"id": "1", "data": {}}, topic="asks.police"), None),
        (structured({"type": 7}, topic="asks.police"), None),
    ],
)
def test_a_stranger_is_answered_whatever_type_comes(record: Rec, came: str | None) -> None:
    arrival = read(record)
    assert arrival.subject.unknown == UnknownType(came, ("test.tally.ask.v1",))
    assert arrival.subject.code == RefusalCode.UNKNOWN_TYPE
    assert (arrival.trusted, arrival.type, arrival.subject.problems) == (False, UNKNOWN, ())
    (told,) = unreadable(arrival.subject)
    assert (told.code, told.field, told.detail) == ("unknown-type", "type", "unknown" if came else "missing")
    for sentence in (told.zh, told.en):
        assert json.dumps(came) in sentence
        assert "test.tally.ask.v1" in sentence


def test_a_type_of_any_length_and_content_is_quoted_short_and_in_ascii() -> None:
    subject = read(typed("\u202e诉".encode() * 10_000)).subject
    (told,) = unreadable(subject)
    assert len(told.en) < 1_000
    assert told.en.isascii()
    assert len(subject.type) < 700
    assert len(subject.origin.type) <= 160


def test_a_known_type_that_another_service_decides_upon_is_skipped() -> None:
    topic = Topic("asks.{unit}", "", (Ask, Added), (), ())
    reader = Reader((Input(topic, trusted=False, wanted=(Ask,)),), Opener(KEY), REDRIVE)
    assert reader.read(rec(encode(added(A, 1), id="1", source="/t"), topic="asks.police")) is None
    assert reader.read(typed(b"test.tally.aks.v1")) is not None


DECLARED = re.compile(r'Input\(REGISTRY\["([^"]+)"\](.*)\),?$', re.MULTILINE)


def test_every_topic_of_partners_is_answered_by_one_service_which_reads_all_its_types() -> None:
    """As the services declare their inputs; two readers of one topic would both refuse an unknown type."""
    apps = (Path(__file__).parents[3] / "services").glob("*/app.py")
    inputs = [found for app in apps for found in DECLARED.findall(app.read_text(encoding="utf-8"))]
    answered = sorted(name for name, options in inputs if "trusted=False" in options)
    ours = {"intake", "routing", "scoring", "notify", "{service}"}
    partners = sorted(topic.name for topic in REGISTRY.topics if not set(topic.writers) & ours)
    assert answered == [name for name in partners if not name.startswith(("redrive", "reference"))]
    assert not [name for name, options in inputs if "trusted=False" in options and "wanted" in options]
    assert all(len(REGISTRY[name].readers) == 1 for name in answered)


# ---- what is learned from a body that does not fit


def test_an_unreadable_submission_is_filed_under_its_case_where_its_reference_can_be_read() -> None:
    for body in ({"external_id": "x1"}, {"external_id": "x1", "channel": "radio", "text": 7}):
        for type in (SubmitComplaint.TYPE, "cn.xiaoneng.complaint.sumbit.v1"):
            headers = [("ce_specversion", b"1.0"), ("ce_source", b"/t"), ("ce_type", type.encode()), ("ce_id", b"1")]
            arrival = read(Rec("complaints.web", json.dumps(body).encode(), headers), CHANNELS)
            assert (arrival.key, arrival.subject.external_id) == (case_id_for("web", "x1"), "x1")
            assert read(structured({"type": type, "data": body}, topic="complaints.web"), CHANNELS).key == arrival.key


@pytest.mark.parametrize(
    "value", [None, b"", b"[", b"[]", b"{}", b'{"external_id": 7}', b'{"external_id": ""}', b"[" * 100_000]
)
def test_without_a_reference_it_is_filed_under_its_position(value: bytes | None) -> None:
    arrival = read(Rec("complaints.web", value, (), b"a key", partition=1, offset=2), CHANNELS)
    assert arrival.key == str(uuid5(NAMESPACE_OID, "complaints.web/1/2"))
    assert arrival.subject.external_id is None


def test_a_mended_message_under_the_same_cloudevents_id_is_no_duplicate_of_the_broken_one() -> None:
    whole = said(submission(), "1", topic="complaints.web", offset=1)
    broken = Rec(whole.topic, (whole.value or b"").replace(b'"complaint"', b'"poem"'), whole.headers)
    first, second = read(broken, CHANNELS), read(whole, CHANNELS)
    assert isinstance(first.subject, Unreadable)
    assert (first.key, first.message_id) == (second.key, second.message_id)
    assert first.id != second.id


def test_a_case_id_is_read_in_any_letter_case() -> None:
    body = ask(A).model_dump_json().replace(A, A.upper()).encode()
    arrival = read(rec(encode(ask(A), id="1", source="/t"), value=body))
    assert (arrival.key, arrival.subject) == (A, ask(A))


def test_a_partners_message_sent_again_is_a_duplicate_though_it_is_stamped_anew() -> None:
    message, later = (
        encode(each, id="1", source="/t")
        for each in (ask(A), ask(A).model_copy(update={"issued_at": AT + timedelta(minutes=1)}))
    )
    first = read(rec(message))
    assert read(rec(message, offset=9)).id == first.id
    assert read(rec(later)).id == first.id
    body = json.dumps(json.loads(ask(A).model_dump_json()), indent=2, sort_keys=True).encode()
    assert read(rec(message, value=body)).id == first.id


def test_no_message_of_a_partner_is_dropped_for_another_under_the_same_cloudevents_id() -> None:
    """Some use their reference as the id of each message, and two programs of one partner may both count from 1."""
    given: dict[str, Any] = {"channel": Channel.WEB, "external_id": "x1"}
    sent = [
        encode(submission(), id="x1", source="/a"),
        encode(submission(), id="x1", source="/b"),
        encode(submission(area="nancheng"), id="x1", source="/a"),
        encode(submission(received_at=AT - timedelta(hours=1)), id="x1", source="/a"),
        encode(SupplementComplaint(**given, given_at=AT, text="x"), id="x1", source="/a"),
        encode(SupplementComplaint(**given, given_at=AT, text="y"), id="x1", source="/a"),
        encode(WithdrawComplaint(**given, withdrawn_at=AT), id="x1", source="/a"),
    ]
    arrivals = [read(rec(each), CHANNELS) for each in sent]
    assert {each.key for each in arrivals} == {case_id_for("web", "x1")}
    assert {each.message_id for each in arrivals} == {"x1"}
    assert len({each.id for each in arrivals}) == len(sent)


def test_a_message_of_our_own_is_known_by_its_cloudevents_id_alone() -> None:
    assert read(said(added(A, 2), "1")).id == read(said(added(A, 3), "1")).id == "tallies.events:1"


def test_a_reference_is_found_in_any_body_that_is_json() -> None:
    for rest in (b'"x": ' + b"9" * 5000, b'"x": "\\ud800"', b'"x": ' + b"[" * 300 + b"]" * 300, b'"x": 1e999'):
        for mark in (b"", b"\xef\xbb\xbf"):
            value = mark + b'{"external_id": "x1", ' + rest + b"}"
            arrival = read(Rec("complaints.web", value, said(submission(), "1").headers), CHANNELS)
            assert (arrival.key, arrival.subject.external_id) == (case_id_for("web", "x1"), "x1")


def test_a_message_that_fits_no_envelope_is_known_by_its_id_or_else_by_its_place() -> None:
    message = said(ask(A), "1", partition=1, offset=2)
    assert read(without("ce_source", message)).message_id == "1"
    assert read(without("ce_id", message)).message_id == "asks.police/1/2"


@pytest.mark.parametrize("value", [b"", b"[", b"[]", b"17", b"null", b"\xff", b"[" * 100_000, b"1" * 100_000])
def test_a_structured_value_that_is_no_object_is_answered(value: bytes) -> None:
    headers = [("content-type", b"application/cloudevents+json")]
    arrival = read(Rec("asks.police", value, headers))
    assert isinstance(arrival.subject, Unreadable)
    assert arrival.subject.problems[0].field == ""


def test_faults_are_named_by_field_and_kind_and_never_by_value() -> None:
    body = json.dumps({"case_id": "13800138000", "issued_at": "yesterday", "amount": "13800138000"}).encode()
    arrival = read(rec(encode(ask(A), id="1", source="/t"), value=body))
    assert {problem.field for problem in arrival.subject.problems} == {"case_id", "issued_at", "unit", "amount"}
    assert "13800138000" not in str(arrival.subject)


def test_no_more_than_twenty_faults_are_told() -> None:
    wide = create_model("Wide", __base__=Ask, **dict.fromkeys((f"f{n}" for n in range(50)), (int, ...)))  # type: ignore[call-overload]
    reader = Reader((Input(Topic("asks.{unit}", "", (wide,), (), ()), trusted=False),), Opener(KEY), REDRIVE)
    arrival = read(rec(encode(ask(A), id="1", source="/t"), value=b"{}"), reader)
    assert len(arrival.subject.problems) == 20


def test_a_body_of_two_megabytes_is_read_whole() -> None:
    text = "诉" * 700_000
    arrival = read(said(submission(text=text), "1"), CHANNELS)
    assert len(arrival.subject.text) == 700_000


def test_the_aggregate_comes_from_the_message_not_from_the_records_key() -> None:
    for key in (None, b"\xff", b"other", key_of("other").encode()):
        assert read(said(added(A, 2), "1", key=key)).key == A


def test_a_submission_belongs_to_the_channel_its_topic_proves_not_the_one_it_claims() -> None:
    arrival = read(said(submission(channel=Channel.RADIO), "1", topic="complaints.web"), CHANNELS)
    assert arrival.key == case_id_for("web", "x1")
    assert arrival.speaker == "web"


def test_an_unreadable_command_about_a_case_is_filed_under_the_case() -> None:
    reader = Reader(
        (Input(Topic("asks.{unit}", "", (Ask,), (), ()), trusted=False, identify=by_case),), Opener(KEY), REDRIVE
    )
    for right in (A, A.upper()):
        value = json.dumps({"case_id": right}).encode()
        assert read(rec(encode(ask(A), id="1", source="/t"), value=value), reader).key == A
    for wrong in ("x", 7, f"{{{A}}}", f"\u212a{A[1:]}", None):
        value = json.dumps({"case_id": wrong}).encode()
        assert read(rec(encode(ask(A), id="1", source="/t"), value=value), reader).key != A


def test_an_unreadable_message_of_a_stranger_is_filed_under_its_place_not_under_a_key_it_names() -> None:
    arrival = read(rec(encode(ask(A), id="1", source="/t"), value=b"{}", partition=1, offset=2))
    assert arrival.key == str(uuid5(NAMESPACE_OID, "asks.police/1/2")) != A


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"no uuid"])
def test_an_unreadable_message_without_a_key_is_filed_under_its_place(key: bytes | None) -> None:
    arrival = read(rec(encode(added(A, 2), id="1", source="/t"), value=b"{}", key=key))
    assert arrival.key == str(uuid5(NAMESPACE_OID, "tallies.events/0/0"))


def test_an_unreadable_message_of_our_own_is_filed_under_its_key() -> None:
    assert read(rec(encode(added(A, 2), id="1", source="/t"), value=b"{}")).key == A
    assert read(rec(encode(added(A, 2), id="1", source="/t"), value=b"{}", key=A.upper().encode())).key == A


def test_an_id_that_is_too_long_to_keep_is_replaced_by_one_that_is_not() -> None:
    long = [read(said(ask(A), "x" * 5_000 + end)) for end in ("1", "2", "1")]
    assert all(len(each.id) <= 200 and len(each.message_id) <= 200 for each in long)
    assert long[0].message_id == long[2].message_id != long[1].message_id


@pytest.mark.parametrize("trace", ["00-zz", "13800138000", "00-" + "0" * 32 + "-" + "b" * 16 + "-01"])
def test_a_broken_traceparent_goes_no_further(trace: str) -> None:
    assert read(rec(encode(ask(A), id="1", source="/t", traceparent=trace))).traceparent is None


# ---- dead letters taken again


def redrive(box: str, *, topic: str = "tallies.events", case_id: str = A) -> Rec:
    origin = Origin(topic=topic, partition=0, offset=7, id="1", type="test.tally.added.v1")
    letter = Redrive(
        case_id=case_id, occurred_at=AT, service="tally", letter_id="tallies.events:1", origin=origin, box=box
    )
    return said(letter, "again")


def box_of(record: Rec) -> str:
    return SEALER.seal(pack(record.headers, record.value))


def test_a_dead_letter_is_read_as_the_record_it_was() -> None:
    arrival = read(redrive(box_of(said(added(A, 2), "1"))))
    assert arrival.subject == added(A, 2)
    assert (arrival.id, arrival.letter_id, arrival.key) == ("tallies.events:1", "tallies.events:1", A)


def test_a_dead_letter_goes_back_to_the_key_it_was_filed_under() -> None:
    filed = str(uuid5(NAMESPACE_OID, "somewhere"))
    assert read(redrive(box_of(said(ask(A), "1")), topic="asks.police", case_id=filed)).key == filed


def test_a_timer_that_was_put_aside_is_a_timer_again() -> None:
    arrival = read(redrive(SEALER.seal(pack((), None)), topic=TIMER))
    assert isinstance(arrival.subject, Due)
    assert (arrival.key, arrival.letter_id, arrival.id) == (A, "tallies.events:1", "")


@pytest.mark.parametrize("topic", ["unknown.events", "", "tallies.events.more", "redrive.tally"])
def test_a_dead_letter_from_a_topic_this_service_does_not_read_is_passed_over(topic: str) -> None:
    assert READER.read(redrive(box_of(said(added(A, 2), "1")), topic=topic)) is None


def test_a_dead_letter_sealed_for_somebody_else_is_passed_over() -> None:
    theirs = Sealer(public_key_of(new_private_key()))
    assert READER.read(redrive(theirs.seal(pack((), b"")))) is None
    assert READER.read(redrive("no box")) is None


def test_a_redrive_that_fits_no_contract_is_passed_over_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[tuple[str, str]] = []
    reader = Reader(INPUTS, Opener(KEY), REDRIVE, lambda topic, code: counted.append((topic, code)))
    whole = redrive(box_of(said(added(A, 2), "1")))
    assert reader.read(Rec(whole.topic, b"{}", whole.headers)) is None
    assert reader.read(without("ce_id", whole)) is None
    assert reader.read(redrive(box_of(said(added(A, 2), "1")), topic="unknown.events")) is None
    ended = Rec("tallies.events", b"{}", foreign())
    assert reader.read(redrive(box_of(ended))) is None
    told = [vars(each)["fields"] for each in caplog.records]
    assert [each["why"] for each in told] == [
        "ValidationError",
        "EnvelopeError",
        "its topic is not read here",
        "its type is not read here",
    ]
    assert {each["topic"] for each in told} == {whole.topic}
    assert counted == [(whole.topic, "malformed")] * 4


# ---- whatever comes

raw = st.none() | st.binary(max_size=60)
named = st.sampled_from(
    ["ce_type", "ce_id", "ce_source", "ce_specversion", "ce_time", "ce_subject", "content-type", "traceparent"]
)
header = st.tuples(
    named | st.text(max_size=10),
    raw
    | st.sampled_from(
        [b"test.tally.ask.v1", b"test.tally.added.v1", b"1.0", b"application/cloudevents+json", TRACE.encode(), b"2026"]
    ),
)
json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
topic = st.sampled_from(["tallies.events", "asks.police", "redrive.tally"])


@settings(max_examples=100, deadline=None)
@given(topic=topic, key=raw, value=raw, headers=st.lists(header, max_size=8), offset=st.integers(0, 2**63 - 1))
def test_no_bytes_and_no_headers_make_reading_raise(
    topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]], offset: int
) -> None:
    arrival = READER.read(Rec(topic, value, headers, key, offset=offset))
    assert arrival is None or str(UUID(arrival.key)) == arrival.key


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(topic=topic, fields=st.dictionaries(st.sampled_from(["case_id", "issued_at", "amount", "unit"]), json_value))
def test_no_json_behind_a_good_envelope_makes_reading_raise(topic: str, fields: dict[str, object]) -> None:
    for message in (added(A, 2), ask(A)):
        body = json.dumps({**json.loads(message.model_dump_json()), **fields})
        good = encode(message, id="1", source="/t")
        assert read_or_none(rec(good, topic=topic, value=body.encode()))
        assert read_or_none(structured(cloudevent(type=message.TYPE, data=fields), topic=topic))


def read_or_none(record: Rec) -> bool:
    arrival = READER.read(record)
    return arrival is None or bool(UUID(arrival.key))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(attributes=st.dictionaries(st.sampled_from(["specversion", "id", "source", "type", "time", "data"]), json_value))
def test_no_structured_event_makes_reading_raise(attributes: dict[str, object]) -> None:
    assert read_or_none(structured(cloudevent(**attributes)))


@settings(max_examples=100, deadline=None)
@given(packed=st.binary(max_size=40) | json_value.map(lambda value: json.dumps(value).encode()), where=topic)
def test_nothing_under_a_good_seal_makes_reading_raise(packed: bytes, where: str) -> None:
    assert read_or_none(redrive(SEALER.seal(packed), topic=where))
    for field in ("headers", "value"):
        try:
            inner = {"headers": [], "value": None, field: json.loads(packed)}
        except ValueError:
            continue
        assert read_or_none(redrive(SEALER.seal(json.dumps(inner).encode()), topic=where))


@settings(max_examples=100, deadline=None)
@given(
    headers=st.lists(st.tuples(st.text(max_size=10), st.none() | st.binary(max_size=20)), max_size=6),
    value=st.none() | st.binary(max_size=200),
)
def test_what_is_packed_is_unpacked_as_it_was(headers: list[tuple[str, bytes | None]], value: bytes | None) -> None:
    assert unpack(pack(headers, value)) == (headers, value)


@settings(max_examples=100, deadline=None)
@given(packed=st.binary(max_size=40) | json_value.map(lambda value: json.dumps(value).encode()))
def test_what_was_not_packed_is_refused_by_one_kind_of_error(packed: bytes) -> None:
    try:
        headers, value = unpack(packed)
    except ValueError:
        return
    assert unpack(pack(headers, value)) == (headers, value)


def test_the_dead_letter_of_the_largest_record_fits_its_topic() -> None:
    largest = REGISTRY["complaints.{channel}"].max_message_bytes
    box = SEALER.seal(pack(said(submission(), "1").headers, b"x" * largest))
    whole = redrive(box).value or b""
    for topic in ("redrive.{service}", "dead-letters.{service}"):
        assert len(whole) + 4_096 < REGISTRY[topic].max_message_bytes
