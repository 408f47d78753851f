"""In every place of the sources another body finds than decides, and another than both hears appeals."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.codes import SubjectKind
from contracts.conduct import ConductRefused, FindingAppealed, FindingCounted, FindingFinal
from tests.unit.policies.opened import opened
from tests.unit.policies.records import Finding
from tests.unit.services.speaking import only, told

PLACES = (
    "jiaozuo-2006",
    "jiangmen-2008",
    "hangzhou-2004",
    "ningbo-2004",
    "jian-county",
    "yibin-lingang",
    "preset-12345",
)


def answering(name: str) -> list[str]:
    """Units of the place that are compared with their peers."""
    return [member.id for member in opened(name).scores.members.values() if member.group is not None]


@pytest.mark.parametrize("name", PLACES)
def test_finder_decider_and_body_of_appeal_are_three(name: str) -> None:
    policy = opened(name).conduct
    finders, hears = set(policy.table.findings.by), policy.table.findings.appeals_to
    for unit in answering(name):
        for kind in SubjectKind:
            decides = policy.decides(kind, unit)
            assert len({decides, hears, unit}) == 3
            assert not finders & {decides, hears}
        for finder in finders:
            assert policy.hears_appeals((unit, finder)) == hears


@pytest.mark.parametrize("name", PLACES)
def test_every_finder_may_name_a_post_of_every_unit_and_is_appealed_against_elsewhere(name: str) -> None:
    place = opened(name)
    for body in place.conduct.table.findings.by:
        for unit in answering(name):
            finding = Finding(place, body, unit)
            post = place.conduct.leader_of(unit)
            assert not [each for each in finding.record(post=post) if isinstance(each, ConductRefused)], (body, unit)
            hears = place.conduct.table.findings.appeals_to
            assert hears in {each.unit for each in finding.appealed() if isinstance(each, FindingAppealed)}
            assert told(only(ConductRefused, finding.upheld(body)).reasons) == [("not-appeal-body", None)]
            final = finding.upheld(hears)
            assert {each.unit for each in final if isinstance(each, FindingFinal)} == {unit, body}
            subjects: set[Any] = {each.subject for each in final if isinstance(each, FindingCounted)}
            assert subjects == {unit, post}


@pytest.mark.parametrize("name", PLACES)
def test_more_units_are_ranked_than_are_first_and_last(name: str) -> None:
    place = opened(name)
    ends = max((each.top or 0 for each in place.scores.consequences), default=0) + max(
        (each.bottom or 0 for each in place.scores.consequences), default=0
    )
    assert all(len(place.peers(group)) > ends for group in place.scores.groups)
