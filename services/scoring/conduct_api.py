"""The JSON API of accountability: findings, what follows from them, and what a unit says about either."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from contracts.codes import SubjectKind
from contracts.conduct import OversightCommand
from contracts.inspections import RecordVisit
from contracts.refusals import malformed
from contracts.topics import REGISTRY
from infra.clock import Clock
from infra.http.commanding import Commanding, CommandingApi, Spoken, command_endpoints
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, respond
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.publishing import HttpPublisher
from infra.http.streaming import LAST_EVENT_ID, MEDIA_TYPE, Streams
from infra.outcomes import Outcomes
from services.scoring.asking import ACT, KEYED, PERIOD, READ, WRONG_BODY, Asking, period_of
from services.scoring.conduct_numbers import OutcomeNumbers, ShownDuties
from services.scoring.conduct_views import ConductViews, ShownAppeals, ShownFinding, ShownRecord, ShownRecords

COMMANDS: dict[str, type[OversightCommand]] = {
    kind.TYPE: kind for kind in REGISTRY["oversight.{unit}"].messages if issubclass(kind, OversightCommand)
}


class Said(Spoken):
    """A command of the key's unit. The result, or the refusal, comes on `conduct.<unit>`."""


STATUS_PATH = "/v1/oversight/{key}/commands/{command_id}"


class ConductApi(CommandingApi):
    """The handlers."""

    BODY, CHANGES = Said, "conduct.{unit}"

    def __init__(
        self,
        views: ConductViews,
        outgoing: HttpPublisher,
        outcomes: Outcomes,
        streams: Streams,
        clock: Clock,
        asking: Asking,
    ) -> None:
        self._views = views
        super().__init__(
            Commanding(
                COMMANDS,
                outgoing,
                outcomes,
                STATUS_PATH,
                clock,
                malformed,
                unnamed=(RecordVisit,),
                posts_in=("actor", "consent"),
            ),
            streams,
        )
        self._clock = clock
        self._asking = asking

    async def waiting(self, _request: Request, caller: Caller) -> Response:
        """What the unit has to decide."""
        return respond(await self._views.waiting(self._asking.unit(caller)))

    async def appeals(self, _request: Request, caller: Caller) -> Response:
        """What the unit has to decide as the body of appeal."""
        return respond(await self._views.appeals(self._asking.unit(caller), self._clock()))

    async def outcomes(self, request: Request, caller: Caller) -> Response:
        """What was done in a period."""
        return _found(await self._views.outcomes(period_of(request, "pattern"), self._asking.unit(caller)))

    async def inspections(self, _request: Request, caller: Caller) -> Response:
        """Who has inspected in the current period."""
        return _found(await self._views.inspections(self._asking.unit(caller), self._clock()))

    async def record(self, request: Request, caller: Caller) -> Response:
        """One unit's or post's record."""
        kind, subject = (str(request.path_params[name]) for name in ("kind", "subject"))
        known = kind in set(SubjectKind)
        found = await self._views.record(SubjectKind(kind), subject, self._asking.unit(caller)) if known else None
        return _found(found)

    async def finding(self, request: Request, caller: Caller) -> Response:
        """One finding."""
        body, reference = (str(request.path_params[name]) for name in ("body", "reference"))
        return _found(await self._views.finding(body, reference, self._asking.unit(caller), self._clock()))

    def sender(self, caller: Caller) -> str:
        """The unit of the key."""
        return self._asking.unit(caller)


def conduct(api: ConductApi) -> Interface:
    """The interface."""
    keyed = {**KEYED, 503: Answer("database or broker away: Retry-After", ProblemDocument)}
    none = {404: Answer("none that the unit may see", ProblemDocument)}
    return Interface(
        "conduct",
        "Findings about units and posts, and what follows from them: proposed by the ladders, decided by people.",
        (
            Endpoint(
                "GET",
                "/v1/proposals",
                api.waiting,
                "Records about which the unit has to decide something",
                {200: Answer("all of them", ShownRecords), **keyed},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/appeals",
                api.appeals,
                "Findings and measures that the unit has to decide about as the body of appeal",
                {200: Answer("all of them", ShownAppeals), **keyed},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/outcomes/{period}",
                api.outcomes,
                "What was done in a period, about the unit and those below it",
                {200: Answer("numbers and money", OutcomeNumbers), **none, **keyed, 422: WRONG_BODY[422]},
                right=READ,
                parameters=(PERIOD,),
            ),
            Endpoint(
                "GET",
                "/v1/inspections/due",
                api.inspections,
                "Whether the unit, and those below it that have to inspect, have done so in the current period",
                {200: Answer("each of them", ShownDuties), **none, **keyed},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/conduct/{kind}/{subject}",
                api.record,
                "What counts against a unit or a post, and what became of it",
                {200: Answer("the record", ShownRecord), **none, **keyed},
                right=READ,
                parameters=(
                    Parameter("kind", "path", "unit or post"),
                    Parameter("subject", "path", "its id"),
                ),
            ),
            Endpoint(
                "GET",
                "/v1/findings/{body}/{reference}",
                api.finding,
                "A finding as it stands",
                {200: Answer("the finding", ShownFinding), **none, **keyed},
                right=READ,
                parameters=(
                    Parameter("body", "path", "who found it"),
                    Parameter("reference", "path", "the body's own reference"),
                ),
            ),
            Endpoint(
                "GET",
                "/v1/conduct/changes",
                api.changes,
                "Server-sent events: everything on the unit's topic `conduct.<unit>`",
                {
                    200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}),
                    **keyed,
                    422: WRONG_BODY[422],
                },
                right=READ,
                parameters=(LAST_EVENT_ID,),
            ),
            *command_endpoints(
                "/v1/oversight",
                api.command,
                STATUS_PATH,
                api.outcome,
                summary="Findings, appeals, decisions, reviews, outcomes",
                body=Said,
                commands=COMMANDS.values(),
                answers={**keyed, **WRONG_BODY},
                right=ACT,
            ),
        ),
        client="unit",
    )


def _found(document: BaseModel | None) -> Response:
    if document is None:
        raise HttpProblem("not-found")
    return respond(document)
