"""What the days of a report have seen, against cases counted by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from contracts.codes import AppealType, Channel, HandlingResult, Language, PauseReason, Rung, Satisfaction
from contracts.message import Message, case_id_for
from contracts.routing import CaseReopened
from contracts.scoring import CaseMeasured, CaseRated, ClockPaused, ClockRungReached, ClockStarted, Measures
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.notice import LEASE
from services.notify.domain.series import Edition
from services.notify.domain.tally import FIELDS, MOST_LATE, Tally
from services.notify.printing.figures import Figures, Totals
from tests.unit.services.notify.place import POLICY, policy
from tests.unit.services.speaking import closed, context, decided, registered

WEEK = Edition("bulletin", date(2026, 11, 23), date(2026, 11, 29), 48)
RULES = CaseRules(POLICY, LEASE)
POLICE, CENTRE = "police-beicheng", "beicheng-centre"


def day(text: str, hour: int = 10) -> datetime:
    """An hour of a day in the place's own time."""
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=POLICY.zone).astimezone(UTC)


def case(name: str, registered_on: datetime, *subjects: Message, category: str = "noise-residential") -> dict[str, Any]:
    """What is kept of a case of which notify has heard this."""
    id = case_id_for(Channel.WEB, name)
    first = registered(case_id=id, occurred_at=registered_on, number=f"BC-{name}", category=category)
    kept: Case | None = None
    for subject in (first, *subjects):
        about = subject.model_copy(update={"case_id": id})
        kept = decided(RULES.decide(kept, about, context(key=id, at=registered_on, message_id=subject.TYPE))).state
    assert kept is not None
    state: dict[str, Any] = json.loads(json.dumps(kept.model_dump(mode="json")))
    return state


def ended(at: datetime, *, on_time: bool = True, answer: int = 1, unit: str = POLICE, answered: bool = True) -> Message:
    measures = Measures(
        answer=answer,
        unit=unit,
        centre=CENTRE,
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        received_at=at,
        ended_at=at,
        result=HandlingResult.RESOLVED if answered else None,
        on_time=on_time,
    )
    return CaseMeasured(case_id=case_id_for(Channel.WEB, "x1"), occurred_at=at, measures=measures, policy="demo")


def rated(at: datetime, satisfaction: Satisfaction) -> Message:
    return CaseRated(
        case_id=case_id_for(Channel.WEB, "x1"),
        occurred_at=at,
        channel=Channel.WEB,
        rating_id="r",
        satisfaction=satisfaction,
        solved=True,
    )


def limit(due_at: datetime) -> Message:
    return ClockStarted(
        case_id=case_id_for(Channel.WEB, "x1"),
        occurred_at=due_at,
        clock="close",
        started_on=due_at.date(),
        budget_working_days=1,
        due_at=due_at,
        provisional=False,
        calendar="c",
        policy="demo",
    )


def card(at: datetime, rung: Rung, clock: str = "close") -> Message:
    return ClockRungReached(
        case_id=case_id_for(Channel.WEB, "x1"), occurred_at=at, clock=clock, rung=rung, due_at=at, unit=POLICE
    )


def rests(at: datetime) -> Message:
    return ClockPaused(
        case_id=case_id_for(Channel.WEB, "x1"),
        occurred_at=at,
        clock="close",
        reason=PauseReason.THIRD_PARTY,
        paused_at=at,
    )


def again(at: datetime) -> Message:
    return CaseReopened(case_id=case_id_for(Channel.WEB, "x1"), occurred_at=at, unit=POLICE, count=1, reason="复查")


def figures(*states: dict[str, Any], language: Language = Language.CHINESE) -> Figures:
    return tally(*states).report(language, POLICY.names, None).figures


def tally(*states: dict[str, Any]) -> Tally:
    found = Tally(WEEK, POLICY.zone)
    for state in states:
        found.add(state)
    return found


def midnight_after(text: str) -> datetime:
    return day(text, 0) + timedelta(days=1)


TEN = (
    case("before-and-closed-before", day("2026-11-09"), ended(day("2026-11-20"))),
    case("carried-and-closed", day("2026-11-09"), ended(day("2026-11-23"), on_time=False)),
    case("carried-and-open", day("2026-11-09"), limit(midnight_after("2026-11-24"))),
    case(
        "received-and-closed",
        day("2026-11-23"),
        ended(day("2026-11-25")),
        rated(day("2026-11-26"), Satisfaction.SATISFIED),
    ),
    case("received-and-ended", day("2026-11-24"), ended(day("2026-11-25"), unit=CENTRE, answered=False)),
    case("closed-on-the-last-evening", day("2026-11-29", 1), ended(day("2026-11-29", 23))),
    case("closed-after", day("2026-11-27"), limit(midnight_after("2026-12-18")), ended(day("2026-11-30", 0))),
    case("received-after", day("2026-11-30", 0), limit(midnight_after("2026-12-18"))),
    case("opened-again", day("2026-11-23"), ended(day("2026-11-24")), closed(), again(day("2026-11-26"))),
    case("first-moment", day("2026-11-23", 0), category="garbage-collection"),
)
"""Before, in and after the week of 23 November, on both of its edges."""


def test_a_week_counted_by_hand() -> None:
    found = figures(*TEN)
    assert (found.received, found.closed, found.on_time, found.open, found.overdue) == (6, 4, 3, 4, 1)
    assert found.ratings.grades == {Satisfaction.SATISFIED: 1}
    assert found.ratings.unanswered == 2
    by_unit = {each.unit: (each.received, each.closed, each.on_time, each.open, each.overdue) for each in found.units}
    police, centre = POLICY.names.units[POLICE]["zh"], POLICY.names.units[CENTRE]["zh"]
    assert by_unit == {police: (3, 3, 2, 1, 0), centre: (3, 1, 1, 3, 1)}
    by_category = {each.category: (each.received, each.closed) for each in found.categories}
    noise, garbage = (POLICY.names.categories[code]["zh"] for code in ("noise-residential", "garbage-collection"))
    assert by_category == {noise: (5, 4), garbage: (1, 0)}
    assert [(each.day.day, each.received, each.closed) for each in found.days] == [
        (23, 3, 1),
        (24, 1, 0),
        (25, 0, 2),
        (26, 0, 0),
        (27, 1, 0),
        (28, 0, 0),
        (29, 1, 1),
    ]
    (late,) = found.overdue_cases
    assert (late.number, late.unit, late.due_on, late.days) == ("BC-carried-and-open", centre, date(2026, 11, 24), 5)


def test_the_sums_of_units_categories_and_days_are_the_whole() -> None:
    found = figures(*TEN)
    for name in Totals.model_fields:
        assert sum(getattr(each, name) for each in found.units) == getattr(found, name)
    for parts in (found.categories, found.days):
        assert sum(each.received for each in parts) == found.received
        assert sum(each.closed for each in parts) == found.closed


def test_the_order_of_cases_changes_nothing() -> None:
    whole = figures(*TEN)
    assert all(figures(*TEN[4:], *order) == whole for order in permutations(TEN[:4]))


def test_what_is_read_of_a_case_is_all_that_is_counted() -> None:
    def only_fields(state: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path in FIELDS:
            part, into = state, found
            *above, last = path.split(".")
            for name in above:
                part = part.get(name) or {}
                into = into.setdefault(name, {}) if part else {}
            if last in part:
                into[last] = part[last]
        return found

    assert figures(*map(only_fields, TEN)) == figures(*TEN)


def test_s1_158_closed_and_3_open_are_98_14_percent() -> None:
    cases = [case(f"c{n}", day("2026-11-23"), ended(day("2026-11-24"))) for n in range(158)]
    found = figures(*cases, *(case(f"o{n}", day("2026-11-23")) for n in range(3)))
    assert (found.received, found.closing) == (161, "98.14%")


def test_more_may_be_closed_than_was_received() -> None:
    found = figures(*(case(f"c{n}", day("2026-11-02"), ended(day("2026-11-24"))) for n in range(3)))
    assert (found.received, found.closed) == (0, 3)


@pytest.mark.parametrize(
    ("what", "late"),
    [
        ([limit(midnight_after("2026-11-28"))], 1),
        ([limit(midnight_after("2026-11-29"))], 1),
        ([limit(midnight_after("2026-11-29") + timedelta(milliseconds=1))], 0),
        ([limit(midnight_after("2026-11-28")), rests(day("2026-11-25"))], 0),
        ([limit(midnight_after("2026-11-26")), card(day("2026-11-27"), Rung.RED), rests(day("2026-11-27"))], 1),
        ([], 0),
    ],
)
def test_a_case_is_overdue_when_its_limit_is_over_by_the_end_of_the_last_day(what: list[Message], late: int) -> None:
    assert figures(case("c", day("2026-11-09"), *what)).overdue == late


def test_cards_of_every_limit_count_on_the_day_they_are_drawn_and_once() -> None:
    due = limit(midnight_after("2026-12-30"))
    cards = (
        card(day("2026-11-20"), Rung.YELLOW, "sign"),
        card(day("2026-11-23"), Rung.YELLOW),
        card(day("2026-11-24"), Rung.YELLOW),
        card(day("2026-11-25"), Rung.REMINDER, "sign-2"),
        card(day("2026-11-29"), Rung.RED, "sign"),
        card(day("2026-11-30"), Rung.RED),
    )
    found = figures(case("c", day("2026-11-09"), due, *cards))
    assert (found.yellow_cards, found.red_cards) == (1, 1)


def test_those_late_the_longest_are_listed_and_all_are_counted() -> None:
    states = [
        case(f"{n:03}", day("2026-08-03"), limit(midnight_after("2026-08-03") + timedelta(days=n // 3)))
        for n in range(MOST_LATE + 40)
    ]
    found = tally(*reversed(states)).report(Language.ENGLISH, POLICY.names, None)
    listed = found.figures.overdue_cases
    assert (found.figures.overdue, len(listed)) == (MOST_LATE + 40, MOST_LATE)
    assert [each.due_on for each in listed] == sorted(each.due_on for each in listed)
    assert max(each.due_on for each in listed) <= date(2026, 8, 3) + timedelta(days=MOST_LATE // 3)
    assert [each.number for each in found.late[:3]] == ["BC-000", "BC-001", "BC-002"]
    assert found.late[0].title == POLICY.names.categories["noise-residential"]["en"]


def test_what_was_never_registered_does_not_count() -> None:
    assert figures({"kind": "case", "until": "9999-12-31", "contact_box": "box"}).open == 0


def test_nobody_s_words_are_counted() -> None:
    found = tally(*TEN).report(Language.CHINESE, POLICY.names, None).model_dump_json()
    assert "夜间噪声" not in found
    assert "楼下凌晨仍在营业" not in found


FORUM = {"channel": [{"code": "overseas-forum", "zh": "侨乡论坛", "en": "overseas forum"}]}


@pytest.mark.parametrize(
    ("language", "names"),
    [(Language.CHINESE, ["侨乡论坛", "网站"]), (Language.ENGLISH, ["overseas forum", "web"])],
)
def test_figures_by_channel_have_the_names_of_the_place_and_else_the_common_ones(
    language: Language, names: list[str]
) -> None:
    """`web` is no channel of the place any more; what came by it is counted under its common name."""
    of_forum = case("x1", day("2026-11-24"))
    of_forum["registered"]["channel"] = "overseas-forum"
    tally = Tally(WEEK, POLICY.zone)
    for state in (of_forum, case("x2", day("2026-11-24")), case("x3", day("2026-11-25"))):
        tally.add({name: state.get(name) for name in ("registered", "until", "owner", "cards")})
    found = tally.report(language, policy(channels=FORUM).names, None).figures.channels
    assert [(each.channel, each.received, each.closed) for each in found] == [(names[0], 1, 0), (names[1], 2, 0)]


def test_a_report_of_one_channel_names_it_even_where_it_brought_nothing() -> None:
    tally = Tally(WEEK, POLICY.zone, frozenset({"overseas-forum"}))
    (only,) = tally.report(Language.CHINESE, policy(channels=FORUM).names, None).figures.channels
    assert (only.channel, only.received, only.closed) == ("侨乡论坛", 0, 0)
