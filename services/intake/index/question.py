"""What is searched for: the fields of a search, checked, and read from a query string or a JSON body."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import AppealType, RefusalCode, Satisfaction
from contracts.instants import parse_instant, restore_plus, wall_instant
from contracts.refusals import Reason, malformed, reason
from contracts.typed_codes import read_case_id, read_number
from services.intake.index.access import Access
from services.intake.index.fold import STAGES
from services.intake.index.waits import What
from services.intake.index.words import MOST_WORDS, query_of_words

MOST_A_PAGE = 200
MOST_PAGED = 10_000
"""Results that can be paged through, and the highest total that is counted exactly."""
MOST_EXPORTED = 50_000

Code = Annotated[str, Field(max_length=60)]
Codes = Annotated[list[Code], Field(max_length=50)]
Moment = Annotated[str, Field(max_length=40)]
LISTS = ("stage", "satisfaction", "category", "area", "channel", "appeal", "centre", "unit", "responsible", "what")
BOOLS = ("below", "urgent", "overdue", "paused", "rated")
NUMBERS = ("page", "page_size")


class CaseQuestion(BaseModel):
    """A search; at least one criterion is needed. Several are all to be met; a list means any of its codes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    number: Annotated[str, Field(max_length=60)] = ""
    """A case number as people type it, or its beginning."""
    telephone: Annotated[str, Field(max_length=40)] = ""
    """Of the complainant; in the body of POST only."""
    words: Annotated[str, Field(max_length=400)] = ""
    """In title, text, address, supplements and replies; all of them, two characters or more each."""
    unit: Codes = []
    """Responsible or asked now."""
    responsible: Codes = []
    """Responsible now; without units below."""
    below: bool = True
    """Units and areas below those named are meant, too."""
    centre: Codes = []
    area: Codes = []
    category: Codes = []
    appeal: list[AppealType] = []
    channel: Codes = []
    state: Literal["open", "closed"] | None = None
    stage: Codes = []
    """One of the stages in docs/search.md."""
    urgent: bool | None = None
    overdue: bool | None = None
    """Open, not paused, and past the limit of the whole case."""
    paused: bool | None = None
    """The limit of the whole case is paused."""
    rated: bool | None = None
    """Whether the latest answer was rated."""
    satisfaction: list[Satisfaction] = []
    received_from: Moment = ""
    """A day of the place, or an RFC 3339 timestamp."""
    received_to: Moment = ""
    """A day is meant as a whole."""
    closed_from: Moment = ""
    closed_to: Moment = ""
    due_from: Moment = ""
    """The limit of the whole case ends on this day or later."""
    due_to: Moment = ""
    complainant_of: Annotated[str, Field(max_length=40)] = ""
    """The id of a case: all cases of its complainant."""
    waits_for: Code = ""
    """The unit whose decision is awaited, or that asked the complainant; the own unit where only `what` is given."""
    what: list[What] = []
    """What the case waits for; anything where only `waits_for` is given."""
    sort: Literal["received", "due", "updated", "waiting"] | None = None
    """`received` without it; `waiting` with `waits_for` or `what`, and only with one of them."""
    order: Literal["asc", "desc"] | None = None
    """Ascending without it for `due` and `waiting`, else descending."""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=MOST_A_PAGE)] = 50
    language: Literal["zh", "en"] = "zh"
    """Of the heads and names in CSV and XLSX."""

    @property
    def descending(self) -> bool:
        """Whether the greatest value comes first."""
        return (self.order or ("asc" if self.sorted_by in {"due", "waiting"} else "desc")) == "desc"

    @property
    def sorted_by(self) -> str:
        """The order of the answer."""
        return self.sort or ("waiting" if self.of_waits else "received")

    @property
    def of_waits(self) -> bool:
        """Whether cases are searched by what they wait for."""
        return bool(self.waits_for or self.what)


EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
"""Days that can be asked about."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

CRITERIA = tuple(
    name
    for name in CaseQuestion.model_fields
    if name not in {"below", "sort", "order", "page", "page_size", "language"}
)


def from_query(query: dict[str, str]) -> dict[str, Any]:
    """The fields of a query string as a JSON body has them: lists separated by commas, numbers and truth values."""
    found: dict[str, Any] = {}
    for name, text in query.items():
        if name in LISTS:
            found[name] = [each.strip() for each in re.split("[,，]", text) if each.strip()]
        elif name in BOOLS:
            found[name] = {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
        elif name in NUMBERS and text.isascii() and text.isdecimal() and len(text) < 9:
            found[name] = int(text)
        else:
            found[name] = text
    return found


def faults_of_waiting(question: CaseQuestion, access: Access) -> list[Reason]:
    """Why a search by what cases wait for is not made for this key."""
    if question.of_waits and access.unit is None:
        return [malformed("waits_for" if question.waits_for else "what", "units_only")]
    return []


def faults_of_question(question: CaseQuestion, zone: ZoneInfo) -> list[Reason]:
    """Why a search is not made."""
    found = [malformed("stage", "not_a_value") for each in question.stage if each not in STAGES][:1]
    if question.complainant_of and read_case_id(question.complainant_of) is None:
        found.append(malformed("complainant_of", "uuid"))
    for name in ("received", "closed", "due"):
        found += _faults_of_span(question, name, zone)
    if question.sort == "waiting" and not question.of_waits:
        found.append(malformed("sort", "needs_waits_for"))
    if question.page * question.page_size > MOST_PAGED:
        found.append(reason(RefusalCode.PAGE_TOO_DEEP, "page", most=MOST_PAGED))
    query, short = query_of_words(question.words)
    if short or (question.words and not query):
        found.append(reason(RefusalCode.SEARCH_TOO_WIDE, "words"))
    if len(question.words.split()) > MOST_WORDS:
        found.append(malformed("words", f"over_{MOST_WORDS}_words"))
    if question.number and len(number_prefix(question.number)) < 2:
        found.append(reason(RefusalCode.SEARCH_TOO_WIDE, "number"))
    named = any(getattr(question, name) not in ("", [], None) for name in CRITERIA if name != "words")
    if not found and not named and not query:
        found.append(reason(RefusalCode.SEARCH_TOO_WIDE))
    return found


def _faults_of_span(question: CaseQuestion, name: str, zone: ZoneInfo) -> list[Reason]:
    """Bounds that are no dates, or the last before the first."""
    texts = {side: getattr(question, f"{name}_{side}") for side in ("from", "to")}
    bounds = {side: bound_of(text, zone, end=side == "to") for side, text in texts.items()}
    found = [malformed(f"{name}_{side}", "datetime") for side in texts if texts[side] and bounds[side] is None]
    span = (bounds["from"], bounds["to"])
    if span[0] is not None and span[1] is not None and span[1] <= span[0] and texts["to"] != texts["from"]:
        found.append(malformed(f"{name}_to", "before_first_day"))
    return found


def number_prefix(text: str) -> str:
    """A case number, or its beginning, in its issued form: ``bc 2026`` becomes ``BC-2026``."""
    number = read_number(text).upper()
    found = re.fullmatch(r"([A-Z]{2,4})-?([0-9]{8})-?([0-9]*)", number)
    if found is not None:
        return "-".join(part for part in found.groups() if part)
    partial = re.fullmatch(r"([A-Z]{2,4})-?([0-9]{1,7})", number)
    return "-".join(partial.groups()) if partial is not None else number


def bound_of(text: str, zone: ZoneInfo, *, end: bool) -> datetime | None:
    """An instant, or the first of a day in the place; with `end`, the first after it. None for anything else."""
    if (day := day_of(text)) is not None:
        return wall_instant(day + timedelta(days=1) if end else day, time.min, zone)
    try:
        instant = parse_instant(restore_plus(text.strip()))
    except ValueError:
        return None
    return instant if EARLIEST <= instant.date() <= LATEST else None


def day_of(text: str) -> date | None:
    """A day such as ``2026-01-31``. None for anything else, and for a day outside `EARLIEST` and `LATEST`."""
    try:
        day = date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        return None
    return day if day is not None and EARLIEST <= day <= LATEST else None
