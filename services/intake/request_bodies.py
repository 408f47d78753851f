"""Reads what a request of the native API names: its body, the case in its path, the id of its command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from contracts.message import Message
from contracts.refusals import Reason, malformed
from contracts.typed_codes import read_case_id
from infra.http.bodies import json_of, model_of
from infra.http.problems import HttpProblem, faults_of
from infra.http.repeating import content_id, idempotency_key

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


def field_fault(field: str, detail: str) -> HttpProblem:
    """The problem of one field."""
    return refused([malformed(field, detail)])


def case_id_of(request: Request) -> str:
    """The id of a case in the path. Raises `HttpProblem` for anything else."""
    case_id = read_case_id(str(request.path_params["case_id"]))
    if case_id is None:
        raise HttpProblem("not-found")
    return case_id


def command_id(request: Request, message: Message, *times: str) -> str:
    """The CloudEvents id of a command: the same for the same words under one key, a new one without a key.

    `times` names the fields that differ each time it is sent.
    """
    key = idempotency_key(request, field_fault) or request.state.request_id
    return content_id(message, *times, prefix=f"{key}/")
