"""Publishes what a complainant or a channel asks for, and waits a short while for its outcome."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from contracts.message import Message
from infra.http.commanding import CommandStatus
from infra.http.endpoint import Answer, Caller, Parameter, respond
from infra.http.prefer import MOST_SECONDS, wait_seconds
from infra.http.problems import ProblemDocument
from services.intake.gateway import Gateway
from services.intake.outcomes import Outcomes
from services.intake.request_bodies import command_id, refused

USUAL_SECONDS = 3.0
"""How long a request waits for its outcome."""


@dataclass(frozen=True)
class Commands:
    """Publishes commands and answers with their outcome."""

    gateway: Gateway
    outcomes: Outcomes

    async def publish(
        self, request: Request, caller: Caller, message: Message, *times: str, source: str = ""
    ) -> Response:
        """The response to a command: its outcome, or 202. Raises `HttpProblem` for a refusal.

        A client that does not want to wait gets 202, even if the outcome is known already.
        `times` names the fields that differ each time the same command is sent.
        """
        id = command_id(request, message, *times)
        await self.gateway.say(message, id=id, caller=caller, source=source)
        if not _seconds(request):
            return respond(CommandStatus(command_id=id), 202)
        return await self.outcome(request, id, message.key)

    async def outcome(self, request: Request, id: str, case_id: str) -> Response:
        """The response with the outcome of a command about this case. Raises `HttpProblem` for a refusal."""
        found = await self.outcomes.outcome(id, case_id, _seconds(request))
        if found is None:
            return respond(CommandStatus(command_id=id), 202)
        if not found.accepted:
            raise refused(found.reasons)
        return respond(CommandStatus(command_id=id, accepted=True))


def _seconds(request: Request) -> float:
    """How long the client wants to wait for the outcome."""
    return wait_seconds(request, USUAL_SECONDS, MOST_SECONDS)


PREFER = Parameter(
    "Prefer", "header", f"`wait=N` waits N seconds for the outcome, {MOST_SECONDS:.0f} at most; `respond-async`: not"
)

ANSWERS = {
    200: Answer("accepted", CommandStatus),
    202: Answer("with the broker; the outcome is not known yet", CommandStatus),
    400: Answer("not well-formed", ProblemDocument),
    413: Answer("too large", ProblemDocument),
    415: Answer("not JSON", ProblemDocument),
    422: Answer("refused, with every reason", ProblemDocument),
    429: Answer("too many requests: Retry-After", ProblemDocument),
    503: Answer("broker or database away: send it again after Retry-After", ProblemDocument),
}
