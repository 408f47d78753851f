"""The JSON API of watched items (电子监察), for other systems: each with a key of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import malformed
from contracts.topics import REGISTRY
from infra.clock import Clock
from infra.http.commanding import Commanding, CommandingApi, Spoken, command_endpoints
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, respond
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.publishing import HttpPublisher
from infra.http.streaming import LAST_EVENT_ID, MEDIA_TYPE, Streams, last_event_id
from infra.outcomes import Outcomes
from services.scoring.asking import ACT, KEYED, READ, WRONG_BODY, fault
from services.scoring.item_status import ItemStatus, ItemStatusViews

COMMANDS = {kind.TYPE: kind for kind in REGISTRY["items.{system}"].messages}


class ItemBody(Spoken):
    """A command of the key's system; the result, or the refusal, comes on `watch.<system>`.

    `data` may state `issued_at`: when it happened. It is the time of the request where it is left out.
    """


STATUS_PATH = "/v1/watch/{key}/commands/{command_id}"
"""Not below `/v1/items`, where a system's own reference may contain slashes."""


class ItemApi(CommandingApi):
    """The handlers."""

    BODY, CHANGES = ItemBody, "watch.{system}"

    def __init__(
        self,
        views: ItemStatusViews,
        outgoing: HttpPublisher,
        outcomes: Outcomes,
        streams: Streams,
        clock: Clock,
        systems: Callable[[], Collection[str]],
    ) -> None:
        """`systems` are those of the place."""
        super().__init__(
            Commanding(COMMANDS, outgoing, outcomes, STATUS_PATH, clock, malformed, senders="systems", own_time=True),
            streams,
        )
        self._views = views
        self._systems = systems

    async def item(self, request: Request, caller: Caller) -> Response:
        """One of the system's items."""
        found = await self._views.item(self.sender(caller), str(request.path_params["external_id"]))
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def changes(self, request: Request, caller: Caller) -> Response:
        """The system's topic, which has several partitions, as server-sent events."""
        system, last = self.sender(caller), last_event_id(request, fault, several=True)
        return await self._streams.every(f"watch.{system}", last)

    def sender(self, caller: Caller) -> str:
        """The system of the key."""
        if caller.speaker not in self._systems():
            raise HttpProblem("right-missing")
        return caller.speaker


def items(api: ItemApi) -> Interface:
    """The interface."""
    keyed = {
        **KEYED,
        403: Answer("unknown key, no right, or no system of the place", ProblemDocument),
        503: Answer("broker or database away: Retry-After", ProblemDocument),
    }
    return Interface(
        "items",
        "Items that another system wants watched. What a key's system sends goes to its topic `items.<system>`.",
        (
            Endpoint(
                "GET",
                "/v1/items/{external_id:path}",
                api.item,
                "One of the system's items: its end, cards, pauses and steps",
                {200: Answer("the item", ItemStatus), 404: Answer("none of the system's", ProblemDocument), **keyed},
                right=READ,
                parameters=(Parameter("external_id", "path", "the system's own reference"),),
            ),
            Endpoint(
                "GET",
                "/v1/watch/changes",
                api.changes,
                "Server-sent events: everything on the system's topic `watch.<system>`",
                {
                    200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}),
                    400: Answer("Last-Event-ID of another topic", ProblemDocument),
                    **keyed,
                    422: WRONG_BODY[422],
                },
                right=READ,
                parameters=(LAST_EVENT_ID,),
            ),
            *command_endpoints(
                "/v1/items",
                api.command,
                STATUS_PATH,
                api.outcome,
                summary="Watch, pause, resume, finish, record a step",
                body=ItemBody,
                commands=COMMANDS.values(),
                answers={**keyed, **WRONG_BODY},
                right=ACT,
            ),
        ),
        client="system",
    )
