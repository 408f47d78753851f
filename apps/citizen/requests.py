"""What the public pages ask of the services.

Requests that a service limits by address carry the address of the browser (`X-Forwarded-For`): the app must be one of
the service's `XN_HTTP_PROXIES`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

from apps.citizen.proof import Own
from apps.web.services import ApiKey, Reason, Service, ServiceProblem, Services
from apps.web.view import View

log = logging.getLogger(__name__)
STATUS_SECONDS = 15.0
"""A status is shown again without asking, so that opening a form does not use up the address's ten requests."""
MOST_STATUSES = 2_000
RETRY_SECONDS = 2.0
"""After a failure, a service is not asked again for what everybody may read."""
UPLOAD_SECONDS = 120.0
FIRST_PAUSE, MOST_PAUSE = 0.1, 1.0


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Accepted(_Part):
    """A submission that the broker has."""

    case_id: str
    number: str | None = None
    receipt_code: str = ""


class Step(_Part):
    """A step of a case."""

    code: str
    at: datetime
    until: datetime | None = None
    zh: str
    en: str


class Awaited(_Part):
    """What the complainant is asked for, or why a case has ended."""

    zh: str
    en: str
    field: str | None = None


class Rated(_Part):
    """The rating of the latest answer."""

    satisfaction: str
    solved: bool
    rated_at: datetime


class AnswerFile(_Part):
    """A file that is part of the answer."""

    file_id: str
    media_type: str = ""
    size_bytes: int = 0


class Limit(_Part):
    """So many units of time."""

    amount: int
    unit: str


class Status(_Part):
    """Where a case is, as its complainant may know it."""

    number: str
    stage: str
    registered_at: datetime
    updated_at: datetime
    ending: str | None = None
    result: str | None = None
    adopted: bool | None = None
    reasons: tuple[Awaited, ...] = ()
    reply: str | None = None
    evidence: tuple[AnswerFile, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    answer_by: datetime | None = None
    due_at: datetime | None = None
    provisional: bool | None = None
    paused: bool | None = None
    limit: Limit | None = None
    timeline: tuple[Step, ...] = ()
    rating: Rated | None = None
    can: tuple[str, ...] = ()


class Genuine(_Part):
    """Whether a printed paper is genuine."""

    genuine: bool
    zh: str | None = None
    en: str | None = None
    issued_on: date | None = None


class Cached:
    """An answer that is the same for everybody, asked for again when it is old. The last one outlives a failure."""

    def __init__(self, ask: Callable[[], Awaitable[Any]], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._found: Any = None
        self._problem: ServiceProblem | None = None
        self._until = 0.0

    async def get(self) -> Any:
        """The answer. Raises `ServiceProblem` where there never was one."""
        async with self._lock:
            if time.monotonic() >= self._until:
                try:
                    self._found, self._problem = await self._ask(), None
                    self._until = time.monotonic() + self._seconds
                except ServiceProblem as problem:
                    log.warning("nothing new for everybody: %s", problem.code)
                    self._problem, self._until = problem, time.monotonic() + RETRY_SECONDS
            if self._found is None and self._problem is not None:
                raise self._problem
            return self._found


class Requests:
    """Requests to the services, for one channel."""

    def __init__(self, services: Services, key: str) -> None:
        self._services = services
        self._key = ApiKey(key)
        self._statuses: OrderedDict[str, tuple[float, Status]] = OrderedDict()
        self.publications = Cached(lambda: services.get("notify", "/v1/publications", params={"limit": 100}), 30)
        self.board = Cached(lambda: services.get("notify", "/v1/board", params={"limit": 50}), 5)

    async def submit(self, body: dict[str, Any], once: str) -> Accepted:
        """File a complaint: the same `once` is the same complaint. Raises `ServiceProblem`."""
        try:
            answer = await self._services.post("intake", "/v1/complaints", body, self._key, once=once)
        except ServiceProblem as problem:
            raise _without_key_faults(problem) from None
        return Accepted.model_validate(answer)

    async def upload(self, name: str, content: Any, media_type: str, own: Own | None, address: str) -> str:
        """Store a file; returns its id. With `own`, for a supplement of that case. Raises `ServiceProblem`."""
        path = "/v1/own/attachments" if own else "/v1/attachments"
        try:
            response = await self._services.request(
                "POST",
                "intake",
                path,
                None if own else self._key,
                headers=_for(address),
                data=own.proof if own else {},
                files={"file": (name, content, media_type)},
                seconds=UPLOAD_SECONDS,
            )
        except ServiceProblem as problem:
            raise _without_key_faults(problem) from None
        return str(response.json()["file_id"])

    async def numbered(self, case_id: str, seconds: float) -> Status | None:
        """The status of a case that was filed just now, once it has its number; None if that takes longer."""
        until, pause = time.monotonic() + seconds, FIRST_PAUSE
        while True:
            try:
                answer = await self._services.get("intake", f"/v1/complaints/{case_id}", self._key)
                return Status.model_validate(answer)
            except ServiceProblem as problem:
                if problem.status != 404 and not problem.away:
                    raise _without_key_faults(problem) from None
            if time.monotonic() + pause > until:
                return None
            await asyncio.sleep(pause)
            pause = min(MOST_PAUSE, 2 * pause)

    async def status(self, own: Own, address: str, *, fresh: bool = False) -> Status:
        """Where the case is. Raises `ServiceProblem`."""
        at, known = self._statuses.get(own.digest, (0.0, None))
        if known is not None and not fresh and time.monotonic() - at < STATUS_SECONDS:
            return known
        found = Status.model_validate(await self._ask("status", own, {}, address))
        self._statuses.pop(own.digest, None)
        self._statuses[own.digest] = (time.monotonic(), found)
        while len(self._statuses) > MOST_STATUSES:
            self._statuses.popitem(last=False)
        return found

    async def act(self, action: str, own: Own, body: dict[str, Any], once: str, address: str) -> bool:
        """Ask for something about the case: whether it is done already. Raises `ServiceProblem` when refused."""
        answer = await self._ask(f"own/{action}", own, body, address, once=once, wait=8)
        self._statuses.pop(own.digest, None)
        return bool(answer.get("accepted"))

    async def evidence(self, own: Own, file_id: str, address: str) -> httpx.Response:
        """A file that is part of the answer. Raises `ServiceProblem`."""
        asked = {**own.proof, "file_id": file_id}
        return await self._services.request(
            "POST",
            "intake",
            "/v1/own/evidence",
            json=asked,
            headers=_for(address),
            seconds=UPLOAD_SECONDS,
        )

    async def genuine(self, number: str, code: str, address: str) -> Genuine:
        """Whether a paper with this number and code was issued. Raises `ServiceProblem`."""
        asked = {"number": number, "code": code}
        response = await self._services.request(
            "GET", "notify", "/v1/documents/verify", params=asked, headers=_for(address)
        )
        return Genuine.model_validate(response.json())

    async def _ask(
        self,
        name: str,
        own: Own,
        body: dict[str, Any],
        address: str,
        *,
        once: str | None = None,
        wait: int | None = None,
    ) -> Any:
        service: Service = "intake"
        return await self._services.post(
            service, f"/v1/{name}", {**body, **own.proof}, once=once, wait=wait, headers=_for(address)
        )


def address_of(view: View) -> str:
    """The address of the browser, as the app's own proxies pass it on."""
    return view.request.client.host if view.request.client else ""


def too_many(seconds: int) -> ServiceProblem:
    """The problem of an address that sends too much."""
    zh, en = f"操作过于频繁，请在 {seconds} 秒后重试。", f"Too many requests; try again in {seconds} seconds."
    return ServiceProblem(429, "too-many", zh, en, retry_after=seconds)


def _for(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address} if address else {}


def _without_key_faults(problem: ServiceProblem) -> ServiceProblem:
    """A complainant has no key: a fault of the app's own is an outage for them."""
    if problem.status not in {401, 403}:
        return problem
    log.error("intake refuses the key of the public pages: %s", problem.code)
    zh, en = "网上渠道暂时不能提交，请稍后再试。", "Complaints cannot be filed here at the moment; try again later."
    return ServiceProblem(503, problem.code, zh, en, (Reason(problem.code, zh, en),), problem.request_id)
