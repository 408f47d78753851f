"""The whole course of a case: events of all four services, limits, documents, and its trace as a waterfall."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from apps.board import waterfall
from apps.board.answers import Words, answer
from apps.board.span_store import SpanStore
from apps.board.waterfall import Instant, Waterfall
from apps.board.words import DETAILS, NOTICE_STATUS, word
from apps.web.services import Service, ServiceProblem
from apps.web.view import View
from apps.web.words import COMPLAINANT_NOTICES, RESULTS, SATISFACTION
from contracts.topics import REGISTRY
from contracts.typed_codes import read_case_id

log = logging.getLogger(__name__)
REASON = "supervision: course of a case"
"""Access reason in requests to the services, which log reads of personal data."""
_UNITS = frozenset({"unit", "responsible", "to", "supervisor", "verifier"})
_STORED = "case.stored"
"""What intake's own state has of a case whose events are gone; the same answer again where they are not."""
_INSTANTS = frozenset({"due_at", "until"})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened."""

    at: datetime
    service: str
    text: str
    details: Sequence[tuple[str, str]] = ()


class Story:
    """The page of one case."""

    def __init__(self, spans: SpanStore) -> None:
        self._spans = spans

    async def show(self, view: View) -> Response:
        """The page. Every part but the course itself may be missing when its service is away."""
        case_id = read_case_id(str(view.request.path_params["case_id"]))
        if case_id is None:
            raise HTTPException(404)
        course = await view.get("intake", f"/v1/cases/{case_id}/timeline", reason=REASON)
        clocks, notices, documents = await asyncio.gather(
            _part(view, "scoring", f"/v1/cases/{case_id}/clocks"),
            _part(view, "notify", f"/v1/cases/{case_id}/notices"),
            _part(view, "notify", f"/v1/cases/{case_id}/documents"),
        )
        steps = steps_of(
            view, course["steps"], (notices or {}).get("notices", ()), (documents or {}).get("documents", ())
        )
        return view.render(
            "case.html",
            case=answer(course["case"]),
            steps=steps,
            clocks=answer((clocks or {}).get("clocks", [])),
            lacking=[service for service, part in (("scoring", clocks), ("notify", notices)) if part is None],
            trace=await self._trace(case_id, steps),
            w=Words(view),
        )

    async def _trace(self, case_id: str, steps: Sequence[Step]) -> Waterfall:
        try:
            spans = await self._spans.of_case(case_id)
        except sqlite3.Error:
            log.warning("the file of spans cannot be read", exc_info=True)
            spans = []
        if spans:
            return waterfall.of_spans(spans)
        return waterfall.of_events(Instant(each.service, each.text, each.at) for each in steps)


async def _part(view: View, service: Service, path: str) -> Any:
    """A document; empty where this service does not know the case, None where it is away."""
    try:
        return await view.get(service, path, reason=REASON)
    except ServiceProblem as problem:
        return None if problem.away else {}


def steps_of(
    view: View,
    events: Iterable[Mapping[str, Any]],
    notices: Iterable[Mapping[str, Any]],
    documents: Iterable[Mapping[str, Any]],
) -> list[Step]:
    """Everything that happened, by time."""
    known = list(events)
    closed = any(each["event"] == "case.closed" for each in known)
    found = [_of_event(view, each) for each in known if not (closed and each["event"] == _STORED)]
    for notice in notices:
        what = word(COMPLAINANT_NOTICES, notice["what"], view.language)
        status = word(NOTICE_STATUS, notice["status"], view.language)
        found.append(
            Step(
                _at(notice["owed_at"]),
                "notify",
                view.t(f"通知诉求人：{what}（{status}）", f"notice: {what} ({status})"),
            )
        )
    for paper in documents:
        text = view.t(f"文书：{paper['zh']} {paper['number']}", f"document: {paper['en']} {paper['number']}")
        found.append(Step(_at(paper["issued_at"]), "notify", text))
    return sorted(found, key=lambda each: each.at)


def service_of(event: str) -> str:
    """The service that publishes an event, by its short name."""
    message = REGISTRY.messages.get(f"cn.xiaoneng.{event}.v1")
    return REGISTRY[message.TOPIC].writers[0] if message is not None else "intake"


def _of_event(view: View, event: Mapping[str, Any]) -> Step:
    details = [
        (word(DETAILS, name, view.language), _shown(view, name, value))
        for name, value in event["details"].items()
        if name in DETAILS and value not in (None, "", [])
    ]
    return Step(_at(event["at"]), service_of(event["event"]), view.t(event["zh"], event["en"]), details)


def _shown(view: View, name: str, value: Any) -> str:
    if name in _UNITS:
        return view.named("unit", str(value))
    if name in _INSTANTS:
        return view.instant(str(value)) if len(str(value)) > 10 else view.day(str(value))
    if isinstance(value, bool):
        return view.t("是", "yes") if value else view.t("否", "no")
    if name == "result":
        return word(RESULTS, str(value), view.language)
    return word(SATISFACTION, str(value), view.language) if name == "satisfaction" else str(value)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
