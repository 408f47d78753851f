"""The JSON API of publications for units: what they say goes to their own topic, notify decides."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import encode
from contracts.publicity import PublicityCommand
from contracts.refusals import malformed
from contracts.topics import REGISTRY
from infra.clock import Clock
from infra.http.bodies import json_of, model_of
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter
from infra.http.problems import HttpProblem, ProblemDocument, faults_of
from infra.http.publishing import HttpPublisher
from services.notify.asking import ACT, KEYED, READ, Asking, fault
from services.notify.asking import json as answer
from services.notify.publication_views import OwnPublications, PublicationViews

COMMANDS: dict[str, type[PublicityCommand]] = {
    kind.TYPE: kind for kind in REGISTRY["publicity.{unit}"].messages if issubclass(kind, PublicityCommand)
}


class PublicityWord(BaseModel):
    """A command of the key's unit. What notify says to it comes on `published.<unit>`."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    type: Annotated[str, Field(max_length=100)]
    """CloudEvents type of the command, as on `publicity.<unit>`: ``cn.xiaoneng.publication.review.v1``."""
    data: dict[str, Any] = Field(default_factory=dict)
    """Its fields; unit and time are added."""


class PublicityAccepted(BaseModel):
    """The broker has it."""

    command_id: str
    """CloudEvents id: a `publication.refused` names it."""


class PublicityApi:
    """The handlers."""

    def __init__(self, views: PublicationViews, asking: Asking, outgoing: HttpPublisher, clock: Clock) -> None:
        self._views = views
        self._asking = asking
        self._outgoing = outgoing
        self._clock = clock

    async def own(self, _request: Request, caller: Caller) -> Response:
        """What the unit proposed or has to review."""
        return answer(await self._views.own(self._asking.unit(caller)))

    async def command(self, request: Request, caller: Caller) -> Response:
        """Published on the unit's own topic; notify decides."""
        unit, value = self._asking.unit(caller), json_of(request)
        try:
            said = model_of(PublicityWord, value)
        except ValidationError as error:
            raise _refused(error) from None
        kind = COMMANDS.get(said.type)
        if kind is None:
            raise fault("type", "enum")
        fields = {**said.data, "unit": unit, "issued_at": self._clock().isoformat()}
        try:
            command = kind.model_validate_json(json.dumps(fields))
        except ValidationError as error:
            raise _refused(error, "data.") from None
        id = _once(request, command)
        await self._outgoing.publish(
            encode(command, id=id, source=f"/units/{unit}/http", traceparent=caller.traceparent)
        )
        return answer(PublicityAccepted(command_id=id), 202)


def publicity(api: PublicityApi) -> Interface:
    """The interface."""
    wrong = {
        400: Answer("not well-formed", ProblemDocument),
        413: Answer("too large", ProblemDocument),
        415: Answer("not JSON", ProblemDocument),
        422: Answer("refused, with every reason", ProblemDocument),
    }
    return Interface(
        "publicity",
        "What is to be published about units: proposed by one, reviewed by a post of another, withdrawn by either.",
        (
            Endpoint(
                "GET",
                "/v1/publicity",
                api.own,
                "What the unit has to review, and what it has proposed or reviewed",
                {200: Answer("all of it", OwnPublications), **KEYED},
                right=READ,
            ),
            Endpoint(
                "POST",
                "/v1/publicity",
                api.command,
                "Propose, review, withdraw",
                {202: Answer("with the broker", PublicityAccepted), **KEYED, **wrong},
                right=ACT,
                body=PublicityWord,
                parameters=(Parameter("Idempotency-Key", "header", "the same words under the same key are said once"),),
            ),
        ),
    )


def _once(request: Request, command: PublicityCommand) -> str:
    """The CloudEvents id: the same for the same words under the same key; a new one without a key."""
    key = request.headers.get("idempotency-key")
    if key is None:
        key = request.state.request_id
    elif not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise fault("Idempotency-Key", "pattern")
    said = f"{command.unit}/{key}/{command.model_dump_json(exclude={'issued_at'})}"
    return str(uuid5(UUID(command.key), hashlib.sha256(said.encode()).hexdigest()))


def _refused(error: ValidationError, at: str = "") -> HttpProblem:
    return HttpProblem("refused", [malformed(at + field, kind).model_dump() for field, kind in faults_of(error)])
