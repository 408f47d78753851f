"""Cases as the clerks of a centre see them: the held queue and single cases, read from intake's state and history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.attachments import Attachment
from contracts.channel import Attribute, Instruction
from contracts.codes import AppealType, Ending, HandlingResult, Hold
from contracts.intake import (
    CaseRegistered,
    CaseReleased,
    ReceptionRequested,
    SupplementReceived,
    SupplementRequested,
)
from contracts.refusals import Reason
from infra.clock import Clock
from infra.document import Entry
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.possible import Possible
from infra.store import PartialIndex, Store, StoreError
from services.intake.domain.attaching import Files, StoredFile
from services.intake.domain.registration import Registration
from services.intake.status import REGISTERED_AT, Stage, standing_of

HELD_INDEX = PartialIndex(("centre", REGISTERED_AT), with_text_in="held")
"""Index of the held queue. Only held cases are in it."""


class FirstCase(BaseModel):
    """The first case of a matter that the same complainant has brought again."""

    case_id: str
    number: str


class HeldCase(BaseModel):
    """A case at the reception. All text has identity masked."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    case_id: str
    number: str
    hold: Hold | None
    """What it waits for: a clerk's judgement (`scope`) or the complainant (`supplement`)."""
    held_since: datetime | None
    why: Reason | None
    """The rule that wants a clerk's judgement."""
    missing: tuple[Reason, ...]
    """What the complainant was asked for."""
    answer_by: datetime | None
    """The case lapses then if the complainant does not answer."""
    round: int
    """How many times the complainant was asked."""
    registered_at: datetime
    received_at: datetime
    age_seconds: int
    """Since its registration."""
    channel: str
    appeal: AppealType
    category: str
    area: str
    urgent: bool
    title: str
    text: str
    attachments: tuple[Attachment, ...]
    """A stored file is downloaded at `/v1/reception/{case_id}/attachments/{file_id}`."""
    first: FirstCase | None
    """Where the complainant has brought the matter before."""
    repeats: int
    """How many times the matter has come again, this one included."""


class HeldPage(BaseModel):
    """Some of a centre's held cases, the oldest first."""

    cases: list[HeldCase]
    next_page: int | None = None


class ReceptionCase(HeldCase):
    """One case of the centre, held or not."""

    stage: Stage
    version: int
    """Number of the case's events at intake; also the `ETag`. A command with it as `If-Match` fits what was seen, or
    is 409.
    """
    can: tuple[Possible, ...]
    """Each type of command, by the rules that decide. The case may change before a command arrives."""
    added_texts: tuple[str, ...]
    """What the complainant has added."""
    address: str
    latitude: float | None
    longitude: float | None
    attributes: tuple[Attribute, ...]
    about: str | None
    about_person: str | None
    problem: str | None
    instruction: Instruction | None
    confidential: bool
    by_agent: bool
    merged_into: str | None
    """The case that it is handled with (并案)."""
    erased_at: datetime | None
    """When the complainant's identity was erased."""
    ending: Ending | None
    """How it ended without a department's answer."""
    result: HandlingResult | None
    reasons: tuple[Reason, ...]
    reply: str


@dataclass(frozen=True)
class PublishedCase:
    """What intake has published about one case, as far as clerks need it."""

    registered: CaseRegistered
    why: Reason | None = None
    asked_at: datetime | None = None
    added_texts: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> PublishedCase | None:
        """From a history; None without a registration."""
        found: PublishedCase | None = None
        for entry in entries:
            if entry.type == CaseRegistered.TYPE:
                registered = CaseRegistered.model_validate_json(entry.body)
                answers = {each.code: each for each in registered.attributes}
                found = cls(registered, attributes=answers, attachments=registered.attachments)
            elif found is not None:
                found = found._after(entry)
        return found

    def _after(self, entry: Entry) -> PublishedCase:
        match entry.type:
            case ReceptionRequested.TYPE:
                return replace(self, why=ReceptionRequested.model_validate_json(entry.body).why)
            case SupplementRequested.TYPE:
                return replace(self, asked_at=entry.at)
            case SupplementReceived.TYPE:
                return self._received(SupplementReceived.model_validate_json(entry.body))
            case CaseReleased.TYPE:
                return self._released(CaseReleased.model_validate_json(entry.body))
            case _:
                return self

    def _received(self, received: SupplementReceived) -> PublishedCase:
        new = (received.added_text,) if received.added_text and received.added_text not in self.added_texts else ()
        attachments = (*self.attachments, *received.attachments)
        return self._with((*self.added_texts, *new), received.attributes, attachments)

    def _released(self, released: CaseReleased) -> PublishedCase:
        """It repeats the words of the supplements, which older ones did not have, or masks more of them."""
        known = released.added_text in {"", "\n".join(self.added_texts)}
        texts = self.added_texts if known else (released.added_text,)
        return self._with(texts, released.attributes, self.attachments)

    def _with(
        self, texts: tuple[str, ...], answers: tuple[Attribute, ...], attachments: tuple[Attachment, ...]
    ) -> PublishedCase:
        merged = {**self.attributes, **{each.code: each for each in answers}}
        return replace(self, added_texts=texts, attributes=merged, attachments=attachments)


class ReceptionViews:
    """Intake's cases, each for the centre that answers for it."""

    def __init__(
        self,
        store: Store,
        files: Callable[[Collection[str]], Awaitable[Files]],
        clock: Clock,
        possible: Callable[[Registration, str, str, str | None], Sequence[Possible]],
    ) -> None:
        """`files` returns stored files by id; `possible`: which commands a post of a centre may give about a case."""
        self._store = store
        self._files = files
        self._possible = possible
        self._clock = clock

    async def held(self, centre: str, hold: Hold | None, page: int, size: int) -> HeldPage:
        """The centre's held cases, the oldest first. Raises `HttpProblem`."""
        wanted = {"centre": centre, "held": str(hold) if hold else {"$gt": ""}}
        oldest = (REGISTERED_AT, None, None)
        try:
            rows = await self._store.states(
                wanted, between=oldest, skip=(page - 1) * size, limit=size + 1, least_first=True
            )
            histories = await self._store.histories([case_id for case_id, _ in rows[:size]])
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        cases = [
            HeldCase(**self._line(case_id, Registration.model_validate(state), published))
            for case_id, state in rows[:size]
            if (published := PublishedCase.of(histories.get(case_id, ())))
        ]
        return HeldPage(cases=cases, next_page=page + 1 if len(rows) > size else None)

    async def case(self, case_id: str, centre: str, post: str | None) -> ReceptionCase | None:
        """One case of the centre, for one of its posts; None for every other unit. Raises `HttpProblem`."""
        try:
            found = await self._store.whole(case_id)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        if found is None or not answers_for(found.state, centre):
            return None
        published = PublishedCase.of(found.history)
        standing, case = standing_of(case_id, found.state), Registration.model_validate(found.state)
        if published is None or standing is None:
            return None
        registered = published.registered
        same = ("address", "latitude", "longitude", "about", "about_person", "problem", "instruction")
        return ReceptionCase(
            **self._line(case_id, case, published),
            **{name: getattr(registered, name) for name in (*same, "confidential", "by_agent")},
            stage=standing.stage,
            version=len(found.history),
            can=tuple(self._possible(case, case_id, centre, post)),
            added_texts=published.added_texts,
            attributes=tuple(published.attributes.values()),
            merged_into=case.merged_into,
            erased_at=case.erased_at,
            ending=case.ended,
            result=case.result,
            reasons=case.reasons,
            reply=case.reply,
        )

    async def file(self, case_id: str, file_id: str, centre: str) -> StoredFile | None:
        """A stored file of such a case; None after an erasure, too. Raises `HttpProblem`."""
        try:
            state = await self._store.state_of(case_id)
            if state is None or not answers_for(state, centre) or file_id not in state.get("files", ()):
                return None
            found = (await self._files([file_id])).get(file_id)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return found

    def _line(self, case_id: str, case: Registration, published: PublishedCase) -> dict[str, Any]:
        registered = published.registered
        return {
            **{name: getattr(case, name) for name in ("number", "missing", "answer_by", "round", "repeats")},
            **{name: getattr(registered, name) for name in ("appeal", "category", "area", "urgent", "title", "text")},
            "case_id": case_id,
            "hold": case.held,
            "held_since": _held_since(case, published),
            "why": published.why,
            "registered_at": case.registered_at,
            "received_at": registered.received_at,
            "age_seconds": max(0, int((self._clock() - case.registered_at).total_seconds())),
            "channel": registered.channel,
            "attachments": tuple(each for each in published.attachments if each.url or each.file_id in case.files),
            "first": FirstCase(case_id=case.first[0], number=case.first[1]) if case.first else None,
        }


def _held_since(case: Registration, published: PublishedCase) -> datetime | None:
    if case.held is None:
        return None
    return published.asked_at if case.held is Hold.SUPPLEMENT else case.registered_at


def answers_for(state: Mapping[str, Any], centre: str) -> bool:
    """Whether a unit is the centre that answers for a case, from the case's state."""
    return state.get("centre") == centre


def post_of(body: Mapping[str, Any]) -> str | None:
    """The post that an event of intake names as the one that acted."""
    return body.get("by")
