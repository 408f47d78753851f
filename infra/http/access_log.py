"""Who read what: the fields of the `request` log line that come from key or token, path and `X-Access-Reason`."""

from __future__ import annotations

import re

from starlette.requests import Request

from infra.http.keys import Client

REASON_HEADER = "X-Access-Reason"
"""Header with the reason for which a person reads, as a code: `handling`, `reception`, `call-back`."""
REASON = r"[a-z]+(-[a-z]+){0,5}"
"""Pattern of such a code."""
_MOST_CHARACTERS = 60
_CASE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def log_access(request: Request, **fields: str) -> None:
    """Add fields to a request's log line, such as a case that its path does not name. Never words or identities."""
    request.state.access = {**getattr(request.state, "access", {}), **fields}


def access_fields(request: Request) -> dict[str, str]:
    """The fields that are known. What has not the form of a case id or a reason code may be words, and is left out."""
    client: Client | None = getattr(request.state, "client", None)
    case_id = str(request.path_params.get("case_id", ""))
    reason = request.headers.get(REASON_HEADER, "")
    found = {
        "key": client.id if client else None,
        "speaker": client.speaker if client else None,
        "post": client.post if client else None,
        "person": client.person if client else None,
        "case_id": case_id.lower() if _CASE_ID.fullmatch(case_id) else None,
        "reason": reason if len(reason) <= _MOST_CHARACTERS and re.fullmatch(REASON, reason) else None,
    }
    known = {name: value for name, value in found.items() if value is not None}
    return {**known, **getattr(request.state, "access", {})}
