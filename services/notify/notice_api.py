"""The JSON API of notices: a unit's inbox, and what was given up, to be sent again."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import encode
from contracts.message import StaffId
from contracts.receipts import RedriveNotice
from contracts.refusals import malformed
from contracts.staff_notices import StaffNoticeSent
from contracts.typed_codes import read_case_id
from infra.clock import Clock
from infra.http.bodies import json_of, model_of
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, query_of, respond
from infra.http.handing import HttpHanding
from infra.http.paging import PAGE_SIZE, PAGING, page_size_of, paging
from infra.http.problems import HttpProblem, ProblemDocument, faults_of
from infra.http.publishing import HttpPublisher
from infra.http.streaming import MEDIA_TYPE, Streams
from services.notify.asking import (
    ACT,
    KEYED,
    NONE,
    READ,
    WRONG,
    Asking,
    fault,
)
from services.notify.case_notices import CaseNotices
from services.notify.domain.case import Case
from services.notify.domain.kept import Kept
from services.notify.domain.notice import again
from services.notify.domain.staff import Read, StaffNotice
from services.notify.notice_views import DeadNotices, Inbox, NoticeViews, Part

_PAGE = re.compile(r"(unread|read)-([1-9][0-9]{0,5})")


class Again(BaseModel):
    """Has the notice sent again, by the post of the key."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    by: StaffId | None = None
    """May be left out: the post of the key."""


class Accepted(BaseModel):
    """The broker has it."""

    command_id: str
    """CloudEvents id."""


class NoticeApi:
    """The handlers."""

    def __init__(
        self,
        views: NoticeViews,
        asking: Asking,
        outgoing: HttpPublisher,
        inward: HttpHanding,
        streams: Streams,
        clock: Clock,
    ) -> None:
        self._views = views
        self._asking = asking
        self._outgoing = outgoing
        self._inward = inward
        self._streams = streams
        self._clock = clock

    async def inbox(self, request: Request, caller: Caller) -> Response:
        """What the unit and its posts were told."""
        asked, size = query_of(request), page_size_of(request, fault)
        page = _PAGE.fullmatch(asked.get("page", "unread-1"))
        if page is None:
            raise fault("page", "pattern")
        part: Part = "unread" if page[1] == "unread" else "read"
        return respond(await self._views.inbox(self._asking.unit(caller), asked.get("post"), part, int(page[2]), size))

    async def of_case(self, request: Request, caller: Caller) -> Response:
        """The notices to the complainant of a case."""
        case_id, unit = read_case_id(str(request.path_params["case_id"])), self._asking.unit(caller)
        found = await self._views.of_case(case_id, unit) if case_id else None
        if found is None:
            raise HttpProblem("not-found")
        return respond(found)

    async def opened(self, request: Request, caller: Caller) -> Response:
        """The notice has been read; once it is, it stays so."""
        notice_id, unit = str(request.path_params["notice_id"]), self._asking.unit(caller)
        found = await self._views.notice(notice_id)
        if found is None or not isinstance(found[0], StaffNotice) or found[0].to != unit:
            raise HttpProblem("not-found")
        await self._inward.hand(found[1].id, Read())
        return Response(status_code=204)

    async def events(self, request: Request, caller: Caller) -> Response:
        """What the unit is told, as it is told."""
        unit, last = self._asking.unit(caller), request.headers.get("last-event-id", "")
        if last and not re.fullmatch(r"[0-9]{1,18}(-[0-9]{1,18})*", last):
            raise fault("Last-Event-ID", "pattern")

        def is_to_unit(said: Any) -> bool:
            return isinstance(said, dict) and said.get("to") == unit

        return await self._streams.sifted(StaffNoticeSent.TOPIC, StaffNoticeSent.TYPE, is_to_unit, last)

    async def dead(self, request: Request, caller: Caller) -> Response:
        """What was given up."""
        whose = query_of(request).get("whose", "complainants")
        if whose not in ("complainants", "staff"):
            raise fault("whose", "enum")
        seen_by = self._asking.answers_for(caller)
        return respond(
            await self._views.dead("staff" if whose == "staff" else "complainants", seen_by, *paging(request, fault))
        )

    async def redrive(self, request: Request, caller: Caller) -> Response:
        """Published for the loop, which owes it again."""
        notice_id, seen_by = str(request.path_params["notice_id"]), self._asking.answers_for(caller)
        try:
            who = model_of(Again, json_of(request))
        except ValidationError as error:
            reasons = [malformed(field, kind).model_dump() for field, kind in faults_of(error)]
            raise HttpProblem("refused", reasons) from None
        by = caller.acting("by")
        if who.by not in (None, by):
            raise fault("by", "from_the_key")
        found = await self._views.notice(notice_id)
        if found is None or (seen_by is not None and _answering_for(found[0]) not in seen_by):
            raise HttpProblem("not-found")
        kept, notice = found
        at = self._clock()
        if again(notice, at) is notice or (isinstance(kept, Case) and kept.contact_box is None):
            raise HttpProblem("conflict")
        command = RedriveNotice(notice_id=notice.id, issued_at=at, by=by)
        id = str(uuid5(UUID(command.key), f"{notice.sent_as}/{caller.request_id}"))
        await self._outgoing.publish(
            encode(command, id=id, source=f"/units/{caller.speaker}/http", traceparent=caller.traceparent)
        )
        return respond(Accepted(command_id=id), 202)


def notices(api: NoticeApi) -> Interface:
    """The interface."""
    return Interface(
        "notices",
        "What units are told, and notices that were given up.",
        (
            Endpoint(
                "GET",
                "/v1/notices",
                api.inbox,
                "The unit's inbox: unread notices first, the latest first",
                {200: Answer("some of them", Inbox), **KEYED, **WRONG},
                right=READ,
                parameters=(
                    Parameter("post", "query", "those of one post of the unit"),
                    Parameter("page", "query", "as `next_page` says it; the latest unread ones where it is left out"),
                    PAGE_SIZE,
                ),
            ),
            Endpoint(
                "GET",
                "/v1/cases/{case_id}/notices",
                api.of_case,
                "Notices to the complainant of a case: what, when and by which way",
                {200: Answer("all of them", CaseNotices), **NONE, **KEYED},
                right=READ,
                parameters=(Parameter("case_id", "path", "UUIDv5 of channel and external id"),),
            ),
            Endpoint(
                "POST",
                "/v1/notices/{notice_id}/read",
                api.opened,
                "Somebody has read it",
                {204: Answer("noted"), **NONE, **KEYED},
                right=ACT,
                parameters=(_notice_id(),),
            ),
            Endpoint(
                "GET",
                "/v1/notices/events",
                api.events,
                "Server-sent events: notices of the unit as they are told",
                {200: Answer("events", media_types=(MEDIA_TYPE,), schema={"type": "string"}), **KEYED, **WRONG},
                right=READ,
                parameters=(
                    Parameter(
                        "Last-Event-ID", "header", "go on after this event; only what is new where it is left out"
                    ),
                ),
            ),
            Endpoint(
                "GET",
                "/v1/dead-notices",
                api.dead,
                "Notices that were given up by every way that was chosen, the latest first",
                {200: Answer("some of them", DeadNotices), **KEYED, **WRONG},
                right=READ,
                parameters=(
                    Parameter("whose", "query", "`complainants` where left out, or `staff`"),
                    *PAGING,
                ),
            ),
            Endpoint(
                "POST",
                "/v1/notices/{notice_id}/redrive",
                api.redrive,
                "Send it again, from its first way on",
                {
                    202: Answer("with the broker", Accepted),
                    400: Answer("not well-formed", ProblemDocument),
                    409: Answer("under way, without any way but the certain one, or forgotten", ProblemDocument),
                    413: Answer("too large", ProblemDocument),
                    415: Answer("not JSON", ProblemDocument),
                    **NONE,
                    **KEYED,
                    **WRONG,
                },
                right=ACT,
                body=Again,
                parameters=(_notice_id(),),
            ),
        ),
        client="unit",
    )


def _notice_id() -> Parameter:
    return Parameter("notice_id", "path", "as it is listed")


def _answering_for(kept: Kept) -> str | None:
    if isinstance(kept, Case):
        return kept.registered.centre if kept.registered else None
    return kept.centre if isinstance(kept, StaffNotice) else None
