"""Who works on a case: a leader and two staff; B where A is away or complained about."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.handling import SignCase
from contracts.routing import AssignmentOffered, CaseAssigned
from services.routing.domain.posts import Named, Posts
from tests.unit.services.routing.desk import POLICY, Desk
from tests.unit.services.speaking import only

UNIT = "urban-management-beicheng"
CAPTAIN, FIRST, SECOND = f"{UNIT}.captain", f"{UNIT}.patrol-1", f"{UNIT}.patrol-2"


@pytest.mark.parametrize(
    ("on", "recused", "named"),
    [
        (date(2026, 11, 23), None, Named(CAPTAIN, (FIRST, SECOND))),
        (date(2026, 10, 25), None, Named(CAPTAIN, (FIRST, SECOND))),
        (date(2026, 10, 26), None, Named(CAPTAIN, (FIRST,))),
        (date(2026, 10, 30), None, Named(CAPTAIN, (FIRST,))),
        (date(2026, 11, 23), CAPTAIN, Named(FIRST, (FIRST, SECOND))),
        (date(2026, 11, 23), FIRST, Named(CAPTAIN, (SECOND,))),
    ],
)
def test_b_acts_when_a_is_away_or_complained_about(on: date, recused: str | None, named: Named) -> None:
    assert POLICY.posts.named(UNIT, on, recused) == named


def test_a_unit_that_names_no_posts_answers_for_its_own_people() -> None:
    assert POLICY.posts.named("housing", date(2026, 11, 23), None) == Named()
    assert POLICY.posts.has("housing", "anybody.at-all")


def test_a_unit_is_told_who_of_it_is_responsible() -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng")
    for told in (only(AssignmentOffered, desk.events), only(CaseAssigned, desk.events)):
        assert (told.unit, told.leader, told.staff) == (UNIT, CAPTAIN, (FIRST, SECOND))


@pytest.mark.parametrize(
    ("actor", "about_person", "refusal"),
    [
        (FIRST, None, None),
        ("police-beicheng.chief", None, ("actor-unknown", "actor")),
        (FIRST, FIRST, ("actor-recused", "actor")),
        (SECOND, FIRST, None),
        (None, FIRST, None),
    ],
)
def test_only_a_post_of_the_unit_acts_and_never_the_one_complained_about(
    actor: str | None, about_person: str | None, refusal: tuple[str, str] | None
) -> None:
    desk = Desk.of(category="garbage-collection", area="beicheng", about_person=about_person)
    desk.ask(SignCase, UNIT, actor=actor)
    assert desk.refusal == refusal


@given(
    away=st.lists(st.booleans(), min_size=6, max_size=6),
    recused=st.none() | st.integers(0, 5),
    stand_ins=st.lists(st.none() | st.integers(0, 5), min_size=6, max_size=6),
)
def test_nobody_named_is_away_or_recused_or_named_twice(
    away: list[bool], recused: int | None, stand_ins: list[int | None]
) -> None:
    day = date(2026, 11, 23)
    table = {
        "post": [
            {
                "id": f"u.{n}",
                "unit": "u",
                "duty": "leader" if n == 0 else "staff",
                "away": [{"since": day, "until": day}] if away[n] else [],
                **({"stand_in": f"u.{stand_ins[n]}"} if stand_ins[n] is not None else {}),
            }
            for n in range(6)
        ]
    }
    blamed = None if recused is None else f"u.{recused}"
    named = Posts.from_table(table).named("u", day, blamed)
    assert len(named.staff) == len(set(named.staff)) <= 2
    for post in {named.leader, *named.staff} - {None}:
        assert post != blamed
        assert not away[int(str(post).split(".")[1])]
