"""Mergers: which cases may go on as part of another, and what is announced of it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.clerking import MergeCase, UnmergeCase
from contracts.codes import Channel, Ending, Hold
from contracts.intake import CaseMerged, CaseUnmerged, ClerkingRefused, FollowerAdded, FollowerRemoved
from contracts.message import Message, case_id_for
from infra.decision import Decision
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import Supplies
from tests.unit.services.intake.test_reception import CENTRE, CLERK, RULES
from tests.unit.services.speaking import AT, CASE, context, decided, only, read, told

OTHER = case_id_for(Channel.WEB, "other")


def case(**changes: Any) -> Registration:
    given = {"number": "BC-20261123-000001", "registered_at": AT, "fingerprint": "", "centre": CENTRE}
    return Registration(**{**given, **changes})


def leading(**changes: Any) -> Registration:
    return case(number="BC-20261123-000002", **changes)


def say(it: Registration | None, said: Message, found: Registration | None = None) -> Decision[Registration]:
    supplies = Supplies()
    if found is not None:
        supplies.leading[OTHER] = found
    return decided(RULES.decide(it, said, context(CENTRE, supplies=supplies)))


def merge(into: str = OTHER) -> MergeCase:
    return MergeCase(case_id=CASE, issued_at=AT, unit=CENTRE, actor=CLERK, into=into)


def unmerge() -> UnmergeCase:
    return UnmergeCase(case_id=CASE, issued_at=AT, unit=CENTRE, actor=CLERK)


def test_a_case_goes_on_as_part_of_another_until_that_is_undone() -> None:
    done = say(case(), merge(), leading())
    assert done.state is not None
    assert done.state.merged_into == OTHER
    merged, added = read(done.events)
    assert merged == CaseMerged(case_id=CASE, occurred_at=AT, into=OTHER, into_number="BC-20261123-000002", by=CLERK)
    assert (added.case_id, added.key, added.follower) == (OTHER, OTHER, CASE)
    assert isinstance(added, FollowerAdded)
    undone = say(done.state, unmerge())
    assert undone.state == case()
    alone, removed = read(undone.events)
    assert (type(alone), alone.out_of, type(removed), removed.case_id) == (CaseUnmerged, OTHER, FollowerRemoved, OTHER)


@pytest.mark.parametrize(
    ("it", "said", "found", "why"),
    [
        (case(), merge(), None, ("cannot-lead", "into")),
        (case(), merge(into=CASE), case(), ("cannot-lead", "into")),
        (case(), merge(), leading(centre="nancheng-centre"), ("cannot-lead", "into")),
        (case(), merge(), leading(closed_at=AT), ("cannot-lead", "into")),
        (case(), merge(), leading(ended=Ending.WITHDRAWN), ("cannot-lead", "into")),
        (case(), merge(), leading(held=Hold.SCOPE), ("cannot-lead", "into")),
        (case(), merge(), leading(merged_into=CASE), ("cannot-lead", "into")),
        (case(held=Hold.SCOPE), merge(), leading(), ("case-held", None)),
        (case(merged_into=OTHER), merge(), leading(), ("case-merged", None)),
        (case(closed_at=AT), merge(), leading(), ("case-closed", None)),
        (case(ended=Ending.LAPSED), merge(), leading(), ("case-closed", None)),
        (case(centre="nancheng-centre"), merge(), leading(), ("not-your-centre", None)),
        (None, merge(), leading(), ("case-unknown", "case_id")),
        (case(), unmerge(), None, ("not-merged", None)),
        (case(closed_at=AT, merged_into=OTHER), unmerge(), None, ("case-closed", None)),
    ],
)
def test_what_may_not_be_merged_is_refused_by_rule(
    it: Registration | None, said: Message, found: Registration | None, why: tuple[str, str | None]
) -> None:
    refused = say(it, said, found)
    assert refused.state == it
    answer = only(ClerkingRefused, refused.events)
    assert (answer.unit, answer.command) == (CENTRE, said.TYPE)
    assert told(answer.reasons) == [why]
