"""Who is signed in: a signed cookie, `HttpOnly` and `SameSite=Strict`, that ends after idle time and after hours.

The cookie is the whole session, so that any process of the app answers any request. Requests of other sites are
refused by `Sec-Fetch-Site` and `Origin` (see `apps.web.guard`). Requests that a page's script makes by itself do not
count as use: a page that is left open does not hold its session open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from apps.web.cookies import drop, put
from apps.web.settings import StaffSettings

COOKIE = "xn_session"
RENEW = timedelta(minutes=1)
"""The cookie is written again when it is older than this."""


@dataclass(frozen=True)
class Session:
    """A person who signed in, and the post that acts."""

    person: str
    """Opaque id; never a name."""
    name: str
    """Shown on the page."""
    posts: tuple[str, ...]
    """Posts that the person holds."""
    post: str
    """The one that acts now."""
    begun_at: float
    """Seconds since 1970."""
    seen_at: float

    def acting_as(self, post: str) -> Session:
        """The same person in another post. Raises `ValueError` when the person does not hold it."""
        if post not in self.posts:
            raise ValueError(post)
        return replace(self, post=post)


class Sessions:
    """Reads and writes the cookie."""

    def __init__(self, settings: StaffSettings, clock: Callable[[], datetime]) -> None:
        self._signer = URLSafeSerializer(settings.web_secret.get_secret_value(), salt="xn-session")
        self._idle = timedelta(minutes=settings.session_idle_minutes).total_seconds()
        self._life = timedelta(hours=settings.session_hours).total_seconds()
        self._https = settings.web_url.startswith("https:")
        self._clock = clock

    def begin(self, person: str, name: str, posts: tuple[str, ...]) -> Session:
        """A new session in the first post."""
        now = self._now()
        return Session(person, name, posts, posts[0], now, now)

    def of(self, request: Request) -> Session | None:
        """The session of a request; None without one, or after it has ended."""
        session = self._read(request)
        if session is None:
            return None
        now = self._now()
        ended = now - session.seen_at > self._idle or now - session.begun_at > self._life
        return None if ended or session.post not in session.posts else session

    def ended_person(self, request: Request) -> str | None:
        """The person whose session, in force or ended, the request carries."""
        session = self._read(request)
        return session.person if session else None

    def write(self, request: Request, response: Response, session: Session) -> None:
        """Set the cookie, as seen now."""
        text = str(self._signer.dumps(asdict(replace(session, seen_at=self._now()))))
        put(request, response, COOKIE, text, secure=self._https)

    def renew(self, request: Request, response: Response, session: Session) -> None:
        """Write the cookie again when it has become old, so that the idle time counts from this request."""
        if self._now() - session.seen_at > RENEW.total_seconds():
            self.write(request, response, session)

    def end(self, response: Response) -> None:
        """Delete the cookie."""
        drop(response, COOKIE)

    def _read(self, request: Request) -> Session | None:
        if not (cookie := request.cookies.get(COOKIE)):
            return None
        try:
            fields: dict[str, Any] = self._signer.loads(cookie)
            return Session(**{**fields, "posts": tuple(fields["posts"])})
        except (BadSignature, TypeError, KeyError, ValueError):
            return None

    def _now(self) -> float:
        return self._clock().astimezone(UTC).timestamp()
