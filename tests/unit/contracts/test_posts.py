"""Which post acts for which unit, and when two decisions are those of two people."""

from __future__ import annotations

import pytest

from contracts.codes import RefusalCode
from contracts.posts import Acting, PostDirectory, needs_name, one_person

MISSING, SAME, UNKNOWN = RefusalCode.ACTOR_MISSING, RefusalCode.SAME_ACTOR, RefusalCode.ACTOR_UNKNOWN
DIRECTORY = PostDirectory.from_tables(
    {
        "posts": {
            "post": [
                {"id": "police.chief", "unit": "police", "stand_in": "police.desk-1"},
                {"id": "police.desk-1", "unit": "police", "stand_in": "health.desk-1"},
                {"id": "health.desk-1", "unit": "health", "channels": ["visit", "radio"]},
            ]
        }
    }
)


@pytest.mark.parametrize(
    ("unit", "post", "may"),
    [
        ("police", "police.chief", True),
        ("police", "police.desk-1", True),
        ("police", "health.desk-1", True),  # stands in for a post of the unit
        ("police", "police.desk-2", False),
        ("health", "health.desk-1", True),
        ("health", "police.desk-1", False),  # nobody stands in the other way round
        ("ecology", "ecology.desk-1", True),  # names no posts: answers for its own people
        ("ecology", "police.chief", False),
    ],
)
def test_a_post_acts_for_its_unit_and_where_it_stands_in(unit: str, post: str, may: bool) -> None:
    assert DIRECTORY.may_act(unit, post) is may
    assert (DIRECTORY.unfit(Acting(unit, post)) is None) is may


@pytest.mark.parametrize(
    ("channel", "post", "may"),
    [
        ("visit", "health.desk-1", True),
        ("radio", "health.desk-1", True),
        ("web", "health.desk-1", False),
        ("visit", "police.desk-1", False),
        ("visit", "nobody.desk-1", False),
    ],
)
def test_a_post_speaks_for_its_channels_alone(channel: str, post: str, may: bool) -> None:
    assert DIRECTORY.may_speak(channel, post) is may


def test_a_place_without_posts_answers_for_its_own_people() -> None:
    assert PostDirectory.from_tables({}).may_act("police", "police.desk-9")


@pytest.mark.parametrize(
    ("decider", "earlier", "refusal"),
    [
        (("police", "a"), ("police", "b"), None),
        (("police", "a"), ("police", "a"), SAME),
        (("police", None), ("police", "a"), MISSING),
        (("police", "a"), ("police", None), MISSING),
        (("police", None), ("police", None), MISSING),
        (("police", "a"), ("health", "a"), SAME),
        (("police", "a"), ("health", "b"), None),
        (("police", None), ("health", "a"), None),
        (("police", None), ("health", None), None),
    ],
)
def test_two_posts_are_two_people_and_so_are_two_units(
    decider: tuple[str, str | None], earlier: tuple[str, str | None], refusal: RefusalCode | None
) -> None:
    assert one_person(Acting(*decider), Acting(*earlier)) == refusal
    assert one_person(Acting(*decider), Acting("ecology"), Acting(*earlier)) == refusal
    assert one_person(Acting(*decider)) is None


def test_a_named_post_declines_what_the_unnamed_desk_of_its_unit_proposed() -> None:
    assert one_person(Acting("police", "a"), Acting("police"), approves=False) is None
    assert one_person(Acting("police"), Acting("police"), approves=False) is MISSING
    assert one_person(Acting("police", "a"), Acting("police", "a"), approves=False) is SAME


@pytest.mark.parametrize(
    ("post", "deciders", "needed"),
    [(None, ("police",), True), ("a", ("police",), False), (None, ("health", None), False), (None, (), False)],
)
def test_only_whose_own_unit_decides_must_name_the_post(
    post: str | None, deciders: tuple[str | None, ...], needed: bool
) -> None:
    assert needs_name(Acting("police", post), deciders) is needed


def test_a_post_that_its_unit_lacks_is_unknown_before_anything_else() -> None:
    assert DIRECTORY.unfit(Acting("police", "police.desk-2"), Acting("police", "police.desk-2")) is UNKNOWN
