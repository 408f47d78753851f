"""S1¶4 as the place `jian-county` has it: plaques and public statements, approval the same day, outcomes."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from contracts.codes import AppealType, FindingSource, Satisfaction
from contracts.conduct import OutcomeRecorded, RecordOutcome
from tests.unit.policies.opened import handlings, opened, rated
from tests.unit.policies.records import of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import registered, types

PLACE = opened("jian-county")


@pytest.mark.parametrize("group", ["first", "second", "third"])
def test_the_first_three_get_a_plaque_and_the_last_three_speak_in_public(group: str) -> None:
    """“对排位前三名的单位颁发了…奖牌,排位后三名的单位主要负责人…责令在电视台作公开发言”."""
    units = PLACE.peers(group)
    ratings = rated("image", {unit: str(95 - n) for n, unit in enumerate(units)})
    cards = PLACE.compared(group, ratings)
    assert [unit for unit in units if "plaque" in cards[unit].consequences] == units[:3]
    assert [unit for unit in units if "public-statement" in cards[unit].consequences] == units[-3:]
    assert all(len(card.consequences) <= 1 for card in cards.values())


def test_the_surveys_make_the_score_and_a_unit_that_was_in_one_of_them_is_ranked_by_that() -> None:
    """“对35个县直单位开展了形象测评,并对其他59个党政部门进行了基层(企业)评部门活动”."""
    unhappy = handlings("forestry", [Satisfaction.VERY_DISSATISFIED] * 5)
    one = rated("image", {"forestry": "80"})
    both = [*one, *rated("grass-roots", {"forestry": "70"})]
    assert [PLACE.card("forestry", unhappy, each).total for each in (one, both)] == [80, 75]
    assert not PLACE.card("forestry", unhappy, one).small_sample


def test_whoever_brings_it_is_put_up_for_approval_the_same_working_day() -> None:
    """“当日投诉、当日报批”."""
    assert str(PLACE.scoring.limits.stages["approve"]) == "0 working days"
    assert all(PLACE.dispatch.approved("other", appeal, instructed=False) for appeal in ("complaint", "report"))
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="rough-enforcement", area="county", jurisdiction="efficiency-centre"), "")
    assert types(desk.last) == ["CaseQueued", "DispatchRequested"]
    desk.approve("efficiency-centre", "efficiency-centre.director")
    assert "AssignmentOffered" in types(desk.last)
    assert desk.held.asked == "forestry"


@pytest.mark.parametrize(
    ("category", "area", "unit"),
    [
        ("service-attitude", "county-town", "efficiency-centre"),
        ("rough-enforcement", "county", "forestry"),
        ("power-cut", "jiebu", "jiebu-township"),
        ("farmers-burden", "dayangzhou", "dayangzhou-town"),
        ("farmers-burden", "qiqin", "qiqin-town"),
        ("other", "county", None),
    ],
)
def test_the_centre_handles_manners_itself_and_sends_on_the_rest(category: str, area: str, unit: str | None) -> None:
    """“自办、联办、转办”."""
    assert PLACE.routed(category, area) == unit


def test_a_complaint_about_the_centre_is_not_its_own_to_handle() -> None:
    assert PLACE.routed("service-attitude", "county", about="efficiency-centre") == "leading-group"


def test_the_township_that_cut_the_power_is_criticised_and_its_collector_apologises() -> None:
    """“界埠乡收税人员擅自对企业拉闸断电…进行了严厉查处”."""
    unit = of_unit(PLACE, "jiebu-township").counts(date(2026, 5, 5))
    assert (unit.measures, unit.unit) == (("circulated-criticism",), "efficiency-office")
    post = of_post(PLACE, "jiebu-township").counts(date(2026, 5, 5), FindingSource.MEDIA)
    assert post.measures == ("apology", "self-criticism", "moved")


OUTCOMES = {
    "apology": 6,
    "self-criticism": 21,
    "detention": 1,
    "public-order-penalty": 6,
    "circulated-criticism": 18,
    "moved": 2,
    "fined": 150,
}
"""“赔礼道歉6人,书面检查21人,治安拘留1人,治安处罚6人,通报批评…3人,通报批评单位15个,调整岗位2人,…经济处罚达150人次”."""


def test_every_outcome_of_the_source_has_its_code_and_is_counted_as_often() -> None:
    record = of_post(PLACE, "forestry")
    proposed = record.counts(date(2026, 5, 5))
    record.decided(proposed)
    told: Counter[str] = Counter()
    for outcome, times in OUTCOMES.items():
        for _ in range(times):
            decision = record.say(RecordOutcome, "efficiency-office", proposed.proposal_id, outcome=outcome)
            told.update(each.outcome for each in decision.events if isinstance(each, OutcomeRecorded))
    assert told == Counter({outcome: 2 * times for outcome, times in OUTCOMES.items()}), "to the unit and the decider"


def test_money_that_was_returned_is_recorded_to_the_fen() -> None:
    """“减免收费和罚款97652元(其中查处违规金额6.6万元)”."""
    record = of_post(PLACE, "forestry")
    proposed = record.counts(date(2026, 5, 5))
    record.decided(proposed)
    given = {"outcome": "money-returned", "amount_fen": 9_765_200, "note": "其中查处违规金额66000元"}
    told = record.say(RecordOutcome, "forestry", proposed.proposal_id, **given).events
    assert {each.amount_fen for each in told if isinstance(each, OutcomeRecorded)} == {9_765_200}
    refused = record.say(RecordOutcome, "forestry", proposed.proposal_id, outcome="flogged")
    assert types(refused) == ["ConductRefused"]


def test_what_is_reported_is_verified_and_all_is_answered_in_time() -> None:
    """“有诉必理、有案必查、有查必果、有违必纠”."""
    assert PLACE.dispatch.verified("other", "report")
    assert PLACE.due_on(date(2026, 2, 9)) == date(2026, 3, 6)
    assert PLACE.due_on(date(2026, 9, 18), AppealType.CONSULT) == date(2026, 9, 21), "Sunday the 20th is worked"
