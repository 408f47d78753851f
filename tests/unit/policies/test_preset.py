"""Current practice (domain §4, §5) as the place `preset-12345` has it: limits, three rates, supervision above."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.codes import AppealType, Authority, Satisfaction
from contracts.handling import DecideExtension, RequestExtension
from services.intake.domain.scope import Verdict as Scope
from services.scoring.domain.scores.grading import graded
from tests.unit.policies.opened import handlings, opened, points
from tests.unit.policies.records import of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import registered, types

PLACE = opened("preset-12345")
SATISFIED, DISSATISFIED = Satisfaction.SATISFIED, Satisfaction.DISSATISFIED


@pytest.mark.parametrize(
    ("received", "appeal", "last"),
    [
        ((9, 18), AppealType.CONSULT, (9, 21)),
        ((9, 18), AppealType.REQUEST, (10, 9)),
        ((9, 18), AppealType.COMPLAINT, (10, 15)),
        ((2, 9), AppealType.REPORT, (3, 6)),
        ((2, 9), AppealType.CONSULT, (2, 11)),
    ],
)
def test_each_appeal_has_its_working_days_with_holidays_and_make_up_days(
    received: tuple[int, int], appeal: AppealType, last: tuple[int, int]
) -> None:
    """Domain §4: consult 2, request and suggestion 10, complaint and report 15 working days."""
    assert PLACE.due_on(date(2026, *received), appeal) == date(2026, *last)


def test_stages_have_the_limits_of_current_practice() -> None:
    stages = {name: str(limit) for name, limit in PLACE.scoring.limits.stages.items()}
    assert (stages["approve"], stages["dispatch"], stages["dispatch_urgent"], stages["sign"]) == (
        "0 working days",
        "24 hours",
        "2 hours",
        "1 working day",
    )


def test_the_three_rates_make_a_score_and_a_band_and_nobody_is_ranked() -> None:
    """响应率、解决率、满意率; 国办函〔2025〕66号 warns against one-sided ranking."""
    cases = [
        *handlings("police", [SATISFIED] * 27 + [DISSATISFIED] * 3),
        *handlings("police", [SATISFIED] * 30, "web", signed_on_time=False),
    ]
    card = PLACE.card("police", cases)
    assert points(card) == {"response": 10, "resolution": 38, "satisfaction": 38}
    (shown,) = graded([card], PLACE.scores)["bureau"]
    assert (card.total, shown.band, shown.rank, shown.small_sample) == (86, "good", None, False)


def test_what_rests_on_less_than_thirty_ratings_is_flagged() -> None:
    assert PLACE.card("police", handlings("police", [SATISFIED] * 29)).small_sample


def test_the_third_redo_is_supervised_one_level_up() -> None:
    """3 redos or 3 transfers without an owner → 提级督办."""
    desk = Desk(rules=PLACE.routing)
    matter = {"category": "noise", "area": "east", "appeal": AppealType.REPORT}
    desk.say(registered(**matter, jurisdiction="east-centre"), "")
    desk.sign("police-east")
    found = []
    for _ in range(3):
        desk.report("police-east")
        desk.verify("east-centre", accepted=False, reason="仍有噪声")
        found.append("CaseEscalated" in types(desk.last))
    assert found == [False, False, True]


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("法院已立案，请协调。", Authority.COURT),
        ("该局长受贿。", Authority.DISCIPLINE_INSPECTION),
        ("请修路灯。", None),
    ],
)
def test_what_others_judge_is_told_where_it_goes(text: str, authority: Authority | None) -> None:
    rules = [rule for rule in PLACE.catalogue.scope if any(word in text for word in rule.words)]
    assert PLACE.scope("other", text) is (Scope.DIVERTED if authority else Scope.IN)
    assert [rule.authority for rule in rules] == ([authority] if authority else [])


@pytest.mark.parametrize(
    ("category", "area", "unit"),
    [("noise", "east", "police-east"), ("noise", "city", "police"), ("water-supply", "west", "water")],
)
def test_a_matter_goes_to_the_branch_where_there_is_one(category: str, area: str, unit: str) -> None:
    assert PLACE.routed(category, area, "request") == unit


def test_a_second_valid_complaint_weighs_more_than_the_first() -> None:
    record = of_post(PLACE, "police-east")
    measures = [record.counts(date(2026, month, 5)).measures for month in (3, 4, 5)]
    assert measures == [("talk",), ("admonition",), ("admonition",)]
    assert of_unit(PLACE, "police-east").counts(date(2026, 3, 5)).measures == ("ordered",)


def test_an_efficiency_investigation_takes_thirty_days_and_sixty_with_all_its_extensions() -> None:
    """Domain §4; other cases have one extension of fifteen days."""
    assert PLACE.due_on(date(2026, 9, 18), category="efficiency-investigation") == date(2026, 11, 5)
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="efficiency-investigation", area="city", jurisdiction="city-12345"), "")
    desk.sign("inspection-office")
    approver = "city-12345"
    for days in (12, 12):
        desk.ask(RequestExtension, "inspection-office", working_days=days, reason="需查阅档案")
        desk.ask(DecideExtension, approver, granted=True)
        assert desk.refusal is None
    desk.ask(RequestExtension, "inspection-office", working_days=7, reason="仍需查阅档案")
    assert desk.refuses("extension-too-long", "working_days")
    desk.ask(RequestExtension, "inspection-office", working_days=6, reason="仍需查阅档案")
    desk.ask(DecideExtension, approver, granted=True)
    assert (desk.held.extensions, desk.held.extended_working_days) == (3, 30)
    desk.ask(RequestExtension, "inspection-office", working_days=1, reason="仍需查阅档案")
    assert desk.refuses("extension-too-long", "working_days")


def test_other_cases_have_one_extension_of_fifteen_days() -> None:
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="noise", area="city", jurisdiction="city-12345"), "")
    desk.sign("police")
    desk.ask(RequestExtension, "police", working_days=16, reason="需检测")
    assert desk.refuses("extension-too-long", "working_days")
    desk.ask(RequestExtension, "police", working_days=15, reason="需检测")
    assert desk.refusal is None
