"""Bodies of requests, read within limits: bytes, JSON no deeper than it needs to be, forms with each field in order."""

from __future__ import annotations

import json
import re
from codecs import lookup
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from infra.http.problems import HttpProblem

MOST_DEPTH = 12
"""Levels of JSON that a body may nest."""
MOST_PASSED_OVER = 16 * 1024 * 1024
"""Bytes of a body too large that are read to be thrown away: a sender that still writes does not hear the answer."""
MOST_FIELDS = 200
"""Fields that a form may have."""

_CHARSETS = frozenset({"ascii", "utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "big5"})
"""Charsets of forms, by Python's names. Others are rare, and some are costly to decode."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"

M = TypeVar("M", bound=BaseModel)

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""Strings as a whole, an unclosed one to its end: each byte is looked at once."""


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The whole body, kept for the handler. Raises `HttpProblem` when it is too large or its sender went away."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 18:
        raise HttpProblem("malformed")
    if int(declared) > MOST_PASSED_OVER:
        raise HttpProblem("too-large", headers={"Connection": "close"})
    read, size = bytearray(), 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_PASSED_OVER:
                raise HttpProblem("too-large", headers={"Connection": "close"})
            if size <= most_bytes:
                read += part
    except ClientDisconnect:
        raise HttpProblem("malformed") from None
    if size > most_bytes:
        raise HttpProblem("too-large")
    body = bytes(read)
    request.state.body = body
    return body


def body_of(request: Request) -> bytes:
    """The body that has been read."""
    body: bytes = request.state.body
    return body


def media_type(request: Request) -> str:
    """The content type without its parameters, in lower case."""
    return request.headers.get("content-type", "").split(";", 1)[0].strip().lower()


def require_type(request: Request, *taken: str) -> None:
    """Raises `HttpProblem`, which names the types that are taken, when the body is of another (RFC 9110 §15.5.16)."""
    if media_type(request) not in taken:
        raise HttpProblem("media-type", headers={"Accept": ", ".join(taken)}, takes=taken)


def json_of(request: Request) -> Any:
    """The JSON value of the body. Raises `HttpProblem`."""
    body = body_of(request)
    require_type(request, JSON)
    if _depth(body) > MOST_DEPTH:
        raise HttpProblem("malformed")
    try:
        found = json.loads(body, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise HttpProblem("malformed") from None
    return found


def model_of(model: type[M], value: Any) -> M:
    """The value in its model, as JSON says it. Raises `ValidationError`."""
    return model.model_validate_json(json.dumps(value))


def form_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in order, empty ones left out. Raises `HttpProblem`."""
    require_type(request, FORM)
    _, options = parse_options_header(request.headers.get("content-type"))
    try:
        charset = known_charset(options.get(b"charset", b"utf-8").decode("latin-1"))
    except LookupError:
        raise HttpProblem("malformed") from None
    return fields_of(body_of(request), charset)


def known_charset(name: str) -> str:
    """Python's name of a charset that forms may be in. Raises `LookupError` for any other."""
    found = lookup(name).name
    if found not in _CHARSETS:
        raise LookupError(found)
    return found


def fields_of(text: bytes, charset: str = "utf-8") -> list[tuple[str, str]]:
    """The fields of a form or a query. A field that is empty counts as not given. Raises `HttpProblem`."""
    try:
        return parse_qsl(text.decode("ascii"), max_num_fields=MOST_FIELDS, encoding=charset, errors="strict")
    except ValueError:
        pass
    try:  # a client that does not escape what it should
        return parse_qsl(text.decode(charset), max_num_fields=MOST_FIELDS, encoding=charset, errors="strict")
    except ValueError:
        raise HttpProblem("malformed") from None


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for found in _BRACKETS.finditer(body):
        mark = found.group()
        if mark in {b"[", b"{"}:
            depth += 1
            deepest = max(deepest, depth)
        elif mark in {b"]", b"}"}:
            depth -= 1
    return deepest


def _no_constant(name: str) -> Any:
    raise ValueError(name)
