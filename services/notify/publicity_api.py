"""The JSON API of publications for units: what they say goes to their own topic, notify decides."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.publicity import PublicityCommand
from contracts.refusals import malformed
from contracts.topics import REGISTRY
from infra.clock import Clock
from infra.http.commanding import Commanding, CommandingApi, Spoken, command_endpoints
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, respond
from infra.http.problems import ProblemDocument
from infra.http.publishing import HttpPublisher
from infra.http.streaming import LAST_EVENT_ID, MEDIA_TYPE, Streams
from infra.outcomes import Outcomes
from services.notify.asking import ACT, KEYED, READ, WRONG, Asking
from services.notify.publication_views import OwnPublications, PublicationViews

COMMANDS: dict[str, type[PublicityCommand]] = {
    kind.TYPE: kind for kind in REGISTRY["publicity.{unit}"].messages if issubclass(kind, PublicityCommand)
}


class PublicityWord(Spoken):
    """A command of the key's unit. The result, or the refusal, comes on `published.<unit>`."""


STATUS_PATH = "/v1/publicity/{key}/commands/{command_id}"


class PublicityApi(CommandingApi):
    """The handlers."""

    BODY, CHANGES = PublicityWord, "published.{unit}"

    def __init__(
        self,
        views: PublicationViews,
        asking: Asking,
        outgoing: HttpPublisher,
        outcomes: Outcomes,
        streams: Streams,
        clock: Clock,
    ) -> None:
        self._views = views
        self._asking = asking
        super().__init__(Commanding(COMMANDS, outgoing, outcomes, STATUS_PATH, clock, malformed), streams)

    async def own(self, _request: Request, caller: Caller) -> Response:
        """What the unit proposed or has to review."""
        return respond(await self._views.own(self._asking.unit(caller)))

    def sender(self, caller: Caller) -> str:
        """The unit of the key."""
        return self._asking.unit(caller)


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
                "GET",
                "/v1/publicity/changes",
                api.changes,
                "Server-sent events: everything on the unit's topic `published.<unit>`",
                {200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}), **KEYED, **WRONG},
                right=READ,
                parameters=(LAST_EVENT_ID,),
            ),
            *command_endpoints(
                "/v1/publicity",
                api.command,
                STATUS_PATH,
                api.outcome,
                summary="Propose, review, withdraw",
                body=PublicityWord,
                commands=COMMANDS.values(),
                answers={**KEYED, **wrong},
                right=ACT,
            ),
        ),
        client="unit",
    )
