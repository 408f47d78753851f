"""What may be told of a case to a unit: read from routing's state. The one place that knows how it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.attachments import Attachment
from contracts.channel import Attribute, Instruction
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.parsed_states import ParsedStates
from infra.possible import Possible
from infra.store import StateQuery, Store, StoreError
from infra.yielding import in_slices
from services.routing.domain.case import (
    Case,
    Consulted,
    Evidence,
    Extension,
    GivenAnswer,
    Note,
    Proposal,
    Question,
    Report,
    Rest,
    Review,
    Stage,
    Subtask,
)
from services.routing.suggestions import Suggestion

INDEXES = (("asked", "received_at"), ("supervisor",))
"""Fields of the state by which cases are looked up. A queue is what nobody was asked about: few, sifted by centre."""


class Listed(BaseModel):
    """A line of an inbox or a queue."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    case_id: str
    version: int
    """Number of the case's events. A command with it as `If-Match` fits what was seen, or is answered with 409."""
    number: str
    stage: Stage
    title: str
    category: str
    area: str
    appeal: str
    urgent: bool
    received_at: datetime
    responsible: str
    """Who answers for it at this moment."""
    asked: str | None
    asked_at: datetime | None
    rule: str
    """Why it is where it is."""
    binding: bool
    supervisor: str | None
    redos: int
    reopened: int
    suggested: tuple[Suggestion, ...] = ()
    """In a queue, where such matters have been sent before, the likeliest first. Nothing follows from it by itself."""
    proposal: Proposal | None = None
    """In stage `proposed`: where the case is to go when another post approves it, who proposed it, its form number."""


class Shown(Listed):
    """A case with all that its units need. Its `version` is also the `ETag`."""

    can: tuple[Possible, ...]
    """Each type of command, by the rules that decide. The case may change before a command arrives."""
    text: str
    address: str
    latitude: float | None
    longitude: float | None
    attributes: tuple[Attribute, ...]
    attachments: tuple[Attachment, ...]
    """A stored file is read at `/v1/cases/{case_id}/attachments/{file_id}`."""
    evidence: tuple[Evidence, ...]
    """Evidence of the units' reports, in order; read as the attachments are."""
    problem: str | None
    instruction: Instruction | None
    confidential: bool
    about: str | None
    centre: str
    refusers: tuple[str, ...]
    rest: Rest | None
    extension: Extension | None
    subtasks: tuple[Subtask, ...]
    reported: Report | None
    consultation: Consulted | None
    """The latest consultation (会商) on which a ruling rests."""
    notes: tuple[Note, ...]
    """Internal notes of the units, in order."""
    question: Question | None
    """What the complainant has been asked for and has not answered."""
    answer: GivenAnswer | None
    """The answer that closed it last."""
    review: Review | None
    """The complainant's appeal against that answer, until it is decided."""


class Page(BaseModel):
    """Some of the cases that were asked for, the latest first."""

    cases: list[Listed]
    next_page: int | None = None


class Views:
    """Routing's cases as units see them."""

    def __init__(
        self,
        store: Store,
        may_see: Callable[[Case, str], bool],
        possible: Callable[[str, Case, str, str | None], tuple[Possible, ...]],
        suggest: Callable[[Case], tuple[Suggestion, ...]] = lambda _: (),
    ) -> None:
        """`may_see`: whether a unit has to do with a case; `possible`: which commands a post of a unit may give;
        `suggest` ranks the units a waiting case may be sent to.
        """
        self._store = store
        self._cases = ParsedStates(store, Case.model_validate)
        self._may_see = may_see
        self._possible = possible
        self._suggest = suggest

    async def inbox(self, unit: str, stages: Sequence[Stage], category: str | None, page: int, size: int) -> Page:
        """What the unit was sent and has not been taken from it."""
        wanted: dict[str, Any] = {"asked": unit, "closed": Stage.CLOSED in stages and len(stages) == 1}
        return await self._page({**wanted, **({"category": category} if category else {})}, stages, page, size)

    async def queue(self, centre: str, page: int, size: int) -> Page:
        """What waits for the centre's dispatcher, or for somebody to approve where it goes."""
        wanted = {"centre": centre, "asked": None, "closed": False, "held": False, "merged_into": None}
        return await self._page(wanted, (), page, size, self._suggest)

    async def supervised(self, unit: str, page: int, size: int) -> Page:
        """What the unit watches (督办)."""
        return await self._page({"supervisor": unit, "closed": False}, (), page, size)

    async def shown(self, case_id: str, unit: str, post: str | None) -> Shown | None:
        """A case for a post of a unit that has to do with it; None for every other unit, as if there were none."""
        found = await self._versioned(case_id, unit)
        if found is None:
            return None
        case, version = found
        can = self._possible(case_id, case, unit, post)
        return Shown(case_id=case_id, stage=case.stage, version=version, can=can, **_fields(Shown, case))

    async def visible(self, case_id: str, unit: str) -> Case | None:
        """A case, for a unit that has to do with it; None for every other unit."""
        found = await self._versioned(case_id, unit)
        return found[0] if found is not None else None

    async def _versioned(self, case_id: str, unit: str) -> tuple[Case, int] | None:
        try:
            found = await self._store.state_and_length(case_id)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        if found is None or not self._may_see(case := Case.model_validate(found[0]), unit):
            return None
        return case, found[1]

    async def _page(
        self,
        wanted: dict[str, Any],
        stages: Sequence[Stage],
        page: int,
        size: int,
        suggest: Callable[[Case], tuple[Suggestion, ...]] = lambda _: (),
    ) -> Page:
        """Stages are no field of the state: they are sifted here, page by page."""
        try:
            rows = await self._cases.listed(
                StateQuery(wanted, ("received_at", None, None), skip=(page - 1) * size, limit=size + 1)
            )
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        listed = []
        async for row in in_slices(rows[:size]):
            case = row.value
            if not stages or case.stage in stages:
                own: dict[str, Any] = {"case_id": row.key, "version": row.length, "stage": case.stage}
                listed.append(Listed(**own, suggested=suggest(case), **_fields(Listed, case)))
        return Page(cases=listed, next_page=page + 1 if len(rows) > size else None)


def _fields(model: type[Listed], case: Case) -> dict[str, Any]:
    own = {"case_id", "stage", "suggested", "version", "can"}
    return {name: getattr(case, name) for name in model.model_fields if name not in own}


def post_of(body: Mapping[str, Any]) -> str | None:
    """The post that an event of routing names as the one that acted; a leader is named in the instruction."""
    by = body.get("by") or body.get("instruction", {}).get("by")
    return str(by) if by else None
