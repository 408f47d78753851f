"""S2 as the place `jiangmen-2008` has it: scores of three groups, what follows from them, and both ladders."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from contracts.codes import AssessmentKind, FindingSource, Satisfaction
from contracts.conduct import FindingRecorded
from contracts.handling import ExplainDelay
from contracts.routing import DelayExplained
from services.intake.domain.scope import Verdict as Scope
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.scorecard import Scorecard
from tests.unit.policies.opened import entry, handlings, opened, points, rated
from tests.unit.policies.records import Finding, of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import only, registered

PLACE = opened("jiangmen-2008")
PLATFORMS = ("hotline-12345", "radio", "petition-office", "centre-96666", "service-hall", "media")
SATISFIED = Satisfaction.SATISFIED
PARTY = ("organisation", "publicity", "united-front", "youth-league", "women")


def by_bodies(unit: str, superior: str = "90", objects: str = "70") -> list[Assessment]:
    return [*rated("superior", {unit: superior}), *rated("service-objects", {unit: objects})]


def party(*totals: int) -> list[Assessment]:
    """Both ratings of each party department are the same, so this is its total."""
    given = dict(zip(PARTY, map(str, totals), strict=True))
    return [*rated("superior", given), *rated("service-objects", given)]


def test_the_departments_stand_in_three_groups() -> None:
    """“市直机关94个部门按工作性质被分为党群部门、政府涉企涉民部门、中央、省驻XX单位三大块”."""
    assert [group.zh for group in PLACE.scores.table.group] == [
        "政府涉企涉民部门",
        "党群部门",
        "中央、省驻市单位",
    ]
    assert min(len(PLACE.peers(group)) for group in PLACE.scores.groups) > 3


def test_the_six_platforms_are_eighty_and_both_ratings_ten_each() -> None:
    """“6大平台服务对象直接评议占到总成绩的80%,上级对口评议和服务对象评议各占10%”: 85, 90 and 70 make 84."""
    cases = [each for channel in PLATFORMS for each in handlings("planning", [SATISFIED] * 5, channel)]
    card = PLACE.card("planning", cases, by_bodies("planning"))
    assert points(card) == {"direct-rating": 68, "superior": 9, "service-objects": 7}
    assert (card.total, card.small_sample) == (84, False)


@pytest.mark.parametrize("channel", ["web", "letter-box", "leader-mobile", "enterprise-link", "mayor-mailbox"])
def test_other_channels_are_none_of_the_six_platforms(channel: str) -> None:
    cases = [
        *handlings("planning", [SATISFIED] * 30),
        *handlings("planning", [Satisfaction.VERY_DISSATISFIED] * 60, channel),
    ]
    assert points(PLACE.card("planning", cases))["direct-rating"] == 68


@pytest.mark.parametrize("unit", ["organisation", "women", "state-taxes", "customs"])
def test_party_departments_and_those_stationed_here_are_weighed_eighty_and_twenty(unit: str) -> None:
    """“对党群部门和中央、省驻XX单位,服务对象和上级对口评议分别占80%和20%”."""
    card = PLACE.card(unit, handlings(unit, [SATISFIED] * 50), by_bodies(unit))
    assert points(card) == {"service-objects": 56, "superior": 18}
    assert card.total == 74


def test_without_one_of_its_parts_there_is_no_annual_score() -> None:
    card = PLACE.card("organisation", entries=rated("superior", {"organisation": "90"}))
    assert (card.total, card.missing) == (None, ("service-objects",))


def test_supervision_inspections_and_faults_are_deducted_and_a_bonus_waits_for_the_leading_group() -> None:
    """“电子监察、明察暗访、行政过错等实行扣分制;…经市作风建设领导小组审定,可予一定加分”."""
    cases = handlings("planning", [SATISFIED] * 30)
    off = [
        entry(AssessmentKind.DEDUCTION, item, "planning", each)
        for item, each in (("e-supervision", "1.5"), ("inspection", "2"), ("fault", "25"))
    ]
    waiting = entry(AssessmentKind.BONUS, "merit", "planning", "3")
    card = PLACE.card("planning", cases, [*by_bodies("planning"), *off, waiting])
    assert points(card) == {
        "direct-rating": 68,
        "superior": 9,
        "service-objects": 7,
        "e-supervision": Fraction(-3, 2),
        "inspection": -2,
        "fault": -20,
        "merit": 0,
    }
    assert PLACE.scores.approver("merit") == "leading-group"
    approved = waiting.model_copy(update={"approved_by": "leading-group"})
    raised = PLACE.card("planning", cases, [*by_bodies("planning"), *off, approved])
    assert (card.total, raised.total) == (Fraction(121, 2), Fraction(127, 2))


def test_four_pace_setters_are_honoured_and_equals_are_never_parted() -> None:
    """“表彰了4个排头兵单位”."""
    assert sum(group.awards for group in PLACE.scores.table.group) == 4
    honoured = PLACE.compared("party", party(95, 94, 80, 70, 60))
    tied = PLACE.compared("party", party(95, 95, 80, 70, 60))
    assert [honoured[unit].award for unit in PARTY] == ["yes", "no", "no", "no", "no"]
    assert [tied[unit].award for unit in PARTY] == ["tied", "tied", "no", "no", "no"]


@pytest.mark.parametrize("veto", ["public-order", "family-planning"])
def test_a_veto_is_the_last_grade_and_no_award(veto: str) -> None:
    """“综合治理、计划生育等实行一票否决制”."""
    given = party(99, 80, 70, 65, 61)
    unvetoed = PLACE.compared("party", given)["organisation"]
    assert (unvetoed.band, unvetoed.award) == ("excellent", "yes")
    vetoed = PLACE.compared("party", [*given, entry(AssessmentKind.VETO, veto, "organisation", "0")])["organisation"]
    assert (vetoed.total, vetoed.band, vetoed.award) == (99, "poor", "no")


def consequences(cards: dict[str, Scorecard]) -> list[tuple[str, ...]]:
    return [cards[unit].consequences for unit in PARTY]


def test_the_leaders_of_the_last_three_are_talked_to_if_their_grade_is_no_better_than_fair() -> None:
    """“被评为‘基本满意’以下(含基本满意)且成绩排名末3位的…进行诫勉谈话”."""
    talk = ("talk",)
    assert consequences(PLACE.compared("party", party(95, 85, 79, 65, 50))) == [(), (), talk, talk, talk]
    assert consequences(PLACE.compared("party", party(95, 92, 88, 85, 79))) == [(), (), (), (), talk]
    assert consequences(PLACE.compared("party", party(79, 78, 77, 76, 75))) == [(), (), talk, talk, talk]


def test_a_leader_is_replaced_after_a_second_such_year_without_five_percent_of_growth() -> None:
    """“若连续第二年仍然…且考核分数增幅低于5%的,对班子主要领导进行调整”: from 60 to 63 is 5 %, to 62 is less."""
    found = PLACE.compared("party", party(95, 90, 63, 62, 66), party(95, 90, 60, 60, 60))
    assert consequences(found) == [(), (), ("talk",), ("talk", "replaced"), ("talk",)]


def test_a_first_such_year_replaces_nobody() -> None:
    good_before = PLACE.compared("party", party(95, 90, 79, 65, 50), party(70, 75, 85, 90, 95))
    assert consequences(good_before) == [(), (), ("talk",), ("talk",), ("talk",)]


@pytest.mark.parametrize(
    ("complaints", "measures"),
    [
        (1, ("admonition-talk", "no-top-grade")),
        (2, ("incompetent", "training")),
        (3, ("incompetent", "moved", "warning", "training")),
        (4, ("incompetent", "heavier")),
        (5, ("dismissal",)),
    ],
)
def test_whoever_was_asked_first_climbs_the_ladder_complaint_by_complaint(
    complaints: int, measures: tuple[str, ...]
) -> None:
    """“有效投诉一次…诫勉谈话…不能评优;2次…不称职…培训;3次…调离岗位…警告;4次…更重;5次以上…辞退”."""
    record = of_post(PLACE, "planning")
    proposed = [record.counts(date(2026, month, 5)) for month in range(1, complaints + 1)][-1]
    assert (proposed.measures, proposed.unit) == (measures, "style-office")


@pytest.mark.parametrize(("fifth", "step"), [(date(2026, 3, 2), "post-1"), (date(2026, 3, 1), "post-5")])
def test_the_fifth_within_two_years_is_the_end(fifth: date, step: str) -> None:
    """“两年内累计有效投诉5次以上的…予以辞退”: four of the years before count, too; two years to the day are over."""
    record = of_post(PLACE, "planning")
    for on in (date(2024, 3, 2), date(2025, 2, 1), date(2025, 5, 1), date(2025, 8, 1)):
        record.counts(on)
    assert record.counts(fifth).step == step


@pytest.mark.parametrize(
    ("source", "measure"),
    [
        (FindingSource.COMPLAINT, "apology-in-person"),
        (FindingSource.SUPERIOR, "public-apology"),
        (FindingSource.MEDIA, "public-apology"),
        (FindingSource.E_SUPERVISION, "public-apology"),
        (FindingSource.INSPECTION, "public-apology"),
    ],
)
def test_the_head_apologises_in_person_or_in_public_for_what_was_named_exposed_or_caught(
    source: FindingSource, measure: str
) -> None:
    """“一次有效投诉的…直接道歉;…被上级部门点名批评或曝光的、电子监察或明察暗访发现…公开道歉”."""
    assert of_unit(PLACE, "planning").counts(date(2026, 5, 5), source).measures == (measure,)


def test_twice_in_a_year_is_apologised_for_in_public_and_by_several_units_jointly() -> None:
    """“有效投诉两次以上的…公开道歉。涉及多个部门单位的,由涉及部门单位的主要领导共同公开道歉”."""
    record = of_unit(PLACE, "planning")
    record.counts(date(2026, 5, 5))
    proposed = record.counts(date(2026, 6, 5), units=("planning", "economy"))
    assert (proposed.measures, proposed.jointly_with) == (("public-apology",), ("economy",))


def test_seven_heads_apologise_in_public_for_what_a_covert_visit_saw() -> None:
    """“上班炒股、QQ聊天被市明察暗访曝光的7个部门‘一把手’…同时在《XX日报》及《XX政务网》向社会公开道歉”."""
    seven = ("economy", "planning", "construction", "labour", "education", "health", "police")
    for unit in seven:
        proposed = of_unit(PLACE, unit).counts(date(2026, 5, 5), FindingSource.INSPECTION, seven)
        assert (proposed.measures, set(proposed.jointly_with)) == (("public-apology",), set(seven) - {unit})


@pytest.mark.parametrize("body", ["city-12345", "supervision", "discipline"])
def test_every_body_that_watches_may_name_the_post_that_was_asked_first(body: str) -> None:
    told = Finding(PLACE, body, "economy").record(post="economy.officer-1")
    assert {event.unit for event in told if isinstance(event, FindingRecorded)} == {"economy", body}


def test_the_four_cities_and_three_districts_and_the_city_have_a_centre_each() -> None:
    """“已经实现四市三区联网接受和处理群众诉求”."""
    centres = set(PLACE.catalogue.jurisdictions.values())
    levels = [PLACE.units[centre]["level"] for centre in centres]
    assert (levels.count("city"), levels.count("district")) == (1, 7)
    assert {PLACE.dispatch.centre_for(centre, centre) for centre in centres - {"city-12345"}} == {"city-12345"}


def test_what_a_leader_has_asked_for_is_approved_first_and_has_its_own_clock() -> None:
    """“办理领导批示件中存在的推诿、搁置、不按时办结”."""
    assert PLACE.dispatch.approved("planning", "request", instructed=True)
    assert not PLACE.dispatch.approved("planning", "request", instructed=False)
    assert str(PLACE.scoring.limits.stages["instruction"]) == "5 working days"


def test_what_cannot_be_done_in_time_is_explained_and_promised_for_a_day() -> None:
    """“对不能依时办结的事项,责任领导要向服务对象说明情况,并作出办结承诺”."""
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="planning", area="city", jurisdiction="city-12345"), "")
    desk.sign("planning")
    promised_at = desk.at + timedelta(days=20)
    given = {"reason": "需现场勘测", "promised_at": promised_at, "actor": "planning.director"}
    explained = only(DelayExplained, desk.ask(ExplainDelay, "planning", **given))
    assert (explained.promised_at, explained.by) == (promised_at, "planning.director")
    desk.ask(ExplainDelay, "planning", **{**given, "promised_at": desk.at})
    assert desk.refuses("promise-in-past", "promised_at")


def test_bribery_goes_to_discipline_inspection() -> None:
    assert PLACE.scope("approvals", "办事时被索贿。") is Scope.DIVERTED
    assert PLACE.scope("approvals") is Scope.IN


def test_the_proposal_names_the_rule_that_it_rests_on() -> None:
    proposed = of_post(PLACE, "planning").counts(date(2026, 5, 5))
    assert proposed.basis == "市直机关首办(首问)责任制实施办法(试行)"
    assert only(FindingRecorded, Finding(PLACE, "discipline", "economy").record()[:1]).policy == PLACE.files.version
