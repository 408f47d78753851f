"""One address of a service: what it takes, who may ask, what it answers. Routes and documentation come from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from contracts.message import Message
from infra.http.bodies import JSON, fields_of
from infra.http.forms import FormLimits
from infra.http.keys import Client, Kind
from infra.http.problems import HttpProblem, actor_missing, problem_response


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, as far as a key or token proves it."""

    request_id: str
    address: str
    traceparent: str
    key: Client | None = None
    """The client of the key or token; None where the endpoint needs neither."""

    @property
    def speaker(self) -> str:
        """The channel or unit that the key speaks for. Raises `HttpProblem` where there is no key."""
        if self.key is None:
            raise HttpProblem("key-missing")
        return self.key.speaker

    @property
    def post(self) -> str | None:
        """The post that acts with the key; None: the unit's desk."""
        return self.key.post if self.key is not None else None

    def acting(self, field: str) -> str:
        """The post that acts with the key. Raises `HttpProblem`, about this field, where the key names none."""
        if self.post is None:
            raise actor_missing(self.key.id if self.key is not None else "", field)
        return self.post

    def unit(self, is_unit: Callable[[str], bool], may_act: Callable[[str, str], bool]) -> str:
        """The unit that the key speaks for, by the place's units and posts that are in force.

        Raises `HttpProblem` where there is no such unit, or where the post of the key may not act for it.
        """
        if not is_unit(self.speaker):
            raise HttpProblem("right-missing")
        if self.post is not None and not may_act(self.speaker, self.post):
            raise HttpProblem("post-unknown")
        return self.speaker

    def channel(self, may_speak: Callable[[str, str], bool]) -> str:
        """The channel that the key or token speaks for.

        Raises `HttpProblem` where its post may not speak for the channel, by the place's posts that are in force.
        """
        if self.post is not None and not may_speak(self.speaker, self.post):
            raise HttpProblem("post-unknown")
        return self.speaker


Handle = Callable[[Request, Caller], Awaitable[Response]]


@dataclass(frozen=True)
class Answer:
    """One answer of an endpoint, for its documentation."""

    says: str
    model: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ("application/json",)
    schema: Mapping[str, Any] | None = None
    """A schema written by hand, where no model is served."""


@dataclass(frozen=True)
class Parameter:
    """A parameter in the path, the query or a header."""

    name: str
    where: str
    says: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True)
class Endpoint:
    """A method and a path, with everything that must hold before `handle` is asked."""

    method: str
    path: str
    handle: Handle
    summary: str
    answers: Mapping[int, Answer]
    right: str | None = None
    """What the caller's key must allow; None: anybody may ask."""
    per_minute: int = 120
    """Requests from one address in a minute, where no key is needed. A key has a rate of its own."""
    costly: bool = False
    """Counted apart from all others, by address: for what can be guessed at."""
    body: type[BaseModel] | None = None
    body_schema: Mapping[str, Any] | None = None
    body_types: tuple[str, ...] = (JSON,)
    """Accepted content types. Others are refused before the key is checked, because the key may be in the body."""
    form: FormLimits | None = None
    """Limits of a `multipart/form-data` body; None: the endpoint does not accept forms."""
    form_schema: Mapping[str, Any] | None = None
    """JSON Schema of that form."""
    most_bytes: int | None = None
    """Longest body, replacing the service's default."""
    seconds: float | None = None
    """Timeout of a request, replacing the service's default."""
    parameters: tuple[Parameter, ...] = ()
    commands: tuple[type[Message], ...] = ()
    """The messages that it publishes for its callers; OpenAPI names their types and topics."""

    @property
    def has_body(self) -> bool:
        """Whether a request has to have one."""
        return self.body is not None or self.body_schema is not None


async def header_key(request: Request, _body: bytes) -> str | None:
    """The API key of a native request: `Authorization: Bearer …` or `X-API-Key`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key")


def query_of(request: Request) -> dict[str, str]:
    """The query's fields, the last of each name; empty ones count as not given. Raises `HttpProblem`."""
    return dict(fields_of(request.scope["query_string"]))


@dataclass(frozen=True)
class Interface:
    """Endpoints that find keys and tell errors in the same way."""

    name: str
    says: str
    endpoints: tuple[Endpoint, ...]
    prefix: str = "/"
    """Under which it tells errors its own way, also of addresses that it does not have."""
    find_key: Callable[[Request, bytes], Awaitable[str | None]] = header_key
    render: Callable[[Request, HttpProblem, str], Response] = lambda _, problem, id: problem_response(problem, id)
    """The response for a problem: request, problem, request id."""
    key_in_form: bool = False
    """The key may be a form field; the form is then parsed before authentication."""
    key_places: tuple[Mapping[str, str], ...] = (
        {"type": "http", "scheme": "bearer", "bearerFormat": "API key, or a JWT of an issuer"},
        {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    )
    """Where a key may stand, as OpenAPI security schemes."""
    client: Kind | tuple[Kind, ...] | None = None
    """The kind, or kinds, of client whose keys are accepted; None: every kind that the service accepts."""

    @property
    def clients(self) -> tuple[Kind, ...]:
        """The kinds of client whose keys are accepted; empty: every kind that the service accepts."""
        return (self.client,) if isinstance(self.client, str) else self.client or ()


def respond(document: BaseModel, status: int = 200) -> Response:
    """The document as JSON, without absent fields."""
    return Response(document.model_dump_json(exclude_none=True), status, media_type="application/json")
