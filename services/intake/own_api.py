"""The complainant's side of intake: requests about the own case, with a proof in the body and without a key."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.attachments import Attachment
from contracts.channel import (
    AppealAnswer,
    RateCase,
    ReopenComplaint,
    SupplementComplaint,
    WithdrawComplaint,
    rating_code,
)
from contracts.message import Message
from infra.http.access_log import log_access
from infra.http.endpoint import Answer, Caller, Endpoint, Handle, Interface, respond
from infra.http.forms import MULTIPART, form_of_parts
from infra.http.prefer import TIMEOUT_SECONDS
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.repeating import ONCE
from services.intake.api_models import Added, Proof
from services.intake.commands import ANSWERS, PREFER, Commands
from services.intake.own_models import OutcomeQuestion, OwnFile, OwnRating, OwnSupplement, OwnWish, OwnWithdrawal
from services.intake.proofs import Proofs, Proven, Use
from services.intake.request_bodies import read, refused, unfit
from services.intake.upload_api import FILE, evidence
from services.intake.uploads import UploadDesk

PER_MINUTE = 10
"""Requests of one address, together with questions for the status: receipt codes must not be guessed."""
_PROOF_FIELDS = ("number", "receipt_code", "link")
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        **{name: {"type": "string", "description": "proof, as in JSON"} for name in _PROOF_FIELDS},
        "file": {"type": "string", "format": "binary", "description": "the file name is discarded"},
    },
}


class OwnApi:
    """The handlers."""

    def __init__(self, proofs: Proofs, commands: Commands, uploads: UploadDesk) -> None:
        self._proofs = proofs
        self._commands = commands
        self._gateway = commands.gateway
        self._uploads = uploads

    async def supplement(self, request: Request, caller: Caller) -> Response:
        """Publish what the complainant adds."""
        given = read(OwnSupplement, request)
        proven = await self._proofs.case_of(given, Use.ACT)
        channel, case_id = proven.standing.channel, proven.standing.case_id
        if found := await self._gateway.attachment_faults(given.attachments, channel, case_id):
            raise refused(found)
        message = SupplementComplaint(
            channel=channel,
            external_id=await self._gateway.external_id(case_id),
            given_at=self._gateway.clock(),
            **{name: getattr(given, name) for name in Added.model_fields},
        )
        await self._gateway.claim(given.attachments, channel, case_id)
        return await self._publish(request, caller, proven, message, "given_at")

    async def withdraw(self, request: Request, caller: Caller) -> Response:
        """Publish that the complainant takes the complaint back."""
        given = read(OwnWithdrawal, request)
        proven = await self._proofs.case_of(given, Use.ACT)
        message = WithdrawComplaint(
            channel=proven.standing.channel,
            external_id=await self._gateway.external_id(proven.standing.case_id),
            withdrawn_at=self._gateway.clock(),
            reason=given.reason,
        )
        return await self._publish(request, caller, proven, message, "withdrawn_at")

    async def rate(self, request: Request, caller: Caller) -> Response:
        """Publish the rating, with the case's rating code: the proof was shown here."""
        given = read(OwnRating, request)
        proven = await self._proofs.case_of(given, Use.RATE)
        message = RateCase(
            case_id=proven.standing.case_id,
            issued_at=self._gateway.clock(),
            channel=proven.standing.channel,
            satisfaction=given.satisfaction,
            solved=given.solved,
            code=rating_code(self._proofs.secret, proven.standing.case_id),
            answer=proven.answer(given.answer),
        )
        return await self._publish(request, caller, proven, message, "issued_at")

    async def reopen(self, request: Request, caller: Caller) -> Response:
        """Publish the request to handle the case again."""
        return await self._wish(request, caller, ReopenComplaint)

    async def appeal(self, request: Request, caller: Caller) -> Response:
        """Publish the appeal against the answer."""
        return await self._wish(request, caller, AppealAnswer)

    async def _wish(self, request: Request, caller: Caller, kind: type[ReopenComplaint | AppealAnswer]) -> Response:
        given = read(OwnWish, request)
        proven = await self._proofs.case_of(given, Use.ACT)
        message = kind(
            channel=proven.standing.channel,
            external_id=await self._gateway.external_id(proven.standing.case_id),
            requested_at=self._gateway.clock(),
            reason=given.reason,
            answer=proven.answer(given.answer),
        )
        return await self._publish(request, caller, proven, message, "requested_at")

    async def outcome(self, request: Request, _: Caller) -> Response:
        """The outcome of an earlier request."""
        given = read(OutcomeQuestion, request)
        case_id = (await self._proofs.case_of(given, Use.SEE)).standing.case_id
        return await self._commands.outcome(request, given.command_id, case_id)

    async def upload(self, request: Request, _: Caller) -> Response:
        """Store one file of the case's channel, to be cited in a supplement."""
        form = form_of_parts(request)
        if form is None:
            raise HttpProblem("media-type", headers={"Accept": MULTIPART}, takes=(MULTIPART,))
        try:
            proof = Proof.model_validate({name: text for name, text in form.fields if name in _PROOF_FIELDS})
        except ValidationError as error:
            raise unfit(error) from None
        proven = await self._proofs.case_of(proof, Use.ACT)
        stored = await self._uploads.take(self._uploads.file_of(request), proven.standing.channel, "file")
        return respond(stored, 201)

    async def evidence(self, request: Request, _: Caller) -> Response:
        """A file that is part of the answer."""
        given = read(OwnFile, request)
        standing = (await self._proofs.case_of(given, Use.SEE)).standing
        log_access(request, case_id=standing.case_id)
        return await evidence(self._uploads, standing, given.file_id)

    async def _publish(self, request: Request, caller: Caller, proven: Proven, message: Message, at: str) -> Response:
        source = f"/channels/{proven.standing.channel}/complainant"
        return await self._commands.publish(request, caller, message, at, source=source)


def own(api: OwnApi, upload_seconds: float, uploads: UploadDesk) -> Interface:
    """The interface; an upload may take so long."""
    unknown = {404: Answer("no such case, or not its code", ProblemDocument)}

    def endpoint(name: str, handle: Handle, summary: str, body: type[Proof], *commands: type[Message]) -> Endpoint:
        return Endpoint(
            "POST",
            f"/v1/own/{name}",
            handle,
            summary,
            {**ANSWERS, **unknown},
            per_minute=PER_MINUTE,
            costly=True,
            body=body,
            seconds=TIMEOUT_SECONDS,
            parameters=(PREFER,) if body is OutcomeQuestion else (PREFER, ONCE),
            commands=commands,
        )

    faults = {status: answer for status, answer in ANSWERS.items() if status not in {200, 202}}
    return Interface(
        "complainants",
        "For complainants, without a key: each body has number and receipt code, or the link of a notice. "
        "Ten requests a minute and address.",
        (
            endpoint(
                "supplement",
                api.supplement,
                "Give what was missing, or add to the case",
                OwnSupplement,
                SupplementComplaint,
            ),
            endpoint("withdraw", api.withdraw, "Take the complaint back", OwnWithdrawal, WithdrawComplaint),
            endpoint("rate", api.rate, "Rate the answer", OwnRating, RateCase),
            endpoint("reopen", api.reopen, "Ask for the case to be handled again", OwnWish, ReopenComplaint),
            endpoint("appeal", api.appeal, "Appeal the answer", OwnWish, AppealAnswer),
            endpoint("outcome", api.outcome, "The outcome of one of these requests", OutcomeQuestion),
            Endpoint(
                "POST",
                "/v1/own/evidence",
                api.evidence,
                "Open a file that is part of the answer",
                {200: FILE, **faults, **unknown},
                per_minute=PER_MINUTE,
                costly=True,
                body=OwnFile,
            ),
            Endpoint(
                "POST",
                "/v1/own/attachments",
                api.upload,
                "Upload a file, to be cited in a supplement",
                {201: Answer("the file's reference", Attachment), **faults, **unknown},
                per_minute=PER_MINUTE,
                costly=True,
                form=uploads.form(1, "file"),
                form_schema=FORM,
                seconds=upload_seconds,
            ),
        ),
    )
