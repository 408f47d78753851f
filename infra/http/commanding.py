"""Commands over HTTP: published on the topic of the key's client, with the key's post as actor.

The same command under the same `Idempotency-Key` is published with the same id, so that it counts once. A client that
prefers to wait is answered with the outcome.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import encode
from contracts.message import Message, topic_fields
from contracts.typed_codes import read_case_id
from infra.clock import Clock
from infra.http.bodies import json_of, model_of
from infra.http.endpoint import Answer, Caller, Endpoint, Handle, Parameter, respond
from infra.http.prefer import MOST_SECONDS, TIMEOUT_SECONDS, wait_seconds
from infra.http.problems import Fault, HttpProblem, ProblemDocument, fault_by, faults_of
from infra.http.publishing import SOON, HttpPublisher
from infra.http.repeating import ONCE, content_id, idempotency_key
from infra.http.seen import CHANGED, IF_MATCH, Change, Seen, changed_by_others, seen_version
from infra.http.streaming import Streams
from infra.outcomes import CommandOfAnotherError, Outcome, Outcomes
from infra.store import StoreError

PREFER = Parameter(
    "Prefer",
    "header",
    f"`wait=N` waits N seconds for the decision, {MOST_SECONDS:.0f} at most; without it: 202 at once",
)


class Spoken(BaseModel):
    """Base of what a body is read as; a subclass may name more of the command beside its fields."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    type: Annotated[str, Field(max_length=100)]
    """CloudEvents type of the command, as on the unit's own topic."""
    data: dict[str, Any] = Field(default_factory=dict)
    """Its fields; sender, post and time are added."""


class CommandStatus(BaseModel):
    """A command that the broker has."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    command_id: str
    """CloudEvents id: its outcome is asked for by it, and a refusal or reply on the bus names it."""
    accepted: bool | None = None
    """True once the service has applied it; absent: not known yet."""


@dataclass(frozen=True)
class Commanding:
    """Publishes commands of these types; the service that reads their topic decides.

    The post of the caller's key is the `actor` of a command, whatever its body contains.
    """

    kinds: Mapping[str, type[Message]]
    """By CloudEvents type."""
    outgoing: HttpPublisher
    outcomes: Outcomes
    status_path: str
    """Where the outcome of a command is asked for: ``/v1/cases/{case_id}/commands/{command_id}``."""
    clock: Clock
    malformed: Callable[[str, str], BaseModel]
    """The reason for a field that does not fit, from the field and what it lacks."""
    senders: str = "units"
    """First word of the CloudEvents source: what kind of client sends these commands."""
    own_time: bool = False
    """The sender may state `issued_at` in `data`: it reports what happened before the request."""
    unnamed: Collection[type[Message]] = ()
    """Commands that have an actor only where the body names it, because they may have to be anonymous."""
    posts_in: Collection[str] = ("actor",)
    """Fields that name a post which acts: a body must not name another post in them than that of the key."""
    seen: Seen | None = None
    """Finds what happened after the version that the sender saw; None: `If-Match` has no effect."""

    @property
    def fault(self) -> Fault:
        """Refuses a request because of one field."""
        return fault_by(self.malformed)

    async def publish(self, request: Request, caller: Caller, unit: str, model: type[Spoken]) -> Response:
        """Publish the command of the body. Returns 202 once the broker has it, or 200 once it is decided where the
        client prefers to wait. Raises `HttpProblem`, also for a refusal.
        """
        command = self._read(request, caller, unit, model)
        id, key, found = self._once(request, unit, command), self.outcomes.key_of(command, unit), None
        version = seen_version(request, self.fault) if self.seen is not None else None
        if version is not None:
            await self._see(key, command.topic, id, unit, caller, version)
        source = f"/{self.senders}/{unit}/http"
        await self.outgoing.publish(encode(command, id=id, source=source, traceparent=caller.traceparent))
        if seconds := wait_seconds(request, 0, MOST_SECONDS):
            with suppress(StoreError, CommandOfAnotherError):  # it is published: the outcome can be asked for later
                found = await self.outcomes.wait(key, command.topic, id, seconds)
        if found is not None and not found.accepted and version is not None and self.seen is not None:
            with suppress(StoreError):
                raise self._refusal(id, found, await self.seen.since(key, unit, version))
        return self._status(key, id, found)

    async def _see(self, key: str, topic: str, id: str, unit: str, caller: Caller, version: int) -> None:
        """Raises `HttpProblem` where another post has acted after this version, unless the command was sent before."""
        changes: Sequence[Change] = ()
        try:
            changes = await self.seen.since(key, unit, version) if self.seen is not None else ()
            if changed_by_others(changes, unit, caller) and await self.outcomes.wait(key, topic, id, 0) is None:
                raise HttpProblem("conflict", [CHANGED], since=changes)
        except CommandOfAnotherError:
            raise HttpProblem("conflict", [CHANGED], since=changes) from None
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    async def outcome(self, request: Request, unit: str) -> Response:
        """The outcome of an earlier command of this unit, which the path names. Raises `HttpProblem`."""
        key, id = (read_case_id(str(request.path_params[name])) for name in topic_fields(self.status_path))
        if key is None or id is None:
            raise HttpProblem("not-found")
        kind = next(iter(self.kinds.values()))
        topic = kind.TOPIC.format(**dict.fromkeys(topic_fields(kind.TOPIC), unit))
        try:
            found = await self.outcomes.wait(key, topic, id, wait_seconds(request, 0, MOST_SECONDS))
        except CommandOfAnotherError:
            raise HttpProblem("not-found") from None
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return self._status(key, id, found)

    def _status(self, key: str, id: str, found: Outcome | None) -> Response:
        if found is None:
            answer = respond(CommandStatus(command_id=id), 202)
            names = topic_fields(self.status_path)
            answer.headers["Location"] = self.status_path.format(**dict(zip(names, (key, id), strict=True)))
            return answer
        if not found.accepted:
            raise self._refusal(id, found)
        return respond(CommandStatus(command_id=id, accepted=True))

    @staticmethod
    def _refusal(id: str, found: Outcome, since: Sequence[Change] | None = None) -> HttpProblem:
        return HttpProblem("refused", found.reasons, command_id=id, since=since)

    def _read(self, request: Request, caller: Caller, unit: str, model: type[Spoken]) -> Message:
        value = json_of(request)
        try:
            said = model_of(model, value)
        except ValidationError as error:
            raise self._refused(error) from None
        kind = self.kinds.get(said.type)
        if kind is None:
            raise self.fault("type", "enum")
        named = said.model_dump(exclude={"type", "data"})
        (speaker,) = topic_fields(kind.TOPIC)
        fields = {**said.data, **named, **self._actor(said, kind, caller), speaker: unit}
        if not (self.own_time and "issued_at" in fields):
            fields["issued_at"] = self.clock().isoformat()
        try:
            return kind.model_validate_json(json.dumps(fields))
        except ValidationError as error:
            raise self._refused(error, "data.") from None

    def _actor(self, said: Spoken, kind: type[Message], caller: Caller) -> dict[str, str | None]:
        """The post of the key, for a command that has an actor. Raises `HttpProblem` where the body names another."""
        for name in self.posts_in:
            if name in kind.model_fields and said.data.get(name) not in (None, caller.post):
                raise self.fault(f"data.{name}", "from_the_key")
        if "actor" not in kind.model_fields or kind in self.unnamed:
            return {}
        required = kind.model_fields["actor"].is_required()
        return {"actor": caller.acting("data.actor") if required else caller.post}

    def _once(self, request: Request, unit: str, command: Message) -> str:
        """The same id for the same command under the same key; a new one without a key."""
        key = idempotency_key(request, self.fault) or request.state.request_id
        return content_id(command, "issued_at", prefix=f"{unit}/{key}/")

    def _refused(self, error: ValidationError, at: str = "") -> HttpProblem:
        return HttpProblem(
            "refused", [self.malformed(at + field, kind).model_dump() for field, kind in faults_of(error)]
        )


class CommandingApi:
    """Base of APIs whose clients send commands on a topic of their own, and follow what is sent to them on another."""

    BODY: ClassVar[type[Spoken]]
    """What the body of a command is read as."""
    CHANGES: ClassVar[str]
    """The topic that a client follows: ``assignments.{unit}``."""

    def __init__(self, commanding: Commanding, streams: Streams) -> None:
        self._commanding = commanding
        self._streams = streams

    def sender(self, caller: Caller) -> str:
        """The unit or other client of the key. Raises `HttpProblem` where it may not use the interface."""
        raise NotImplementedError

    async def changes(self, request: Request, caller: Caller) -> Response:
        """What is sent to the client, as server-sent events."""
        (name,) = topic_fields(self.CHANGES)
        topic = self.CHANGES.format(**{name: self.sender(caller)})
        return await self._streams.after(topic, request, self._commanding.fault)

    async def command(self, request: Request, caller: Caller) -> Response:
        """Published on the client's own topic; the service decides."""
        return await self._commanding.publish(request, caller, self.sender(caller), self.BODY)

    async def outcome(self, request: Request, caller: Caller) -> Response:
        """The outcome of an earlier command of the client."""
        return await self._commanding.outcome(request, self.sender(caller))


def command_endpoints(
    path: str,
    publish: Handle,
    status_path: str,
    outcome: Handle,
    *,
    summary: str,
    body: type[Spoken],
    commands: Collection[type[Message]],
    answers: Mapping[int, Answer],
    right: str,
    versions: bool = False,
) -> tuple[Endpoint, Endpoint]:
    """The endpoint that publishes commands, and the one that returns their outcomes later.

    `versions`: the first takes `If-Match`.
    """
    conflict = {409: Answer("another post has acted meanwhile: `since`; nothing was published", ProblemDocument)}
    about, command = topic_fields(status_path)
    decided = {
        200: Answer("applied by the service", CommandStatus),
        202: Answer("with the broker, not decided yet: `Location` is where to ask later", CommandStatus),
        **answers,
        422: Answer("refused, with every reason; `command_id` where a rule refused it", ProblemDocument),
    }
    without_body = {status: answer for status, answer in decided.items() if status not in {400, 413, 415}}
    return (
        Endpoint(
            "POST",
            path,
            publish,
            summary,
            {**decided, **(conflict if versions else {})},
            right=right,
            body=body,
            seconds=TIMEOUT_SECONDS,
            parameters=(ONCE, PREFER, IF_MATCH) if versions else (ONCE, PREFER),
            commands=tuple(commands),
        ),
        Endpoint(
            "GET",
            status_path,
            outcome,
            "The outcome of one of these commands",
            {**without_body, 404: Answer("a command of another client", ProblemDocument)},
            right=right,
            seconds=TIMEOUT_SECONDS,
            parameters=(
                Parameter(about, "path", "what the command is about, as in `Location`"),
                Parameter(command, "path", "as in the answer to the command"),
                PREFER,
            ),
        ),
    )
