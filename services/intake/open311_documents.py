"""Open311 answers in both formats from one value. Source: GeoReport v2, JSON by the Spark convention."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import Reason
from infra.http.bodies import form_of
from infra.http.endpoint import query_of
from infra.http.forms import form_of_parts
from infra.http.problems import HttpProblem

JSON, XML = "application/json; charset=utf-8", "text/xml; charset=utf-8"
FORMATS = {"json": JSON, "xml": XML}

_KEY_FAULTS = {"key-missing", "key-unknown", "key-expired", "right-missing"} | {
    *("token-invalid", "token-expired", "post-unknown")
}
_ENTRY = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "media_urls": "media_url",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
"""What one entry of a list is called."""
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold, however they are written."""


def answer(root: str, value: Any, format: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value in the format asked for. `root` names the outermost element, which JSON leaves out."""
    if format == "xml":
        body = ET.tostring(_element(root, value), encoding="utf-8", xml_declaration=True)
    else:
        body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, status, headers=dict(headers or {}), media_type=FORMATS.get(format, JSON))


def errors(faults: Sequence[tuple[int, str]], format: str, headers: Mapping[str, str] | None = None) -> Response:
    """The standard's list of errors; the first one's code is the status."""
    listed = [{"code": code, "description": description} for code, description in faults]
    return answer("errors", listed, format, faults[0][0], headers)


def _element(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, each) for key, each in value.items())
    elif isinstance(value, list | tuple):
        element.extend(_element(_ENTRY[name], each) for each in value)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif isinstance(value, float):
        element.text = f"{Decimal(repr(value)):f}"  # many readers of XML know no exponent
    elif value is not None:
        element.text = _NO_XML.sub("\ufffd", str(value))
    return element


async def find_key(request: Request, body: bytes) -> str | None:
    """The standard's `api_key`, in the form or the query; the headers of the native API do as well."""
    parts = form_of_parts(request)
    form = parts.fields if parts else form_of(request) if body and request.method == "POST" else []
    key = dict(form).get("api_key") or query_of(request).get("api_key")
    key = key or request.headers.get("x-api-key")
    return key.strip() if key else None


def render(request: Request, problem: HttpProblem, _request_id: str) -> Response:
    """The standard's list of errors, with its codes: 400, 403, 404."""
    status = 403 if problem.code in _KEY_FAULTS else 400 if problem.status == 422 else problem.status
    reasons = [Reason.model_validate(each) for each in problem.reasons]
    said = [f"{_named(each)}{each.en} {each.zh}" for each in reasons] or [f"{problem.en} {problem.zh}"]
    headers = {name: value for name, value in problem.headers.items() if name != "WWW-Authenticate"}
    return errors([(status, text) for text in said], _asked_format(request), headers)


def _named(fault: Reason) -> str:
    return f"{fault.field} ({fault.detail}): " if fault.detail else f"{fault.field}: " if fault.field else ""


def _asked_format(request: Request) -> str:
    """By the path's ending, be it one that no endpoint has."""
    return "xml" if request.url.path.endswith(".xml") else "json"
