"""One request of a page: who asks, in which language, of which place, and how it is answered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import quote, unquote
from uuid import uuid4

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.web.bodies import FORM_BYTES, form_of
from apps.web.cookies import put
from apps.web.language import Language
from apps.web.place import Place
from apps.web.services import Credential, Service, ServiceProblem, Services, Signed
from apps.web.sessions import Session
from apps.web.tokens import Actor

if TYPE_CHECKING:
    from apps.web.site import Site

FLASH_COOKIE = "xn_flash"
T = TypeVar("T")


@dataclass
class View:
    """What a handler of a page gets."""

    request: Request
    site: Site
    language: Language
    place: Place
    session: Session | None = None
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Fields of a form that was sent after the session had ended; the page shows them again."""
    most_bytes: int = FORM_BYTES
    """Size limit of the request's form."""
    _refused: ServiceProblem | None = None
    """Why the form was not read."""

    def t(self, zh: str, en: str) -> str:
        """The text in the language of the page."""
        return en if self.language == "en" else zh

    @property
    def services(self) -> Services:
        """The client of the four services."""
        return self.site.services

    @property
    def post(self) -> str:
        """The post that acts; empty without a session."""
        return self.session.post if self.session else ""

    @property
    def unit(self) -> str:
        """The unit of that post."""
        return unit_of(self.place, self.post)

    @property
    def who(self) -> Credential:
        """Proves to a service that the signed-in post asks for its unit. Raises `LookupError` without a session."""
        return self.acting("unit", self.unit)

    def acting(self, kind: Literal["unit", "channel"], speaker: str, *rights: str) -> Credential:
        """The same for a unit or channel that the post may speak for, with these rights (default: read and act)."""
        if self.session is None or self.site.signer is None:
            raise LookupError("there is no session")
        allowed = rights or (("read", "submit") if kind == "channel" else ("read", "act"))
        return Signed(self.site.signer, Actor(kind, speaker, self.post, self.session.person, allowed))

    async def get(self, service: Service, path: str, *, reason: str | None = None, **params: Any) -> Any:
        """A document, asked for by the signed-in post. `None` values are left out. Raises `ServiceProblem`."""
        given = [
            (name, str(one))
            for name, value in params.items()
            if value is not None
            for one in (value if isinstance(value, (list, tuple)) else (value,))
        ]
        return await self.services.get(service, path, self.who, params=given, reason=reason)

    async def shared(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` returns; equal reads for the same unit and post at the same time are one (see `SharedReads`).

        `name` says what is read. The result must not depend on the person or on the language.
        """
        return await self.site.shared.get((name, self.unit, self.post), read)

    async def send(
        self,
        service: Service,
        path: str,
        json: Any,
        *,
        once: str | None = None,
        wait: int | None = 5,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Publish something as the signed-in post, and wait some seconds for its outcome. Raises `ServiceProblem`."""
        return await self.services.post(service, path, json, self.who, once=once, wait=wait, headers=headers)

    async def form(self) -> FormData:
        """The fields of the request's form. Raises `ServiceProblem` where it is larger than its page takes."""
        if self._refused is None:
            try:
                return await form_of(self.request, self.most_bytes)
            except ServiceProblem as problem:
                self._refused = problem
        raise self._refused

    def render(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
    ) -> Response:
        """The page."""
        response = self.site.render(self, template, context, status)
        response.headers.update(headers or {})
        return response

    def redirect(self, to: str, zh: str = "", en: str = "") -> Response:
        """Send the browser to another page of the app, which shows this message once (303)."""
        response = RedirectResponse(to, 303)
        if zh:
            text = quote(json.dumps([zh, en or zh], ensure_ascii=False))
            put(self.request, response, FLASH_COOKIE, text, 60)
        return response

    def flash(self) -> str:
        """The message that the page before has left; empty without one."""
        try:
            zh, en = json.loads(unquote(self.request.cookies.get(FLASH_COOKIE, "")))
        except (ValueError, TypeError):
            return ""
        return self.t(str(zh), str(en))

    def once(self) -> str:
        """A value for the hidden field `once` of a form: the same form sent twice is one request."""
        return str(uuid4())

    def local(self, at: datetime | str | None) -> datetime | None:
        """An instant in the city's time zone."""
        found = datetime.fromisoformat(at) if isinstance(at, str) and at else at
        return found.astimezone(self.place.zone) if isinstance(found, datetime) else None

    def instant(self, at: datetime | str | None) -> str:
        """An instant as date and time of the city."""
        found = self.local(at)
        if found is None:
            return ""
        if self.language == "en":
            return f"{found.day} {found:%b %Y %H:%M}"
        return f"{found.year}年{found.month}月{found.day}日 {found:%H:%M}"

    def deadline(self, at: datetime | str | None) -> str:
        """The end of a limit: one that ends with a day ends at 24:00 of it."""
        found = self.local(at)
        if found is None or found.time() != time.min:
            return self.instant(at)
        last = self.day(found - timedelta(minutes=1))
        return f"the end of {last}" if self.language == "en" else f"{last} 24:00"

    def zone(self) -> str:
        """In which time zone the page shows instants, such as `UTC+08:00`."""
        offset = f"{self.site.clock().astimezone(self.place.zone):%z}"
        return self.t(f"时间均为 UTC{offset[:3]}:{offset[3:]}", f"All times are UTC{offset[:3]}:{offset[3:]}")

    def day(self, on: datetime | date | str | None) -> str:
        """A date, or the city's date of an instant."""
        if isinstance(on, str) and len(on) == 10:
            on = date.fromisoformat(on)
        found = on if isinstance(on, date) and not isinstance(on, datetime) else self.local(on)
        if found is None:
            return ""
        return f"{found.day} {found:%b %Y}" if self.language == "en" else f"{found.year}年{found.month}月{found.day}日"

    def named(self, kind: str, code: str | None) -> str:
        """The name of a unit, area, category, channel or post in the language of the page."""
        return self.place.named(kind, code, self.language)


def unit_of(place: Place, post: str) -> str:
    """The unit of a post. A unit that names no posts answers for its own people, named `<unit>.<anything>`."""
    if post in place.posts:
        return place.posts[post].unit
    unit = post.partition(".")[0]
    return unit if unit in place.units else ""


def page_number(given: QueryParams | FormData) -> int:
    """The field `page` of a query or form, from 1; 1 for anything that is no page."""
    text = str(given.get("page", "1"))
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 5 and int(text) else 1
