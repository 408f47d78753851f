"""Commands over HTTP: published on the topic of the key's client, with the key's post as actor.

The same command under the same `Idempotency-Key` is published with the same id, so that it counts once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from contracts.envelope import encode
from contracts.message import Message, topic_fields
from infra.clock import Clock
from infra.http.bodies import json_of, model_of
from infra.http.endpoint import Caller
from infra.http.problems import HttpProblem, faults_of
from infra.http.publishing import HttpPublisher
from infra.http.repeating import content_id, idempotency_key


class Spoken(BaseModel):
    """Base of what a body is read as; a subclass may name more of the command beside its fields."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    type: Annotated[str, Field(max_length=100)]
    """CloudEvents type of the command, as on the unit's own topic."""
    data: dict[str, Any] = Field(default_factory=dict)
    """Its fields; sender, post and time are added."""


@dataclass(frozen=True)
class Commanding:
    """Publishes commands of these types; the service that reads their topic decides.

    The post of the caller's key is the `actor` of a command, whatever its body contains.
    """

    kinds: Mapping[str, type[Message]]
    """By CloudEvents type."""
    outgoing: HttpPublisher
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

    async def publish(self, request: Request, caller: Caller, unit: str, model: type[Spoken]) -> str:
        """The broker has it; returns its CloudEvents id. Raises `HttpProblem`."""
        command = self._read(request, caller, unit, model)
        id = self._once(request, unit, command)
        source = f"/{self.senders}/{unit}/http"
        await self.outgoing.publish(encode(command, id=id, source=source, traceparent=caller.traceparent))
        return id

    def _read(self, request: Request, caller: Caller, unit: str, model: type[Spoken]) -> Message:
        value = json_of(request)
        try:
            said = model_of(model, value)
        except ValidationError as error:
            raise self._refused(error) from None
        kind = self.kinds.get(said.type)
        if kind is None:
            raise self._fault("type", "enum")
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
                raise self._fault(f"data.{name}", "from_the_key")
        if "actor" not in kind.model_fields or kind in self.unnamed:
            return {}
        required = kind.model_fields["actor"].is_required()
        return {"actor": caller.acting("data.actor") if required else caller.post}

    def _once(self, request: Request, unit: str, command: Message) -> str:
        """The same id for the same command under the same key; a new one without a key."""
        key = idempotency_key(request, self._fault) or request.state.request_id
        return content_id(command, "issued_at", prefix=f"{unit}/{key}/")

    def _fault(self, field: str, detail: str) -> HttpProblem:
        return HttpProblem("refused", [self.malformed(field, detail).model_dump()])

    def _refused(self, error: ValidationError, at: str = "") -> HttpProblem:
        return HttpProblem(
            "refused", [self.malformed(at + field, kind).model_dump() for field, kind in faults_of(error)]
        )
