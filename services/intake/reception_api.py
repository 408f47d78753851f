"""The JSON API of a centre's reception (受理): the held queue, single cases, and the commands of its clerks."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from contracts.codes import Hold
from contracts.message import CaseId
from contracts.refusals import malformed
from contracts.topics import REGISTRY
from contracts.typed_codes import read_case_id
from infra.clock import Clock
from infra.http.commanding import Commanding, CommandingApi, Spoken, command_endpoints
from infra.http.downloads import download
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.paging import PAGING, paging
from infra.http.problems import HttpProblem, ProblemDocument, fault_by
from infra.http.publishing import HttpPublisher
from infra.http.seen import Seen, with_version
from infra.http.streaming import LAST_EVENT_ID, MEDIA_TYPE, Streams
from infra.objects.port import ObjectStore
from infra.outcomes import Outcomes
from services.intake.reception_views import HeldPage, ReceptionCase, ReceptionViews
from services.intake.upload_api import FILE

ACT, READ = "act", "read"
"""Rights of a unit's key."""
fault = fault_by(malformed)
COMMANDS = {kind.TYPE: kind for kind in REGISTRY["clerking.{unit}"].messages}


class ClerkCommand(Spoken):
    """A command of the centre's clerk. A refusal comes as a change, and on `reception.<unit>`."""

    case_id: CaseId


STATUS_PATH = "/v1/reception/{case_id}/commands/{command_id}"


class ReceptionApi(CommandingApi):
    """The handlers."""

    BODY, CHANGES = ClerkCommand, "reception.{unit}"

    def __init__(
        self,
        views: ReceptionViews,
        outgoing: HttpPublisher,
        outcomes: Outcomes,
        seen: Seen,
        streams: Streams,
        clock: Clock,
        is_unit: Callable[[str], bool],
        may_act: Callable[[str, str], bool],
        objects: ObjectStore,
    ) -> None:
        super().__init__(Commanding(COMMANDS, outgoing, outcomes, STATUS_PATH, clock, malformed, seen=seen), streams)
        self._views = views
        self._is_unit = is_unit
        self._may_act = may_act
        self._objects = objects

    async def held(self, request: Request, caller: Caller) -> Response:
        """The centre's held queue."""
        hold = query_of(request).get("hold")
        if hold is not None and hold not in set(Hold):
            raise fault("hold", "enum")
        page, size = paging(request, fault)
        return respond(await self._views.held(self.sender(caller), Hold(hold) if hold else None, page, size))

    async def case(self, request: Request, caller: Caller) -> Response:
        """One case of the centre."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self.sender(caller)
        found = await self._views.case(case_id, unit, caller.post) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return with_version(respond(found), found.version)

    async def attachment(self, request: Request, caller: Caller) -> Response:
        """A stored file of such a case."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self.sender(caller)
        file_id = str(request.path_params["file_id"])
        found = await self._views.file(case_id, file_id, unit) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return await download(self._objects, found.id, found.media_type, found.size_bytes, found.sha256)

    def sender(self, caller: Caller) -> str:
        """The centre of the key."""
        return caller.unit(self._is_unit, self._may_act)


def reception(api: ReceptionApi) -> Interface:
    """The interface."""
    keyed = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, no right, no unit of the tree, or no post of the unit", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("broker or database away: Retry-After", ProblemDocument),
    }
    none = {404: Answer("no case of this centre", ProblemDocument)}
    wrong = {422: Answer("refused, with every reason", ProblemDocument)}
    malformed_body = {
        400: Answer("not well-formed", ProblemDocument),
        413: Answer("too large", ProblemDocument),
        415: Answer("not JSON", ProblemDocument),
    }
    case = Parameter("case_id", "path", "UUIDv5 of channel and external id")
    return Interface(
        "reception",
        "The reception of a centre (受理). What a key's unit sends goes to its topic `clerking.<unit>`.",
        (
            Endpoint(
                "GET",
                "/v1/reception",
                api.held,
                "Cases that wait for a clerk or for their complainant, the oldest first",
                {200: Answer("a page of them", HeldPage), **keyed, **wrong},
                right=READ,
                parameters=(
                    Parameter("hold", "query", f"one of {', '.join(Hold)}; both where left out"),
                    *PAGING,
                ),
            ),
            Endpoint(
                "GET",
                "/v1/reception/changes",
                api.changes,
                "Server-sent events: everything on the unit's topic `reception.<unit>`",
                {200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}), **keyed, **wrong},
                right=READ,
                parameters=(LAST_EVENT_ID,),
            ),
            Endpoint(
                "GET",
                "/v1/reception/{case_id}",
                api.case,
                "One case of the centre, held or not",
                {200: Answer("the case", ReceptionCase), **none, **keyed},
                right=READ,
                parameters=(case,),
            ),
            Endpoint(
                "GET",
                "/v1/reception/{case_id}/attachments/{file_id}",
                api.attachment,
                "A stored file of such a case",
                {200: FILE, 404: Answer("no file of a case of this centre, or erased", ProblemDocument), **keyed},
                right=READ,
                parameters=(case, Parameter("file_id", "path", "as in the case's attachments")),
            ),
            *command_endpoints(
                "/v1/clerking",
                api.command,
                STATUS_PATH,
                api.outcome,
                summary="Judge scope, ask for a supplement, merge, unmerge, erase an identity",
                body=ClerkCommand,
                commands=COMMANDS.values(),
                answers={**keyed, **malformed_body},
                right=ACT,
                versions=True,
            ),
        ),
        client="unit",
    )
