"""The native JSON API of intake: submit, supplement, withdraw, ask. What is said goes to the channel's topic."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from contracts.channel import SubmitComplaint, SupplementComplaint, WithdrawComplaint
from contracts.codes import HandlingResult, RefusalCode
from contracts.message import case_id_for
from contracts.refusals import reason
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, respond
from infra.http.prefer import MOST_SECONDS, TIMEOUT_SECONDS, wait_seconds
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.repeating import content_id, idempotency_key
from services.intake.api_models import (
    OURS,
    Accepted,
    CaseStatus,
    NewComplaint,
    Proof,
    Supplement,
    Withdrawal,
)
from services.intake.commands import PREFER
from services.intake.gateway import Gateway, same_matter
from services.intake.index.documents import Course
from services.intake.outcomes import Outcomes
from services.intake.proofs import Proofs, Use
from services.intake.request_bodies import case_id_of, field_fault, read, refused
from services.intake.status import Standing
from services.intake.upload_api import FILE, evidence, upload_endpoints

SUBMIT, READ = "submit", "read"
"""Rights of a key."""


class NativeApi:
    """The handlers."""

    def __init__(self, gateway: Gateway, proofs: Proofs, outcomes: Outcomes) -> None:
        self._gateway = gateway
        self._proofs = proofs
        self._outcomes = outcomes

    async def submit(self, request: Request, caller: Caller) -> Response:
        """Published, or answered from what is registered."""
        given: Any = read(NewComplaint, request)
        external_id = given.external_id or _external_id(request)
        case_id = case_id_for(caller.speaker, external_id)
        code = hashed = None
        if given.contact is None or given.receipt_wanted:
            code, hashed = await self._gateway.receipt(case_id)
        shared = {name: getattr(given, name) for name in SubmitComplaint.model_fields if name not in OURS}
        if given.contact is not None and code:
            shared["contact"] = given.contact.model_copy(update={"receipt_code": code})
        submission = SubmitComplaint(
            channel=caller.speaker,
            external_id=external_id,
            received_at=given.received_at or self._gateway.clock(),
            receipt=hashed,
            **shared,
        )
        known = await self._gateway.own(case_id, caller)
        if known is not None:
            return self._already(submission, known, code if known.receipt else None)
        cited = submission.attachments
        found = (
            *self._gateway.faults(submission),
            *await self._gateway.attachment_faults(cited, caller.speaker, case_id),
        )
        if found:
            raise refused(found)
        await self._gateway.claim(cited, caller.speaker, case_id)
        ignored = () if given.received_at else ("received_at",)
        await self._gateway.say(submission, id=content_id(submission, *ignored), caller=caller)
        return respond(Accepted(case_id=case_id, external_id=external_id, receipt_code=code), 202)

    def _already(self, submission: SubmitComplaint, known: Standing, code: str | None) -> Response:
        if not same_matter(submission, known):
            other = reason(RefusalCode.ALREADY_REGISTERED, "external_id", number=known.number)
            raise HttpProblem("conflict", [other.model_dump()])
        accepted = Accepted(
            case_id=known.case_id, external_id=submission.external_id, number=known.number, receipt_code=code
        )
        return respond(accepted, 200)

    async def case(self, request: Request, caller: Caller) -> Response:
        """Where one of the channel's cases stands."""
        found = await self._gateway.own(case_id_of(request), caller)
        if found is None:
            raise HttpProblem("not-found")
        return respond(_status(found, found.case_id, await self._gateway.course(found)))

    async def evidence(self, request: Request, caller: Caller) -> Response:
        """A file that is part of the answer to one of the channel's cases."""
        found = await self._gateway.own(case_id_of(request), caller)
        if found is None:
            raise HttpProblem("not-found")
        return await evidence(self._gateway.uploads, found, str(request.path_params["file_id"]))

    async def supplement(self, request: Request, caller: Caller) -> Response:
        """Published."""
        given = read(Supplement, request)
        message = SupplementComplaint(
            channel=caller.speaker,
            external_id=await self._external_id(request, given.external_id),
            given_at=self._gateway.clock(),
            text=given.text,
            address=given.address,
            attributes=given.attributes,
            contact=given.contact,
            attachments=given.attachments,
        )
        if message.case_id != case_id_of(request):
            raise HttpProblem("not-found")
        if found := await self._gateway.attachment_faults(given.attachments, caller.speaker, message.case_id):
            raise refused(found)
        await self._gateway.claim(given.attachments, caller.speaker, message.case_id)
        return await self._about(request, caller, message, "given_at")

    async def withdraw(self, request: Request, caller: Caller) -> Response:
        """Published."""
        given = read(Withdrawal, request)
        message = WithdrawComplaint(
            channel=caller.speaker,
            external_id=await self._external_id(request, given.external_id),
            withdrawn_at=self._gateway.clock(),
            reason=given.reason,
        )
        return await self._about(request, caller, message, "withdrawn_at")

    async def _about(
        self, request: Request, caller: Caller, message: SupplementComplaint | WithdrawComplaint, said_at: str
    ) -> Response:
        if message.case_id != case_id_of(request):
            raise HttpProblem("not-found")
        id, seconds = content_id(message, said_at), wait_seconds(request, 0.0, MOST_SECONDS)
        await self._gateway.say(message, id=id, caller=caller)
        answer = Accepted(case_id=message.case_id, external_id=message.external_id, command_id=id)
        found = await self._outcomes.outcome(id, message.case_id, seconds) if seconds else None
        if found is None:
            return respond(answer, 202)
        if not found.accepted:
            raise refused(found.reasons)
        return respond(answer.model_copy(update={"accepted": True}))

    async def _external_id(self, request: Request, given: str | None) -> str:
        return given if given is not None else await self._gateway.external_id(case_id_of(request))

    async def status(self, request: Request, _: Caller) -> Response:
        """The status of a case to the holder of its receipt code or of a link; a wrong code is an unknown number."""
        proven = await self._proofs.case_of(read(Proof, request), Use.SEE)
        return respond(_status(proven.standing, None, await self._gateway.course(proven.standing)))


def native(
    gateway: Gateway, proofs: Proofs, outcomes: Outcomes, upload_seconds: float, more: tuple[Endpoint, ...] = ()
) -> Interface:
    """The native API with `more` endpoints; an upload may take so long."""
    api = NativeApi(gateway, proofs, outcomes)
    case = Parameter("case_id", "path", "UUIDv5 of channel and external id")
    once = Parameter("Idempotency-Key", "header", "stands for the external id where none is given; 1–200 ASCII letters")
    problems = {
        400: Answer("not well-formed", ProblemDocument),
        413: Answer("too large", ProblemDocument),
        415: Answer("not JSON", ProblemDocument),
        422: Answer("refused, with every reason", ProblemDocument),
        429: Answer("too many requests: Retry-After", ProblemDocument),
        503: Answer("broker or database away: send it again after Retry-After", ProblemDocument),
    }
    keyed = {401: Answer("no key", ProblemDocument), 403: Answer("unknown key, or no right", ProblemDocument)}
    missing = {404: Answer("no such case of this channel", ProblemDocument)}
    published = {200: Answer("accepted", Accepted), 202: Answer("with the broker", Accepted)}
    return Interface(
        "native",
        "Complaints as JSON. What a key's channel says goes to its topic `complaints.<channel>`.",
        (
            Endpoint(
                "POST",
                "/v1/complaints",
                api.submit,
                "Submit a complaint",
                {
                    200: Answer("registered before with the same words", Accepted),
                    202: Answer("with the broker", Accepted),
                    **keyed,
                    409: Answer("registered before with other words", ProblemDocument),
                    **problems,
                },
                right=SUBMIT,
                body=NewComplaint,
                commands=(SubmitComplaint,),
                parameters=(once,),
            ),
            Endpoint(
                "GET",
                "/v1/complaints/{case_id}",
                api.case,
                "Where one of the channel's cases stands",
                {200: Answer("its status", CaseStatus), **keyed, **missing, 429: problems[429], 503: problems[503]},
                right=READ,
                parameters=(case,),
            ),
            Endpoint(
                "GET",
                "/v1/complaints/{case_id}/evidence/{file_id}",
                api.evidence,
                "A file that is part of the answer",
                {200: FILE, **keyed, **missing, 429: problems[429], 503: problems[503]},
                right=READ,
                parameters=(case, Parameter("file_id", "path", "as in the `evidence` of the status")),
            ),
            Endpoint(
                "POST",
                "/v1/complaints/{case_id}/supplement",
                api.supplement,
                "Give what was missing",
                {**published, **keyed, **missing, **problems},
                right=SUBMIT,
                body=Supplement,
                commands=(SupplementComplaint,),
                parameters=(case, PREFER),
                seconds=TIMEOUT_SECONDS,
            ),
            Endpoint(
                "POST",
                "/v1/complaints/{case_id}/withdraw",
                api.withdraw,
                "Take the complaint back",
                {**published, **keyed, **missing, **problems},
                right=SUBMIT,
                body=Withdrawal,
                commands=(WithdrawComplaint,),
                parameters=(case, PREFER),
                seconds=TIMEOUT_SECONDS,
            ),
            Endpoint(
                "POST",
                "/v1/status",
                api.status,
                "The status of a case, by its number and receipt code or by a signed link; ten questions a minute",
                {
                    200: Answer("its status", CaseStatus),
                    404: Answer("no such case, or not its code", ProblemDocument),
                    **problems,
                },
                per_minute=10,
                costly=True,
                body=Proof,
            ),
            *more,
            *upload_endpoints(gateway.uploads, SUBMIT, READ, upload_seconds, {**keyed, **problems}),
        ),
        client="channel",
    )


def _external_id(request: Request) -> str:
    """Derived from the Idempotency-Key; without one, an id that is used once."""
    key = idempotency_key(request, field_fault)
    return f"http-{secrets.token_hex(16)}" if key is None else f"once-{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _status(found: Standing, case_id: str | None, course: Course) -> CaseStatus:
    return CaseStatus(
        case_id=case_id,
        number=found.number,
        stage=found.stage,
        registered_at=found.registered_at,
        updated_at=found.updated_at,
        ending=found.ending,
        result=HandlingResult(found.result) if found.result else None,
        adopted=found.adopted,
        reasons=list(found.reasons),
        reply=found.reply or None,
        evidence=list(found.evidence),
        awaited=list(found.awaited),
        answer_by=found.answer_by,
        due_at=course.due_at,
        provisional=course.provisional,
        paused=course.paused,
        limit=course.limit,
        timeline=course.timeline,
        rating=course.rating,
        can=course.can,
    )
