"""The JSON API of lists of accountability: findings, evidence, inspections, surveys, and the names of all codes."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from contracts.codes import SubjectKind
from infra.clock import Clock
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, respond
from infra.http.paging import PAGING, paging
from infra.http.problems import HttpProblem, ProblemDocument
from services.scoring.accountability_names import AccountabilityNames, accountability_names
from services.scoring.asking import KEYED, READ, WRONG_BODY, Asking, fault
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.oversight_views import (
    ListedFindings,
    ListedInspections,
    ListedSurveys,
    OversightViews,
    ShownEvidence,
)
from services.scoring.waiting import OversightWaiting, WaitingViews


class OversightApi:
    """The handlers."""

    def __init__(
        self,
        views: OversightViews,
        waiting: WaitingViews,
        policy: Callable[[], ConductPolicy | None],
        clock: Clock,
        asking: Asking,
    ) -> None:
        """`policy` is that in force; None: the place has no accountability."""
        self._views = views
        self._waiting = waiting
        self._policy = policy
        self._clock = clock
        self._asking = asking

    async def waiting(self, _request: Request, caller: Caller) -> Response:
        """What waits for the unit, in numbers."""
        return respond(await self._waiting.of(self._asking.unit(caller), self._clock()))

    async def names(self, _request: Request, caller: Caller) -> Response:
        """Names and roles."""
        self._asking.unit(caller)
        policy = self._policy()
        if policy is None:
            raise HttpProblem("not-found")
        return respond(accountability_names(policy))

    async def findings(self, request: Request, caller: Caller) -> Response:
        """Findings of the unit."""
        unit, (page, size) = self._asking.unit(caller), paging(request, fault)
        return respond(await self._views.findings(unit, self._clock(), page, size))

    async def evidence(self, request: Request, caller: Caller) -> Response:
        """The findings behind a record."""
        unit = self._asking.unit(caller)
        kind, subject = (str(request.path_params[name]) for name in ("kind", "subject"))
        known = kind in set(SubjectKind)
        found = await self._views.evidence(SubjectKind(kind), subject, unit, self._clock()) if known else None
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def inspections(self, _request: Request, caller: Caller) -> Response:
        """Inspections and rectifications of the unit."""
        return respond(await self._views.inspections(self._asking.unit(caller), self._clock()))

    async def surveys(self, _request: Request, caller: Caller) -> Response:
        """Surveys of the unit."""
        return respond(await self._views.surveys(self._asking.unit(caller)))


def oversight(api: OversightApi) -> Interface:
    """The interface."""
    none = {404: Answer("none that the unit may see", ProblemDocument)}
    wrong = {422: WRONG_BODY[422]}
    return Interface(
        "oversight",
        "Lists of accountability: what a unit found, inspected and surveyed, and what is about it or units below it.",
        (
            Endpoint(
                "GET",
                "/v1/accountability",
                api.names,
                "Who finds, inspects and decides, and the names of measures, outcomes, steps and codes",
                {200: Answer("by the tables in force", AccountabilityNames), **none, **KEYED},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/waiting",
                api.waiting,
                "How much waits for the own unit in accountability and scores, by what it has to do",
                {200: Answer("every kind with its number", OversightWaiting), **KEYED},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/findings",
                api.findings,
                "Findings by the unit, about it or a unit below it, or waiting for its decision",
                {200: Answer("some of them, the newest first", ListedFindings), **KEYED, **wrong},
                right=READ,
                parameters=PAGING,
            ),
            Endpoint(
                "GET",
                "/v1/conduct/{kind}/{subject}/findings",
                api.evidence,
                "The findings that a record and its proposals rest on",
                {200: Answer("all of them", ShownEvidence), **none, **KEYED},
                right=READ,
                parameters=(Parameter("kind", "path", "unit or post"), Parameter("subject", "path", "its id")),
            ),
            Endpoint(
                "GET",
                "/v1/inspections",
                api.inspections,
                "Inspections by the unit or of it, and what has to be put right after them",
                {200: Answer("all of them", ListedInspections), **KEYED},
                right=READ,
            ),
            Endpoint(
                "GET",
                "/v1/surveys",
                api.surveys,
                "Surveys by the unit or a unit below it",
                {200: Answer("all of them", ListedSurveys), **KEYED},
                right=READ,
            ),
        ),
        client="unit",
    )
