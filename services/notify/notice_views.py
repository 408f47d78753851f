"""What may be told of notices: to the unit that got them, and of those that were given up, to whoever has to see to it.

No view holds a contact: who a complainant is stays sealed in the state that it is read from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language
from contracts.notify import NoticeFailed
from contracts.receipts import document_of
from contracts.staff_notices import StaffNoticeFailed
from infra.document import Entry
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.notify.case_notices import CaseNotices, case_notices
from services.notify.domain.case import Case
from services.notify.domain.kept import Kept
from services.notify.domain.notice import Notice, NoticeStatus
from services.notify.domain.papers_of import may_have_case
from services.notify.domain.rules import Rules
from services.notify.domain.sending import CERTAIN
from services.notify.domain.staff import StaffNotice
from services.notify.domain.telling import name_of
from services.notify.domain.templates import Templates

Part = Literal["unread", "read"]
"""Of an inbox."""
Whose = Literal["complainants", "staff"]


class Tried(BaseModel):
    """A way that was given up."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    way: str
    attempts: int
    """0 where it was never tried."""
    why: str
    """The provider's reply code or our own reason; never an address."""


class Words(BaseModel):
    """A notice as it reads."""

    subject: str
    text: str


class ShownNotice(BaseModel):
    """A notice to a unit or a post of it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    what: str
    """Such as ``assignment``, ``red`` or ``escalation``."""
    to: str
    post: str | None
    """Of the unit; absent: the unit."""
    number: str | None
    """Of the case or item it is about."""
    about: str | None
    """Id of the case."""
    owed_at: datetime
    read_at: datetime | None
    status: NoticeStatus
    way: str
    """By which it was told, or is being told."""
    why: str | None
    """Why the last attempt by it did not work."""
    tried: list[Tried]
    """Ways before it."""
    facts: dict[str, str]
    zh: Words | None
    """Absent where the words of the place do not fit what is known."""
    en: Words | None


class Inbox(BaseModel):
    """Some of a unit's notices: unread ones first, the latest first."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    notices: list[ShownNotice]
    next_page: str | None = None
    """To be asked for as `page`."""


class DeadNotice(BaseModel):
    """A notice that was given up by every way that was chosen; the channel or the inbox carries it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    """To be sent again under."""
    what: str
    case_id: str | None
    number: str | None
    to: str | None
    """The unit; absent: the complainant."""
    centre: str | None
    """That of the case."""
    owed_at: datetime
    dead_at: datetime
    redriven: int
    """How often it was sent again before."""
    tried: list[Tried]


class DeadNotices(BaseModel):
    """Some of them, the latest first."""

    notices: list[DeadNotice]
    next_page: int | None = None


class NoticeViews:
    """Notices as they are kept."""

    def __init__(self, store: Store, rules: Callable[[], Rules]) -> None:
        """By the words that are in force."""
        self._store = store
        self._rules = rules

    async def inbox(self, unit: str, post: str | None, part: Part, page: int, size: int) -> Inbox:
        """The unit's own notices and those of its posts, or those of one post."""
        found = await self._inbox(unit, post, part, page, size)
        if not found and part == "unread":  # all of them were on the pages before: the others follow
            part, page = "read", 1
            found = await self._inbox(unit, post, part, page, size)
        more = len(found) > size
        histories = await self._histories([key for key, _ in found[:size]])
        shown = [self._shown(key, kept, histories.get(key, [])) for key, kept in found[:size]]
        following = f"{part}-{page + 1}" if more else ("read-1" if part == "unread" else None)
        return Inbox(notices=shown, next_page=following)

    async def dead(self, whose: Whose, seen_by: frozenset[str] | None, page: int, size: int) -> DeadNotices:
        """Those of complainants or of staff; about cases of these centres, or for an operator all."""
        field = "registered.centre" if whose == "complainants" else "centre"
        wanted: dict[str, Any] = {"filed": "dead", "kind": "case" if whose == "complainants" else "staff-notice"}
        if seen_by is not None:
            wanted[field] = {"$in": sorted(seen_by)}
        rows = await self._rows(wanted, ("dead_at", None, None), page, size)
        histories = await self._histories([key for key, _ in rows[:size]])
        found = [
            dead
            for key, state in rows[:size]
            for dead in dead_of(key, Kept.model_validate(state), histories.get(key, []))
        ]
        return DeadNotices(notices=found, next_page=page + 1 if len(rows) > size else None)

    async def notice(self, notice_id: str) -> tuple[Kept, Notice] | None:
        """The document and the notice of this id; None when there is none."""
        try:
            state = await self._store.state_of(document_of(notice_id))
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        if state is None:
            return None
        kept = Kept.model_validate(state)
        found = next((each for each in notices_of(kept) if notice_id in (each.id, each.sent_as)), None)
        return None if found is None else (kept, found)

    async def of_case(self, case_id: str, unit: str) -> CaseNotices | None:
        """Those to the complainant, for a unit that may have all documents of the case; None for any other."""
        try:
            state = await self._store.state_of(case_id)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        case = None if state is None else Kept.model_validate(state)
        if not isinstance(case, Case) or not may_have_case(unit, case, self._rules().policy):
            return None
        return case_notices(case)

    async def _inbox(
        self, unit: str, post: str | None, part: Part, page: int, size: int
    ) -> list[tuple[str, StaffNotice]]:
        wanted = {"to": unit, "read_at": None if part == "unread" else {"$ne": None}}
        rows = await self._rows({**wanted, **({"post": post} if post else {})}, ("owed_at", None, None), page, size)
        return [(key, StaffNotice.model_validate(state)) for key, state in rows]

    async def _rows(
        self, wanted: Mapping[str, Any], between: tuple[str, str | None, str | None], page: int, size: int
    ) -> list[tuple[str, dict[str, Any]]]:
        try:
            return await self._store.states(wanted, between=between, skip=(page - 1) * size, limit=size + 1)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    async def _histories(self, keys: list[str]) -> dict[str, list[Entry]]:
        try:
            return await self._store.histories(keys)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    def _shown(self, key: str, kept: StaffNotice, history: Iterable[Entry]) -> ShownNotice:
        facts = {each.name: each.value for each in kept.facts}
        templates = self._rules().templates
        return ShownNotice(
            id=key,
            what=kept.what,
            to=kept.to,
            post=kept.post,
            number=facts.get("number") or facts.get("item-number"),
            about=kept.about,
            owed_at=kept.owed_at,
            read_at=kept.read_at,
            status=kept.notice.status,
            way=kept.notice.way,
            why=None if kept.notice.way in CERTAIN else kept.notice.why,
            tried=tried(kept.notice, history),
            facts=facts,
            zh=_words(templates, kept, Language.CHINESE),
            en=_words(templates, kept, Language.ENGLISH),
        )


def notices_of(kept: Kept) -> tuple[Notice, ...]:
    """Every notice of a document."""
    match kept:
        case Case():
            return kept.notices
        case StaffNotice():
            return (kept.notice,)
        case _:
            return ()


def tried(notice: Notice, history: Iterable[Entry]) -> list[Tried]:
    """The ways that were given up, in order, each with its reason; a complainant's since it was last owed."""
    found = [_failure(entry) for entry in history if entry.body and entry.type in _FAILURES]
    return [Tried(way=each.by, attempts=each.attempts, why=each.why) for each in found if _is_of(each, notice)]


def dead_of(key: str, kept: Kept, history: list[Entry]) -> list[DeadNotice]:
    """What of a document was given up."""
    number = case_id = to = centre = None
    if isinstance(kept, Case):
        case_id, registered = key, kept.registered
        number, centre = (registered.number, registered.centre) if registered else (None, None)
    elif isinstance(kept, StaffNotice):
        case_id, to, centre = kept.about, kept.to, kept.centre
        number = next((each.value for each in kept.facts if each.name in ("number", "item-number")), None)
    return [
        DeadNotice(
            id=each.id,
            what=name_of(kept, each) if isinstance(kept, Case) else each.kind,
            case_id=case_id,
            number=number,
            to=to,
            centre=centre,
            owed_at=each.owed_at,
            dead_at=getattr(kept, "dead_at", None) or each.owed_at,
            redriven=each.redriven,
            tried=tried(each, history),
        )
        for each in notices_of(kept)
        if each.status is NoticeStatus.FAILED
    ]


_FAILURES: Mapping[str, type[NoticeFailed | StaffNoticeFailed]] = {
    NoticeFailed.TYPE: NoticeFailed,
    StaffNoticeFailed.TYPE: StaffNoticeFailed,
}


def _failure(entry: Entry) -> NoticeFailed | StaffNoticeFailed:
    return _FAILURES[entry.type].model_validate_json(entry.body)


def _is_of(failure: NoticeFailed | StaffNoticeFailed, notice: Notice) -> bool:
    """A notice to staff is called by its key, whichever time it is sent."""
    return failure.notice_id in (notice.sent_as, notice.id if isinstance(failure, StaffNoticeFailed) else "")


def _words(templates: Templates, kept: StaffNotice, language: Language) -> Words | None:
    try:
        rendered = templates.render(kept.what, language, kept.told)
    except (ValueError, LookupError):
        return None
    return Words(subject=rendered.subject, text=rendered.text)
