"""The JSON API of assessments (考核): what bodies enter into the scores of others, and approve."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import malformed
from contracts.topics import REGISTRY
from infra.clock import Clock
from infra.http.commanding import Commanding, CommandingApi, Spoken, command_endpoints
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.paging import PAGING, paging
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.publishing import HttpPublisher
from infra.http.streaming import LAST_EVENT_ID, MEDIA_TYPE, Streams
from infra.outcomes import Outcomes
from services.scoring.accountability_names import AssessedItems, assessed_items
from services.scoring.asking import ACT, KEYED, READ, WRONG_BODY, Asking, fault
from services.scoring.assessment_views import AssessmentViews, ShownAssessments
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy

COMMANDS = {kind.TYPE: kind for kind in REGISTRY["assessments.{body}"].messages}


class AssessmentBody(Spoken):
    """A command of the key's unit as an assessing body. The result, or the refusal, comes on `assessed.<body>`."""


STATUS_PATH = "/v1/assessments/{key}/commands/{command_id}"


class AssessmentApi(CommandingApi):
    """The handlers."""

    BODY, CHANGES = AssessmentBody, "assessed.{body}"

    def __init__(
        self,
        views: AssessmentViews,
        outgoing: HttpPublisher,
        outcomes: Outcomes,
        streams: Streams,
        clock: Clock,
        asking: Asking,
        bodies: Callable[[], Collection[str]],
        policy: Callable[[], ScorePolicy | None],
    ) -> None:
        """`bodies` are the units that may enter or approve anything, by the `policy` in force."""
        self._views = views
        super().__init__(
            Commanding(COMMANDS, outgoing, outcomes, STATUS_PATH, clock, malformed, own_time=True), streams
        )
        self._clock = clock
        self._asking = asking
        self._bodies = bodies
        self._policy = policy

    async def entries(self, request: Request, caller: Caller) -> Response:
        """What the body entered or approves, for a period."""
        body, asked = self.sender(caller), query_of(request)
        waiting = asked.get("waiting", "false")
        if waiting not in {"true", "false"}:
            raise fault("waiting", "enum")
        page, size = paging(request, fault)
        found = await self._views.concerning(body, self._period(asked), page, size, waiting_only=waiting == "true")
        return respond(found)

    async def items(self, _request: Request, caller: Caller) -> Response:
        """What may be entered into scores, and by whom."""
        self.sender(caller)
        policy = self._policy()
        return respond(assessed_items(policy) if policy is not None else AssessedItems(items=[]))

    def _period(self, asked: dict[str, str]) -> Period:
        """The period of the query; the current year where it is left out."""
        try:
            return Period.parse(asked.get("period") or f"{self._clock().astimezone(self._asking.limits().timezone):%Y}")
        except ValueError:
            raise fault("period", "pattern") from None

    def sender(self, caller: Caller) -> str:
        """The body of the key."""
        body = self._asking.unit(caller)
        if body not in self._bodies():
            raise HttpProblem("right-missing")
        return body


def assessments(api: AssessmentApi) -> Interface:
    """The interface."""
    keyed = {
        **KEYED,
        403: Answer("unknown key, no right, or a unit that neither assesses nor approves", ProblemDocument),
        503: Answer("broker or database away: Retry-After", ProblemDocument),
    }
    wrong = {422: WRONG_BODY[422]}
    return Interface(
        "assessments",
        "Ratings, deductions, bonuses and vetoes that bodies enter. They are published on `assessments.<body>`.",
        (
            Endpoint(
                "GET",
                "/v1/assessments",
                api.entries,
                "What the body entered, approved or has to approve, the newest first",
                {200: Answer("a page of them", ShownAssessments), **keyed, **wrong},
                right=READ,
                parameters=(
                    Parameter("period", "query", "2026-11, 2026-Q4, 2026-H2 or 2026; this year where it is left out"),
                    Parameter("waiting", "query", "true: only what waits for the body's approval"),
                    *PAGING,
                ),
            ),
            Endpoint(
                "GET",
                "/v1/assessments/items",
                api.items,
                "What bodies enter into scores: names, who enters it, who approves it",
                {200: Answer("all of it", AssessedItems), **keyed},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/assessments/changes",
                api.changes,
                "Server-sent events: everything on the body's topic `assessed.<body>`",
                {200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}), **keyed, **wrong},
                right=READ,
                parameters=(LAST_EVENT_ID,),
            ),
            *command_endpoints(
                "/v1/assessments",
                api.command,
                STATUS_PATH,
                api.outcome,
                summary="Enter, withdraw, approve",
                body=AssessmentBody,
                commands=COMMANDS.values(),
                answers={**keyed, **WRONG_BODY},
                right=ACT,
            ),
        ),
        client="unit",
    )
