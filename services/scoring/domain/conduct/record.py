"""What counts against one unit or one post, and what was proposed, decided and done about it (问责).

The record alone; what follows from it is in `ladder.py` and `proposing.py`, what people say about it in `deciding.py`.
Source: S2, S4, S1¶4.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.codes import FindingSource, SubjectKind
from contracts.posts import Acting
from services.scoring.domain.aggregate import Aggregate

Stage = Literal["open", "lapsed", "expired", "decided", "reversed"]


class Counted(BaseModel):
    """A final, valid finding."""

    model_config = ConfigDict(frozen=True)

    finding: str
    body: str = ""
    """Who found it."""
    actor: str | None
    """The post that did; None: the body's desk."""
    source: FindingSource
    happened_on: date
    units: tuple[str, ...]


class Outcome(BaseModel):
    """A measure was carried out (S1¶4); money in fen."""

    model_config = ConfigDict(frozen=True)

    outcome: str
    at: datetime
    amount_fen: int | None = None
    unlawful_fen: int | None = None
    """How much of it had been taken unlawfully."""


class Draft(BaseModel):
    """A decision that waits for a second post to decide the same (一律严肃处理, S4)."""

    model_config = ConfigDict(frozen=True)

    measures: tuple[str, ...]
    by: str
    reason: str


class Proposal(BaseModel):
    """What a step of the ladder would be, and what became of it."""

    model_config = ConfigDict(frozen=True)

    id: str
    step: str
    findings: tuple[str, ...]
    proposed: tuple[str, ...]
    """The step's measures."""
    proposed_at: datetime
    stage: Stage = "open"
    measures: tuple[str, ...] = ()
    """Those taken, once it is decided."""
    by: str | None = None
    """The body that has decided."""
    draft: Draft | None = None
    """The first post's decision, while a second one has to consent."""
    decided_by: str | None = None
    """Its post that did."""
    consent: str | None = None
    """The second post of it that agreed."""
    appealed_by: str | None = None
    """The post that appealed last for the unit; None: the unit's desk."""
    appeal_until: datetime | None = None
    under_review: bool = False
    """The unit has appealed, or a finding behind it was reversed."""
    review_until: datetime | None = None
    """When the body of appeal has to have decided about that."""
    outcomes: tuple[Outcome, ...] = ()

    @property
    def taken(self) -> bool:
        """Measures were taken, and stand."""
        return self.stage == "decided" and bool(self.measures)


class ConductRecord(Aggregate):
    """Of one unit or one post; never of a person by name."""

    kind: Literal["conduct"] = "conduct"
    of: SubjectKind
    subject: str
    unit: str
    counted: tuple[Counted, ...] = ()
    """In order of the days on which it happened."""
    proposals: tuple[Proposal, ...] = ()
    waits_for: tuple[str, ...] = ()
    """Bodies that have to decide something about it."""
    filed: tuple[str, ...] = ()
    """Under which it is found: each of these bodies, each month in which something was carried out."""

    def proposal(self, id: str) -> Proposal | None:
        """That one."""
        return next((each for each in self.proposals if each.id == id), None)

    def finders(self, proposal: Proposal) -> tuple[Acting, ...]:
        """Who found what the proposal rests on."""
        return tuple(Acting(each.body, each.actor) for each in self.counted if each.finding in proposal.findings)

    def with_proposal(self, changed: Proposal) -> ConductRecord:
        """With that one in place of itself."""
        return self.model_copy(
            update={"proposals": tuple(changed if each.id == changed.id else each for each in self.proposals)}
        )


def concerning(unit: str) -> str:
    """Under which findings, inspections, rectifications and surveys are found that a unit made or that are about it."""
    return f"concerns/{unit}"


def waiting_for(body: str) -> str:
    """Under which the records and findings are found about which a body has to decide."""
    return f"waits/{body}"


def carried_out_in(month: str) -> str:
    """Under which the records are found of which something was carried out in a month."""
    return f"outcomes/{month}"
