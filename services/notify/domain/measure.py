"""Measures that were decided about a unit or a post: each has its letter (效能告诫书), and may be published.

The decision comes twice, to whoever is concerned and to whoever decided: the first counts. Source: S1¶4, S4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language, SubjectKind
from contracts.conduct import MeasureDecided, MeasureReversed
from contracts.message import Code, Fact, StaffId, UnitId
from contracts.publicity import PublicationOwed, PublicationVoided
from infra.decision import Context, Decision, Subject
from services.notify.domain.kept import Kept
from services.notify.domain.policy import Policy, Tables

FROM_MEASURES = (MeasureDecided, MeasureReversed)
_APOLOGY = "public-apology"
"""公开道歉 (S2): the one measure that is itself a publication."""


class Decided(BaseModel):
    """One decision, as it stands in the letter."""

    model_config = ConfigDict(frozen=True)

    proposal_id: str
    number: str
    unit: UnitId
    """Whose conduct it is about, or whose post's."""
    by: UnitId
    actor: StaffId
    measures: tuple[Code, ...]
    reason: str
    decided_at: datetime
    appeal_until: datetime
    publish: bool = False
    reversed_at: datetime | None = None


class Measure(Kept):
    """All that was decided about one unit or post."""

    kind: Literal["measure"] = "measure"
    of: SubjectKind
    subject: StaffId
    letters: tuple[Decided, ...] = ()

    @property
    def filed(self) -> tuple[str, ...]:
        """The number of each letter, and whose conduct they are about."""
        numbers = [f"letter/{each.number}" for each in self.letters]
        return tuple(dict.fromkeys((*numbers, *(f"letters-of/{each.unit}" for each in self.letters))))


@dataclass(frozen=True)
class MeasureRules:
    """The rules of one place."""

    policy: Policy
    ladder: Sequence[Mapping[str, Any]] = ()
    """The steps of accountability, each with measures and basis."""
    suffix: str = "GJ"
    """Begins the numbers of letters."""

    @classmethod
    def from_tables(cls, policy: Policy, tables: Tables) -> MeasureRules:
        """From the place's tables."""
        documents = tables.get("documents", {}).get("document", ())
        suffix = next((each["suffix"] for each in documents if each["code"] == "admonition"), "GJ")
        return cls(policy, tuple(tables.get("accountability", {}).get("step", ())), suffix)

    def decide(self, kept: Measure | None, subject: Subject, context: Context) -> Decision[Measure]:
        """A decision has its letter; a reversed one loses it, and nothing of it is public."""
        match subject:
            case MeasureDecided():
                return self._decided(kept or Measure(of=subject.kind, subject=subject.subject), subject)
            case MeasureReversed() if kept is not None:
                return _reversed(kept, subject)
        return Decision(kept)

    def due(self, kept: Measure) -> datetime | None:
        """Never."""
        return None

    def is_open(self, kept: Measure) -> bool:
        """Nothing is owed."""
        return False

    def basis(self, kind: SubjectKind, measures: Sequence[str]) -> str | None:
        """The legal basis of the step that proposes just these measures, or all of them among others; None: no step."""
        steps = [step for step in self.ladder if step["ladder"] == str(kind) and set(measures) <= set(step["measures"])]
        return min(steps, key=lambda step: len(step["measures"]))["basis"] if steps else None

    def _decided(self, kept: Measure, said: MeasureDecided) -> Decision[Measure]:
        if not said.measures or any(each.proposal_id == said.proposal_id for each in kept.letters):
            return Decision(kept if kept.letters else None)
        decided = Decided(
            proposal_id=said.proposal_id,
            number=self._number(said),
            unit=self._concerned(said),
            by=said.by,
            actor=said.actor,
            measures=said.measures,
            reason=said.reason,
            decided_at=said.occurred_at,
            appeal_until=said.appeal_until,
            publish=said.publish,
        )
        state = kept.model_copy(update={"letters": (*kept.letters, decided)})
        return Decision(state, (self._owed(decided, said),) if said.publish else ())

    def _number(self, said: MeasureDecided) -> str:
        day = self.policy.day(said.occurred_at)
        return f"{self.suffix}-{day:%Y%m%d}-{UUID(said.proposal_id).hex[:10].upper()}"

    def _concerned(self, said: MeasureDecided) -> str:
        return said.subject if said.kind is SubjectKind.UNIT else self.policy.post_units.get(said.subject, said.unit)

    def _owed(self, decided: Decided, said: MeasureDecided) -> Fact:
        """Words that name the unit alone, never a post: a person reviews them."""
        zh, en = (self._words(decided, language) for language in (Language.CHINESE, Language.ENGLISH))
        return PublicationOwed(
            by=decided.by,
            reference=_reference(decided),
            occurred_at=said.occurred_at,
            what="apology" if _APOLOGY in decided.measures else "exposure",
            about=decided.unit,
            title_zh=f"关于对{zh[0]}问责情况的公开"[:200],
            title_en=f"Accountability of {en[0]}"[:200],
            text_zh=f"经认定，{zh[0]}存在违反机关效能建设规定的行为。{zh[1]}决定：{zh[2]}。",
            text_en=f"{en[0]} was found to have broken the rules of efficiency. {en[1]} has decided: {en[2]}.",
        )

    def _words(self, decided: Decided, language: Language) -> tuple[str, str, str]:
        names = self.policy.names
        unit, by = (names.unit(each, language) or each for each in (decided.unit, decided.by))
        named = [names.measures.get(each, {}).get(language, each) for each in decided.measures]
        return unit, by, ("、" if language is Language.CHINESE else ", ").join(named)


def _reference(decided: Decided) -> str:
    return f"measure-{decided.proposal_id}"


def _reversed(kept: Measure, said: MeasureReversed) -> Decision[Measure]:
    found = next((each for each in kept.letters if each.proposal_id == said.proposal_id), None)
    if found is None or found.reversed_at is not None:
        return Decision(kept)
    gone = found.model_copy(update={"reversed_at": said.occurred_at})
    letters = tuple(gone if each is found else each for each in kept.letters)
    state = kept.model_copy(update={"letters": letters})
    if not found.publish:
        return Decision(state)
    voided = PublicationVoided(
        by=found.by, reference=_reference(found), occurred_at=said.occurred_at, reason=said.reason
    )
    return Decision(state, (voided,))
