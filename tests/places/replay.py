"""A place while its month is replayed: departments that answer, people who rate, bodies that enter and find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from contracts.assessments import RecordAssessment
from contracts.channel import RateCase
from contracts.codes import AssessmentKind, FindingSource, HandlingResult, Satisfaction, SubjectKind, Verdict
from contracts.conduct import (
    AppealFinding,
    DecideAppeal,
    FindingAppealed,
    FindingFinal,
    FindingRecorded,
    MeasureProposed,
    RecordFinding,
    finding_key,
)
from contracts.envelope import encode
from contracts.handling import Consultation, DispatchCase, ReportHandling, RequestReturn, SignCase, VerifyReport
from contracts.message import Command, Message
from contracts.notify import ComplaintAnswered
from contracts.routing import AssignmentOffered, DispatchRequested, RedoRequested, VerificationRequested
from infra.place import read_place
from infra.store import Store
from services.scoring.domain.scores.counting import Tally
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.score_views import Result, ScoreViews
from tests.places.months import Month, Said
from tests.support.crowd import Crowd
from tests.support.deployment import Deployment
from tests.support.waiting import wait_until

SECONDS = 90
M = TypeVar("M", bound=Message)


class Departments(Crowd):
    """Every unit answers what it is sent, as its lot says; people say whether they are satisfied."""

    def __init__(self, deployment: Deployment, said: Sequence[Said]) -> None:
        super().__init__(deployment, seed=1, most=1)
        self._said = {each.complaint.case_id: each for each in said}
        self.asked: dict[str, str] = {}
        """The last unit that each case was offered to."""
        self.heard: list[Message] = []

    async def say(self, *messages: Message) -> None:
        """What bodies say is with the broker."""
        await self._send([encode(each, id=uuid4().hex, source="/bodies") for each in messages])

    def _commands(self, message: Message) -> list[Command]:
        self.heard.append(message)
        now = datetime.now(UTC)
        match message:
            case AssignmentOffered():
                return self._offered(message, now)
            case DispatchRequested() if (sent_to := self._said[message.case_id].lot.sent_to) and not message.proposed:
                at = sent_to.index(message.returned_by) + 1 if message.returned_by else 0
                return [_dispatch(message, sent_to[at], now)]
            case VerificationRequested():
                again = self._said[message.case_id].lot.redone and not message.redos
                return [
                    VerifyReport(
                        case_id=message.case_id,
                        issued_at=now,
                        unit=message.unit,
                        accepted=not again,
                        reason="问题仍然存在，请重新办理。" if again else "",
                    )
                ]
            case RedoRequested():
                return [self._report(message.case_id, message.unit, now)]
            case ComplaintAnswered():
                unhappy = self._said[message.case_id].unhappy
                return [
                    RateCase(
                        case_id=message.case_id,
                        issued_at=now,
                        channel=message.channel,
                        satisfaction=Satisfaction.DISSATISFIED if unhappy else Satisfaction.SATISFIED,
                        solved=not unhappy,
                    )
                ]
            case _:
                return super()._commands(message)

    def _offered(self, offer: AssignmentOffered, now: datetime) -> list[Command]:
        self.asked[offer.case_id] = offer.unit
        said = self._said[offer.case_id]
        if said.left_open:
            return []
        if offer.unit in said.lot.sent_to[:-1]:
            reason = "该事项不属于本单位职责，现按否定报备制说明情况并退回。"
            return [RequestReturn(case_id=offer.case_id, issued_at=now, unit=offer.unit, reason=reason)]
        sign = SignCase(case_id=offer.case_id, issued_at=now, unit=offer.unit)
        return [sign, self._report(offer.case_id, offer.unit, now)]

    @staticmethod
    def _report(case_id: str, unit: str, now: datetime) -> ReportHandling:
        return ReportHandling(
            case_id=case_id, issued_at=now, unit=unit, result=HandlingResult.RESOLVED, reply="已办结，请您评价。"
        )


def _dispatch(request: DispatchRequested, to: str, now: datetime) -> DispatchCase:
    """A ruling rests on a consultation of the units that returned the case."""
    parties = tuple(dict.fromkeys((*request.refusers, to)))
    held = Consultation(participants=parties, minutes="会商一致。") if request.ruling_due else None
    return DispatchCase(case_id=request.case_id, issued_at=now, unit=request.unit, to=to, consultation=held)


@dataclass
class Replay:
    """A month, the place in which it happens, and everybody around it."""

    month: Month
    deployment: Deployment
    said: Sequence[Said]
    people: Departments
    policy: ScorePolicy
    now: datetime
    entered: int = 0
    """By bodies, so far."""
    units: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, month: Month, deployment: Deployment, now: datetime) -> Replay:
        """The month up to now."""
        files = read_place(deployment.place)
        policy = ScorePolicy.from_tables(files.version, files.tables)
        assert policy is not None
        start, _ = Period.parse(f"{now:%Y-%m}").within(policy.zone)
        said = list(month.complaints(start, now))
        units = {unit["id"]: unit for unit in files["units"]["unit"]}
        return cls(month, deployment, said, Departments(deployment, said), policy, now, units=units)

    @property
    def this_month(self) -> Period:
        """The month that is replayed."""
        return Period.parse(f"{self.now:%Y-%m}")

    @property
    def this_year(self) -> Period:
        """The year of the month."""
        return Period.parse(f"{self.now:%Y}")

    def peers(self, group: str) -> list[str]:
        """The units of a group."""
        return [member.id for member in self.policy.members.values() if member.group == group]

    async def numbers(self, by: str = "unit") -> dict[str, Tally]:
        """The numbers of the month, as scoring makes them."""
        store = self._store()
        try:
            return await ScoreViews(store).numbers(self.this_month, self.policy, by)
        finally:
            await store.close()

    async def scores(self, period: Period) -> Result:
        """The scores of a period, once everything that bodies have entered is there."""
        store = self._store()
        years = (self.this_year, self.this_year.year_before)

        async def entered() -> bool:
            views = ScoreViews(store)
            return sum([len(await views.entries(year)) for year in years]) == self.entered

        try:
            await wait_until(entered, SECONDS, "what bodies have entered is kept")
            return await ScoreViews(store).scores(period, self.policy)
        finally:
            await store.close()

    async def enter(self, body: str, item: str, points: Mapping[str, int], period: Period) -> None:
        """The body rates units."""
        self.entered += len(points)
        await self.people.say(
            *(
                RecordAssessment(
                    body=body,
                    issued_at=self.now.astimezone(UTC),
                    reference=f"{item}-{period}-{unit}",
                    kind=AssessmentKind.RATING,
                    item=item,
                    about=unit,
                    period=str(period),
                    points=Decimal(each),
                    basis="测评结果",
                )
                for unit, each in points.items()
            )
        )

    async def hears(self, model: type[M], where: Callable[[M], bool] = lambda _: True) -> M:
        """The first message of this kind that is so."""

        def find() -> M | None:
            return next((each for each in self.people.heard if isinstance(each, model) and where(each)), None)

        async def found() -> bool:
            return find() is not None

        await wait_until(found, SECONDS, f"{model.__name__} is heard")
        message = find()
        assert message is not None
        return message

    async def finds(self, body: str, unit: str, appeals_to: str, **fields: Any) -> str:
        """The body finds it, the unit appeals, the body of appeal upholds it. Returns the key of what is final."""
        name, now = uuid4().hex, datetime.now(UTC)
        key = finding_key(body, name)
        given: dict[str, Any] = {
            "verdict": Verdict.VALID,
            "source": FindingSource.COMPLAINT,
            "facts": "经核实，情况属实。",
            "happened_on": now.astimezone(ZoneInfo("Asia/Shanghai")).date(),
            **fields,
        }
        await self.people.say(RecordFinding(unit=body, issued_at=now, reference=name, units=(unit,), **given))
        await self.hears(FindingRecorded, lambda each: each.key == key and each.unit == unit)
        about: dict[str, Any] = {"issued_at": now, "body": body, "reference": name}
        await self.people.say(AppealFinding(unit=unit, grounds="情况不实", **about))
        await self.hears(FindingAppealed, lambda each: each.key == key and each.unit == appeals_to)
        await self.people.say(DecideAppeal(unit=appeals_to, verdict=Verdict.VALID, reason="维持", **about))
        assert (await self.hears(FindingFinal, lambda each: each.key == key)).counts
        return key

    async def proposed(self, finding: str, kind: SubjectKind, subject: str) -> MeasureProposed:
        """What the ladder proposes on it."""
        return await self.hears(
            MeasureProposed,
            lambda each: finding in each.findings and (each.kind, each.subject) == (kind, subject),
        )

    def _store(self) -> Store:
        return Store(self.deployment.engines.mongo_uri, f"{self.deployment.database}_scoring")
