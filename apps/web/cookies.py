"""Cookies of the apps: not readable by scripts, not sent by other sites, and `Secure` behind https."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response


def put(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None, *, secure: bool = False
) -> None:
    """Set a cookie for so many seconds, or until the browser is closed. `secure`: not only behind https."""
    https = secure or request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, secure=https, httponly=True, samesite="strict")


def drop(response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(name, httponly=True, samesite="strict")
