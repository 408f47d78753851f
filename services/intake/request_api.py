"""What a channel passes on about a case that was answered: rating, call-back, reopening, appeal."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.channel import AppealAnswer, RateCase, RecordCallback, ReopenComplaint, rating_code
from contracts.message import Message
from contracts.typed_codes import read_case_id
from infra.http.endpoint import Answer, Caller, Endpoint, Handle, Parameter
from infra.http.prefer import TIMEOUT_SECONDS
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.repeating import ONCE
from services.intake.commands import ANSWERS, PREFER, Commands
from services.intake.own_models import CallbackRecord, ChannelRating, Rating, Wish
from services.intake.proofs import Proofs, Proven
from services.intake.request_bodies import case_id_of, read
from services.intake.status import Standing


class RequestApi:
    """The handlers."""

    def __init__(self, proofs: Proofs, commands: Commands) -> None:
        self._proofs = proofs
        self._commands = commands
        self._gateway = commands.gateway

    async def rate(self, request: Request, caller: Caller) -> Response:
        """Publish a rating, with what proves the invitation to rate where the channel has it."""
        given = read(ChannelRating, request)
        found = await self._own(request, caller)
        proven, code = Proven(found), given.code
        if given.link is not None:
            proven = Proven(found, self._proofs.link(given.link, found.case_id))
            code = rating_code(self._proofs.secret, found.case_id)
        message = RateCase(
            case_id=found.case_id,
            issued_at=self._gateway.clock(),
            channel=caller.speaker,
            satisfaction=given.satisfaction,
            solved=given.solved,
            code=code,
            answer=proven.answer(given.answer),
        )
        return await self._commands.publish(request, caller, message, "issued_at")

    async def call_back(self, request: Request, caller: Caller) -> Response:
        """Publish the record of a call-back."""
        given = read(CallbackRecord, request)
        found = await self._own(request, caller)
        message = RecordCallback(
            case_id=found.case_id,
            issued_at=self._gateway.clock(),
            channel=caller.speaker,
            **{name: getattr(given, name) for name in CallbackRecord.model_fields},
        )
        return await self._commands.publish(request, caller, message, "issued_at")

    async def reopen(self, request: Request, caller: Caller) -> Response:
        """Publish a complainant's request to handle the case again."""
        return await self._wish(request, caller, ReopenComplaint)

    async def appeal(self, request: Request, caller: Caller) -> Response:
        """Publish a complainant's appeal against the answer."""
        return await self._wish(request, caller, AppealAnswer)

    async def outcome(self, request: Request, caller: Caller) -> Response:
        """The outcome of an earlier command about the case."""
        found = await self._own(request, caller)
        command_id = read_case_id(str(request.path_params["command_id"]))
        if command_id is None:
            raise HttpProblem("not-found")
        return await self._commands.outcome(request, command_id, found.case_id)

    async def _wish(self, request: Request, caller: Caller, kind: type[ReopenComplaint | AppealAnswer]) -> Response:
        given = read(Wish, request)
        found = await self._own(request, caller)
        message = kind(
            channel=caller.speaker,
            external_id=await self._gateway.external_id(found.case_id),
            requested_at=self._gateway.clock(),
            reason=given.reason,
            answer=given.answer,
        )
        return await self._commands.publish(request, caller, message, "requested_at")

    async def _own(self, request: Request, caller: Caller) -> Standing:
        found = await self._gateway.own(case_id_of(request), caller)
        if found is None:
            raise HttpProblem("not-found")
        return found


def request_endpoints(api: RequestApi, submit_right: str, read_right: str) -> tuple[Endpoint, ...]:
    """The endpoints, for keys with these rights."""
    case = Parameter("case_id", "path", "UUIDv5 of channel and external id")
    keyed = {
        401: Answer("no key", ProblemDocument),
        403: Answer("unknown key, or no right", ProblemDocument),
        404: Answer("no such case of this channel", ProblemDocument),
    }

    def endpoint(
        name: str, handle: Handle, summary: str, body: type[Rating | Wish | CallbackRecord], command: type[Message]
    ) -> Endpoint:
        return Endpoint(
            "POST",
            f"/v1/complaints/{{case_id}}/{name}",
            handle,
            summary,
            {**ANSWERS, **keyed},
            right=submit_right,
            body=body,
            seconds=TIMEOUT_SECONDS,
            parameters=(case, PREFER, ONCE),
            commands=(command,),
        )

    return (
        endpoint("rating", api.rate, "Pass on how the person served rates the answer", ChannelRating, RateCase),
        endpoint(
            "callback",
            api.call_back,
            "Record an attempt to call the person served back",
            CallbackRecord,
            RecordCallback,
        ),
        endpoint("reopening", api.reopen, "Pass on the request to handle the case again", Wish, ReopenComplaint),
        endpoint("appeal", api.appeal, "Pass on an appeal against the answer", Wish, AppealAnswer),
        Endpoint(
            "GET",
            "/v1/complaints/{case_id}/commands/{command_id}",
            api.outcome,
            "The outcome of one of these, or of a complainant's request about the case",
            {status: answer for status, answer in {**ANSWERS, **keyed}.items() if status not in {400, 413, 415}},
            right=read_right,
            seconds=TIMEOUT_SECONDS,
            parameters=(case, Parameter("command_id", "path", "as in the answer to the request"), PREFER),
        ),
    )
