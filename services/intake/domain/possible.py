"""Which commands a clerk may give about a case now: an example of each is tried by the rules that decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.clerking import EraseIdentity, JudgeScope, MergeCase, RequestSupplement, UnmergeCase
from contracts.codes import RefusalCode
from contracts.message import case_id_for
from contracts.refusals import reason
from infra.decision import Context
from infra.possible import Possible, by_examples
from infra.reasons import ProblemReason
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.clerks import FromClerk, clerk
from services.intake.domain.numbering import Numbers
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import Supplies

OTHER = case_id_for("", "another case of the centre")
EXAMPLES: Mapping[type[FromClerk], Mapping[str, Any]] = {
    JudgeScope: {},
    RequestSupplement: {"missing": ("…",)},
    MergeCase: {"into": OTHER},
    UnmergeCase: {},
    EraseIdentity: {},
}
"""Fields that fit every case."""


def possible(
    case: Registration, case_id: str, unit: str, post: str | None, catalogue: Catalogue, at: datetime
) -> Sequence[Possible]:
    """One answer for each type of command of a centre's post; a desk without a post may give none."""
    if post is None:
        missing = ProblemReason.model_validate(reason(RefusalCode.ACTOR_MISSING, "actor"), from_attributes=True)
        return [Possible(type=kind.TYPE, why_not=missing) for kind in EXAMPLES]
    supplies = Supplies(Numbers())
    supplies.leading[OTHER] = case.model_copy(update={"held": None, "merged_into": None})
    context = Context(key=case_id, at=at, message_id="", speaker=unit, supplies=supplies)
    return [
        by_examples(
            kind,
            [clerk(case, kind(case_id=case_id, issued_at=at, unit=unit, actor=post, **fields), catalogue, context)],
        )
        for kind, fields in EXAMPLES.items()
    ]
