"""The JSON API of routing for staff apps: inbox, queue, changes, commands. A key speaks for one unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from contracts.attachments import Attachment
from contracts.handling import UnitCommand
from contracts.message import CaseId
from contracts.refusals import malformed, reason
from contracts.topics import REGISTRY
from contracts.typed_codes import read_case_id
from infra.clock import Clock
from infra.http.commanding import Commanding, CommandingApi, Spoken, command_endpoints
from infra.http.downloads import download
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.paging import PAGING, page_parameters, paging
from infra.http.problems import HttpProblem, ProblemDocument, fault_by
from infra.http.publishing import HttpPublisher
from infra.http.seen import Seen, with_version
from infra.http.streaming import LAST_EVENT_ID, MEDIA_TYPE, Streams
from infra.http.uploading import FORM
from infra.outcomes import Outcomes
from services.routing.domain.case import Stage
from services.routing.domain.evidence import may_upload
from services.routing.uploads import EvidenceUploads, reference_of
from services.routing.views import Page, Shown, Views

ACT, READ = "act", "read"
"""Rights of a key."""
MOST_LISTED = 1_000
"""Cases of an inbox in one answer."""
fault = fault_by(malformed)
ANY = ("application/octet-stream",)
COMMANDS: dict[str, type[UnitCommand]] = {
    kind.TYPE: kind for kind in REGISTRY["handling.{unit}"].messages if issubclass(kind, UnitCommand)
}


class Said(Spoken):
    """A command of the key's unit and post. A refusal comes as a change, and on `assignments.<unit>`."""

    case_id: CaseId


STATUS_PATH = "/v1/cases/{case_id}/commands/{command_id}"


class StaffApi(CommandingApi):
    """The handlers."""

    BODY, CHANGES = Said, "assignments.{unit}"

    def __init__(
        self,
        views: Views,
        outgoing: HttpPublisher,
        outcomes: Outcomes,
        seen: Seen,
        streams: Streams,
        clock: Clock,
        is_unit: Callable[[str], bool],
        may_act: Callable[[str, str], bool],
        uploads: EvidenceUploads,
    ) -> None:
        super().__init__(Commanding(COMMANDS, outgoing, outcomes, STATUS_PATH, clock, malformed, seen=seen), streams)
        self._views = views
        self._is_unit = is_unit
        self._may_act = may_act
        self._uploads = uploads

    async def inbox(self, request: Request, caller: Caller) -> Response:
        """What the unit was sent."""
        asked, (page, size) = query_of(request), paging(request, fault, MOST_LISTED)
        try:
            stages = [Stage(name) for name in asked.get("stage", "").split(",") if name]
        except ValueError:
            raise fault("stage", "enum") from None
        return respond(await self._views.inbox(self.sender(caller), stages, asked.get("category"), page, size))

    async def queue(self, request: Request, caller: Caller) -> Response:
        """What waits for the unit's dispatcher."""
        return respond(await self._views.queue(self.sender(caller), *paging(request, fault)))

    async def supervised(self, request: Request, caller: Caller) -> Response:
        """What the unit watches."""
        return respond(await self._views.supervised(self.sender(caller), *paging(request, fault)))

    async def case(self, request: Request, caller: Caller) -> Response:
        """One case, whole."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self.sender(caller)
        found = await self._views.shown(case_id, unit, caller.post) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return with_version(respond(found), found.version)

    async def attachment(self, request: Request, caller: Caller) -> Response:
        """The bytes of a stored file of a case that the unit has to do with."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self.sender(caller)
        found = await self._views.visible(case_id, unit) if case_id else None
        file_id = str(request.path_params["file_id"])
        files = (*found.attachments, *(each.file for each in found.evidence)) if found else ()
        cited = next((each for each in files if each.file_id == file_id), None)
        if cited is None:
            raise HttpProblem("not-found")
        return await download(self._uploads.objects, file_id, cited.media_type or "", cited.size_bytes, cited.sha256)

    async def evidence(self, request: Request, caller: Caller) -> Response:
        """Store a file for a report of the unit about the case."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self.sender(caller)
        case = await self._views.visible(case_id, unit) if case_id else None
        if case_id is None or case is None:
            raise HttpProblem("not-found")
        if problem := may_upload(case, unit, caller.post):
            raise HttpProblem("refused", [reason(problem).model_dump()])
        stored = await self._uploads.accept(self._uploads.file_of(request), unit, "file", case_id)
        return respond(reference_of(stored), 201)

    def sender(self, caller: Caller) -> str:
        """The unit of the key."""
        return caller.unit(self._is_unit, self._may_act)


def staff(api: StaffApi, uploads: EvidenceUploads, upload_seconds: float) -> Interface:
    """The interface."""
    keyed = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, no right, no unit of the tree, or no post of the unit", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("broker or database away: Retry-After", ProblemDocument),
    }
    wrong = {422: Answer("refused, with every reason", ProblemDocument)}
    listed = {200: Answer("the latest first", Page), **keyed, **wrong}
    return Interface(
        "staff",
        "What a unit works on, as JSON. What a key's unit says goes to its topic `handling.<unit>`.",
        (
            Endpoint(
                "GET",
                "/v1/inbox",
                api.inbox,
                "What the unit was sent",
                listed,
                right=READ,
                parameters=(
                    Parameter(
                        "stage", "query", f"comma separated, of {', '.join(Stage)}; all that is open if left out"
                    ),
                    Parameter("category", "query", "one category"),
                    *page_parameters(MOST_LISTED),
                ),
            ),
            Endpoint(
                "GET", "/v1/queue", api.queue, "What waits for the dispatcher", listed, right=READ, parameters=PAGING
            ),
            Endpoint(
                "GET", "/v1/supervised", api.supervised, "What the unit watches", listed, right=READ, parameters=PAGING
            ),
            Endpoint(
                "GET",
                "/v1/cases/{case_id}",
                api.case,
                "One case that the unit has to do with",
                {200: Answer("all of it", Shown), 404: Answer("none of the unit's", ProblemDocument), **keyed},
                right=READ,
                parameters=(Parameter("case_id", "path", "UUIDv5 of channel and external id"),),
            ),
            Endpoint(
                "GET",
                "/v1/cases/{case_id}/attachments/{file_id}",
                api.attachment,
                "A stored file of such a case",
                {
                    200: Answer("the file", media_types=ANY, schema={"type": "string", "format": "binary"}),
                    404: Answer("none of the unit's, or erased", ProblemDocument),
                    **keyed,
                },
                right=READ,
                parameters=(
                    Parameter("case_id", "path", "UUIDv5 of channel and external id"),
                    Parameter("file_id", "path", "as in the case's attachments or evidence"),
                ),
            ),
            _upload(api, uploads, upload_seconds, {**keyed, **wrong}),
            Endpoint(
                "GET",
                "/v1/changes",
                api.changes,
                "Server-sent events: all that is said on the unit's topic",
                {200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}), **keyed, **wrong},
                right=READ,
                parameters=(LAST_EVENT_ID,),
            ),
            *command_endpoints(
                "/v1/commands",
                api.command,
                STATUS_PATH,
                api.outcome,
                summary="Sign, return, report, dispatch, and every other command of a unit about a case",
                body=Said,
                commands=COMMANDS.values(),
                answers=keyed,
                right=ACT,
                versions=True,
            ),
        ),
        client="unit",
    )


def _upload(api: StaffApi, uploads: EvidenceUploads, seconds: float, faults: Mapping[int, Answer]) -> Endpoint:
    """Uploads of evidence."""
    return Endpoint(
        "POST",
        "/v1/cases/{case_id}/evidence",
        api.evidence,
        "Upload a file, to be cited as evidence in a report of the unit about this case",
        {
            201: Answer("the file's reference", Attachment),
            **faults,
            400: Answer("not well-formed", ProblemDocument),
            404: Answer("none of the unit's", ProblemDocument),
            413: Answer("too large", ProblemDocument),
            415: Answer("no form with a file", ProblemDocument),
        },
        right=ACT,
        form=uploads.form(1, "file"),
        form_schema=FORM,
        seconds=seconds,
        parameters=(Parameter("case_id", "path", "UUIDv5 of channel and external id"),),
    )
