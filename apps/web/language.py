"""The language of a page: Chinese, unless the reader has chosen English."""

from __future__ import annotations

from typing import Literal, Protocol

from starlette.requests import Request
from starlette.responses import Response

from apps.web.cookies import put

Language = Literal["zh", "en"]
COOKIE = "xn_lang"
_YEAR = 365 * 86_400


class Named(Protocol):
    """Whatever has a name in each language."""

    @property
    def zh(self) -> str:
        """The Chinese name."""

    @property
    def en(self) -> str:
        """The English name."""


def language_of(request: Request) -> Language:
    """The language chosen in the query or by the cookie; otherwise English only where no Chinese is accepted."""
    chosen = request.query_params.get("lang") or request.cookies.get(COOKIE)
    if chosen in {"zh", "en"}:
        return "en" if chosen == "en" else "zh"
    accepted = request.headers.get("accept-language", "").lower()
    english, chinese = accepted.find("en"), accepted.find("zh")
    return "en" if english >= 0 and chinese < 0 else "zh"


def remember(request: Request, response: Response) -> None:
    """Set the cookie when the query chooses a language."""
    chosen = request.query_params.get("lang")
    if chosen in {"zh", "en"} and request.cookies.get(COOKIE) != chosen:
        put(request, response, COOKIE, chosen or "zh", _YEAR)


def name_in(language: Language, named: Named) -> str:
    """The name in this language, or the other where it has none."""
    return (named.en or named.zh) if language == "en" else (named.zh or named.en)
