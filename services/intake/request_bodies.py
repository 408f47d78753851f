"""Reads what a request of the native API names: its body, the case in its path, its idempotency key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from contracts.message import Message
from contracts.refusals import Reason, malformed
from contracts.typed_codes import read_case_id
from infra.http.bodies import json_of, model_of
from infra.http.problems import HttpProblem, faults_of

_IDEMPOTENCY = re.compile(r"[\x21-\x7e]{1,200}")
M = TypeVar("M", bound=BaseModel)


def refused(reasons: Iterable[Reason]) -> HttpProblem:
    """The problem of a request that intake would refuse, with the same reasons."""
    return HttpProblem("refused", [each.model_dump() for each in reasons])


def read(model: type[M], request: Request) -> M:
    """The body in its model. Raises `HttpProblem` with the same reasons that Kafka would bring."""
    value = json_of(request)
    try:
        return model_of(model, value)
    except ValidationError as error:
        raise unfit(error) from None


def unfit(error: ValidationError) -> HttpProblem:
    """The problem of a body that does not fit its model."""
    return refused(malformed(field, kind) for field, kind in faults_of(error))


def case_id_of(request: Request) -> str:
    """The id of a case in the path. Raises `HttpProblem` for anything else."""
    case_id = read_case_id(str(request.path_params["case_id"]))
    if case_id is None:
        raise HttpProblem("not-found")
    return case_id


def idempotency_key(request: Request) -> str | None:
    """The key that a client gives to a request and its repetitions. Raises `HttpProblem` if it does not fit."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY.fullmatch(key):
        raise refused([malformed("Idempotency-Key", "pattern")])
    return key


def command_id(request: Request, message: Message, *times: str) -> str:
    """The CloudEvents id of a command: the same for the same words under one key, a new one without a key.

    `times` names the fields that differ each time it is sent.
    """
    key = idempotency_key(request) or request.state.request_id
    words = f"{key}/{message.model_dump_json(exclude=set(times))}"
    return str(uuid5(UUID(message.key), hashlib.sha256(words.encode()).hexdigest()))
