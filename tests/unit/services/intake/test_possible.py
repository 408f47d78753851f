"""Which commands a clerk may give about a case."""

from __future__ import annotations

import pytest

from contracts.clerking import EraseIdentity, JudgeScope, MergeCase, RequestSupplement, UnmergeCase
from contracts.codes import Ending, Hold
from contracts.topics import REGISTRY
from services.intake.domain.possible import EXAMPLES, OTHER, possible
from services.intake.domain.registration import Registration
from tests.unit.services.intake.test_reception import CENTRE, CLERK, RULES, reception
from tests.unit.services.speaking import AT, CASE


def why_not(case: Registration, unit: str = CENTRE, post: str | None = CLERK) -> list[str | None]:
    """Codes of the reasons, in the order of the examples; None: possible."""
    found = possible(case, CASE, unit, post, RULES.catalogue, AT)
    assert [each.type for each in found] == [kind.TYPE for kind in EXAMPLES]
    return [each.why_not.code if each.why_not else None for each in found]


def test_every_command_of_a_clerk_has_an_example() -> None:
    assert EXAMPLES.keys() == set(REGISTRY["clerking.{unit}"].messages)
    assert list(EXAMPLES) == [JudgeScope, RequestSupplement, MergeCase, UnmergeCase, EraseIdentity]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"held": Hold.SCOPE}, [None, None, "case-held", "not-merged", None]),
        ({"held": Hold.SUPPLEMENT}, ["not-held", "not-held", "case-held", "not-merged", None]),
        ({"held": None}, ["not-held", "not-held", None, "not-merged", None]),
        ({"held": None, "merged_into": OTHER}, ["not-held", "not-held", "case-merged", None, None]),
        ({"held": None, "ended": Ending.WITHDRAWN}, [*["case-closed"] * 4, None]),
    ],
)
def test_what_a_clerk_may_do_follows_the_state_of_the_case(
    changes: dict[str, object], expected: list[str | None]
) -> None:
    it = reception(text="合同纠纷")
    assert it.case is not None
    assert why_not(it.case.model_copy(update=changes)) == expected


def test_only_posts_of_the_centre_may_give_commands() -> None:
    it = reception(text="合同纠纷")
    assert it.case is not None
    assert why_not(it.case, post=None) == ["actor-missing"] * 5
    assert why_not(it.case, post=f"{CENTRE}.desk-9") == ["actor-unknown"] * 5
    assert why_not(it.case, unit="nancheng-centre") == ["not-your-centre"] * 5
