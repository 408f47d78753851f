"""Requests that may be sent again: the same message has the same CloudEvents id, and so counts once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from uuid import UUID, uuid5

from starlette.requests import Request

from contracts.message import Message
from infra.http.endpoint import Parameter
from infra.http.problems import HttpProblem

ONCE = Parameter("Idempotency-Key", "header", "the same command under one key counts once; 1–200 ASCII letters")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def idempotency_key(request: Request, fault: Callable[[str, str], HttpProblem]) -> str | None:
    """The key that a client gives to a request and its repetitions. Raises what `fault` returns if it does not fit."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise fault("Idempotency-Key", "pattern")
    return key


def content_id(message: Message, *ignored: str, prefix: str = "") -> str:
    """The UUIDv5 of what a message contains, without the ignored fields, in the namespace of its Kafka key."""
    words = f"{prefix}{message.model_dump_json(exclude=set(ignored))}"
    return str(uuid5(UUID(message.key), hashlib.sha256(words.encode()).hexdigest()))
