"""One trace per complaint, from the channel that submitted it to the mail that answered it, edge by edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanKind, set_span_in_context

from contracts.channel import Contact, RateCase, SubmitComplaint
from contracts.codes import Channel, HandlingResult, ReplyBy, Satisfaction
from contracts.handling import ReportHandling, SignCase
from contracts.intake import CaseRegistered, ContactSealed
from contracts.notify import ComplaintAnswered, RatingAnswered
from contracts.routing import AssignmentOffered, CaseClosed
from contracts.scoring import CaseRated, ClockStarted, ClockStopped
from infra.telemetry import parse_traceparent, traceparent_of
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.otlp import CLIENT, CONSUMER, Exported

UNIT = "police-beicheng"
SUBMIT = SubmitComplaint.TYPE

EDGES = [
    (("routing", CaseRegistered.TYPE), ("intake", SUBMIT)),
    (("scoring", CaseRegistered.TYPE), ("intake", SUBMIT)),
    (("notify", CaseRegistered.TYPE), ("intake", SUBMIT)),
    (("notify", ContactSealed.TYPE), ("intake", SUBMIT)),
    (("scoring", CaseClosed.TYPE), ("routing", ReportHandling.TYPE)),
    (("notify", CaseClosed.TYPE), ("routing", ReportHandling.TYPE)),
    (("notify", CaseRated.TYPE), ("scoring", RateCase.TYPE)),
]
"""Who processed what, and who had processed what it followed from."""

DEPRECATED = {
    "messaging.operation",
    "messaging.destination",
    "messaging.message_id",
    "messaging.kafka.consumer.group",
    "messaging.kafka.consumer_group",
    "messaging.kafka.destination.partition",
    "messaging.kafka.message.offset",
    "messaging.kafka.partition",
    "messaging.client_id",
}
"""Names of messaging attributes that the conventions have given up."""


class Client:
    """A partner's own program, with its own tracing."""

    def __init__(self, name: str, endpoint: str) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
        self._provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")))
        self._tracer = self._provider.get_tracer("tests")

    @contextmanager
    def send(self, topic: str, traceparent: str | None = None) -> Iterator[str]:
        """A span around a send; yields the `traceparent` that goes with the message."""
        remote = parse_traceparent(traceparent)
        context = set_span_in_context(NonRecordingSpan(remote)) if remote else None
        with self._tracer.start_as_current_span(f"send {topic}", context, SpanKind.PRODUCER) as span:
            yield traceparent_of(span.get_span_context())

    def close(self) -> None:
        """All spans are exported."""
        self._provider.shutdown()


@pytest.fixture(scope="package")
async def spans(city: City) -> list[Exported]:
    """Every span of the trace of one complaint that was answered by mail and rated."""
    channel, staff = Client("portal", city.receiver.url), Client("staff-app", city.receiver.url)
    contact = Contact(email="traced@city.example", reply_by=ReplyBy.EMAIL)
    submission = complaint(reference(), contact=contact)
    case_id, now = submission.case_id, datetime.now(UTC)

    with channel.send(submission.topic) as traceparent:
        await city.say(submission, traceparent=traceparent)
    offered = await city.seen(AssignmentOffered, case_id)
    with staff.send(f"handling.{UNIT}", offered.envelope.traceparent) as traceparent:
        await city.say(SignCase(case_id=case_id, issued_at=now, unit=UNIT), traceparent=traceparent)
    with staff.send(f"handling.{UNIT}", offered.envelope.traceparent) as traceparent:
        report = ReportHandling(
            case_id=case_id, issued_at=now, unit=UNIT, result=HandlingResult.RESOLVED, reply="已办结。"
        )
        await city.say(report, traceparent=traceparent)
    answered = await city.seen(ComplaintAnswered, case_id)
    await city.heard(ClockStopped, case_id)
    with channel.send("feedback.web", answered.envelope.traceparent) as traceparent:
        rating = RateCase(
            case_id=case_id, issued_at=now, channel=Channel.WEB, satisfaction=Satisfaction.SATISFIED, solved=True
        )
        await city.say(rating, traceparent=traceparent)
    await city.heard(RatingAnswered, case_id)
    channel.close()
    staff.close()
    trace_id = str(answered.envelope.traceparent).split("-")[1]

    def complete(found: list[Exported]) -> bool:
        mine = [span for span in found if span.trace_id == trace_id]
        processed = {(span.service, span.attributes.get("cloudevents.event_type")) for span in mine}
        known = {span.span_id for span in found}
        named = {parent for span in mine for parent in (span.parent_id, *span.links) if parent}
        ends = {side for edge in EDGES for side in edge} | {("routing", SignCase.TYPE), ("notify", CaseRated.TYPE)}
        return ends <= processed and named <= known and sum(span.name == "send smtp" for span in mine) == 2

    found = await city.receiver.until(complete)
    elsewhere = [span for span in found if span.attributes.get("xn.case.id") == case_id and span.trace_id != trace_id]
    assert not elsewhere, "timers and what came of a mail belong to the trace, too"
    linked = {link for span in found if span.trace_id == trace_id for link in span.links}
    return [span for span in found if span.trace_id == trace_id or span.span_id in linked]


def process(spans: list[Exported], service: str, type: str) -> Exported:
    """The span in which a service decided on the message of a type: the last, where that had to wait for its cause."""
    found = [s for s in spans if s.service == service and s.attributes.get("cloudevents.event_type") == type]
    (_,) = {span.attributes["messaging.message.id"] for span in found}
    return found[-1]


def parent_of(spans: list[Exported], span: Exported) -> Exported:
    (parent,) = [other for other in spans if other.span_id == span.parent_id]
    return parent


async def test_one_trace_goes_from_the_submission_to_the_last_answer(spans: list[Exported]) -> None:
    (trace_id,) = {span.trace_id for span in spans if span.name != "receive"}
    (root,) = [span for span in spans if span.trace_id == trace_id and not span.parent_id]
    assert (root.service, root.name) == ("portal", "send complaints.web")
    assert {span.service for span in spans} == {"portal", "staff-app", "intake", "routing", "scoring", "notify"}


@pytest.mark.parametrize(("child", "parent"), EDGES, ids="-".join)
async def test_who_processes_an_event_is_the_child_of_who_decided_it(
    spans: list[Exported], child: tuple[str, str], parent: tuple[str, str]
) -> None:
    assert parent_of(spans, process(spans, *child)) == process(spans, *parent)


async def test_who_processes_a_partners_message_is_the_child_of_the_partners_own_span(spans: list[Exported]) -> None:
    submission = parent_of(spans, process(spans, "intake", SUBMIT))
    assert (submission.service, submission.name) == ("portal", "send complaints.web")
    for type in (SignCase.TYPE, ReportHandling.TYPE):
        command = parent_of(spans, process(spans, "routing", type))
        assert (command.service, command.name) == ("staff-app", f"send handling.{UNIT}")
        assert parent_of(spans, command) == process(spans, "routing", CaseRegistered.TYPE)
    rating = parent_of(spans, process(spans, "scoring", RateCase.TYPE))
    assert (rating.service, rating.name) == ("portal", "send feedback.web")
    assert parent_of(spans, rating) == process(spans, "notify", CaseClosed.TYPE)


async def test_each_mail_is_a_client_span_below_what_it_tells_about(spans: list[Exported]) -> None:
    mails = {span.attributes["messaging.message.id"]: span for span in spans if span.name == "send smtp"}
    assert {str(id).split(".")[0] for id in mails} == {"acknowledgement", "answer"}
    for id, span in mails.items():
        assert (span.service, span.kind) == ("notify", CLIENT)
        told = parent_of(spans, span).attributes["cloudevents.event_type"]
        # registration, contact and the date to be told come in any order: the last of them sends the mail
        beginning = {CaseRegistered.TYPE, ContactSealed.TYPE, ClockStarted.TYPE}
        wanted = {CaseClosed.TYPE} if str(id).startswith("answer") else beginning
        assert told in wanted


async def test_process_spans_are_consumers_linked_to_the_receive_span_of_their_batch(spans: list[Exported]) -> None:
    processes = [s for s in spans if s.attributes.get("messaging.operation.type") == "process"]
    assert len(processes) >= 11
    by_id = {span.span_id: span for span in spans}
    for span in processes:
        assert span.kind == CONSUMER
        (link,) = span.links
        batch = by_id[link]
        assert (batch.service, batch.name, batch.kind) == (span.service, "receive", CLIENT)
        assert batch.trace_id != span.trace_id
        assert batch.attributes["messaging.operation.type"] == "receive"
        assert int(batch.attributes["messaging.batch.message_count"]) >= 1


async def test_the_names_are_those_of_todays_conventions(spans: list[Exported]) -> None:
    span = process(spans, "routing", SignCase.TYPE)
    assert span.name == f"process handling.{UNIT}"
    known = {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": f"handling.{UNIT}",
        "messaging.destination.partition.id": "0",
        "messaging.consumer.group.name": "routing",
    }
    assert {name: span.attributes.get(name) for name in known} == known
    assert span.attributes["messaging.message.id"]
    assert not {name for each in spans for name in each.attributes} & DEPRECATED
