"""Who speaks to the services while they are measured: a channel, the departments' staff, the people served.

They answer at once, so that what is measured is the house and not its visitors.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import ConsumerRecord
from opentelemetry.trace import SpanKind

from apps.trace import span
from bench.race import Passed
from contracts.channel import Attribute, Contact, RateCase, SubmitComplaint
from contracts.codes import AppealType, HandlingResult, Satisfaction
from contracts.envelope import Envelope, Record, decode, encode
from contracts.handling import ReportHandling, SignCase
from contracts.message import Message
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, RatingAnswered
from contracts.routing import AssignmentOffered
from contracts.scoring import ClockStarted
from contracts.topics import all_topics

CHANNEL = "wechat"
"""A channel that the place has added to the well-known ones."""
MATTERS = (
    ("noise-residential", "beicheng", "楼下烧烤店凌晨仍在营业，噪声很大，老人和孩子无法入睡，请尽快处理。"),
    ("street-lighting", "nancheng", "小区门口三盏路灯已经坏了两个星期，晚上出行很不安全，盼修复。"),
    ("water-outage", "binhe", "昨天下午起停水，没有任何通知，至今未恢复，请告知原因和恢复时间。"),
)


class Pipeline:
    """From submission to the assignment on the department's topic, the clock and the acknowledgement."""

    told_by: Sequence[tuple[str, type[Message]]] = (
        ("assigned", AssignmentOffered),
        ("clock started", ClockStarted),
        ("acknowledged", ComplaintAcknowledged),
    )

    def __init__(self, units: Sequence[str]) -> None:
        self.milestones: Sequence[str] = [milestone for milestone, _ in self.told_by]
        self._milestone_of = {model.TYPE: milestone for milestone, model in self.told_by}
        families = {"assignments.{unit}", *(model.TOPIC for _, model in self.told_by)}
        self.topics: Sequence[str] = [
            name for name, topic in all_topics(units, [CHANNEL]).items() if topic.name in families
        ]

    def enter(self, count: int) -> Sequence[Record]:
        """Complaints that a rule dispatches. Every second one leaves a contact; all are answered by the channel."""
        return [complaint(n) for n in range(count)]

    def see(self, record: ConsumerRecord) -> Passed | None:
        """Which milestone the event is, and what it makes people say."""
        envelope, body = decode(record.headers, record.value)
        milestone = self._milestone_of.get(envelope.type)
        answers = self.answers(envelope, body)
        if milestone is None and not answers:
            return None
        return Passed(record.key.decode(), milestone, answers)

    def answers(self, envelope: Envelope, body: bytes) -> Sequence[Record]:
        """What somebody says to this event."""
        return ()


class Life(Pipeline):
    """From submission to the answer and the counted rating: staff sign and report, the person served rates."""

    told_by = (("answered", ComplaintAnswered), ("rated", RatingAnswered))

    def answers(self, envelope: Envelope, body: bytes) -> Sequence[Record]:
        """The department signs and reports at once; the person served rates the answer."""
        now = datetime.now(UTC)
        if envelope.type == AssignmentOffered.TYPE:
            offered = AssignmentOffered.model_validate_json(body)
            case_id, unit = offered.case_id, offered.unit
            sign = SignCase(case_id=case_id, issued_at=now, unit=unit)
            report = ReportHandling(
                case_id=case_id,
                issued_at=now,
                unit=unit,
                result=HandlingResult.RESOLVED,
                reply="已责令整改，并安排专人回访，请放心。",
            )
            return [_said(each, f"/units/{unit}", envelope) for each in (sign, report)]
        if envelope.type == ComplaintAnswered.TYPE:
            answered = ComplaintAnswered.model_validate_json(body)
            rating = RateCase(
                case_id=answered.case_id,
                issued_at=now,
                channel=CHANNEL,
                satisfaction=Satisfaction.SATISFIED,
                solved=True,
            )
            return [_said(rating, f"/channels/{CHANNEL}", envelope)]
        return ()


def complaint(n: int) -> Record:
    """A complaint that a rule dispatches."""
    category, area, text = MATTERS[n % len(MATTERS)]
    submission = SubmitComplaint(
        channel=CHANNEL,
        external_id=uuid4().hex,
        received_at=datetime.now(UTC),
        appeal=AppealType.COMPLAINT,
        category=category,
        area=area,
        title="请处理",
        text=text,
        attributes=(Attribute(code="fault", value="dark"),) if category == "street-lighting" else (),
        contact=Contact(name="某某", phone=f"{n:08d}") if n % 2 else None,
    )
    with span("publish", SpanKind.PRODUCER) as traceparent:
        return encode(submission, id=uuid4().hex, source=f"/channels/{CHANNEL}", traceparent=traceparent)


def _said(message: Message, source: str, about: Envelope) -> Record:
    return encode(message, id=uuid4().hex, source=source, traceparent=about.traceparent)
