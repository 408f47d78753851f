"""S1¶6 as the place `yibin-lingang` has it: one leader and two staff for each item, everything verified."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.codes import AppealType, Satisfaction
from contracts.routing import AssignmentOffered
from tests.unit.policies.opened import handlings, opened
from tests.unit.policies.records import of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import only, registered, types

PLACE = opened("yibin-lingang")
CENTRE = "supervision-bureau"
ITEMS = [
    ("project", "zone", "project-owner"),
    ("project-completion", "zone", "project-owner"),
    ("project-construction", "zone", "project-owner"),
    ("project-start", "zone", "project-owner"),
    ("project-preparation", "zone", "project-owner"),
    ("planning", "zone", "planning-construction"),
    ("demolition", "shaping", "land-housing"),
    ("land-requisition", "shaping", "land-housing"),
    ("buck-passing", "shaping", "shaping-town"),
]


def item(category: str, area: str, appeal: AppealType = AppealType.REQUEST) -> Desk:
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category=category, area=area, appeal=appeal, jurisdiction=CENTRE), "")
    return desk


@pytest.mark.parametrize(("category", "area", "unit"), ITEMS)
def test_each_item_has_one_leader_and_two_staff(category: str, area: str, unit: str) -> None:
    """“每项重点工作都明确了1名委局领导、2名专人负责开展效能监察”."""
    offered = only(AssignmentOffered, item(category, area).last.events)
    assert (offered.unit, offered.leader) == (unit, f"{unit}.director")
    assert offered.staff == (f"{unit}.officer-1", f"{unit}.officer-2")


@pytest.mark.parametrize("appeal", [AppealType.REQUEST, AppealType.COMPLAINT, AppealType.REPORT])
@pytest.mark.parametrize(("category", "area", "unit"), ITEMS)
def test_every_item_is_verified_before_it_is_struck_off(
    category: str, area: str, unit: str, appeal: AppealType
) -> None:
    """“建立台帐,…实行动态管理、分类督办”."""
    desk = item(category, area, appeal)
    desk.sign(unit)
    desk.report(unit)
    assert types(desk.last) == ["HandlingReported", "VerificationRequested"]
    desk.verify(unit)
    assert desk.refuses("not-verifier"), "nobody strikes off what is his own"
    desk.verify(CENTRE)
    assert "CaseClosed" in types(desk.last)


def test_what_was_not_done_is_done_again() -> None:
    """“限期处理到位”."""
    desk = item("demolition", "shaping")
    desk.sign("land-housing")
    desk.report("land-housing")
    desk.verify(CENTRE, accepted=False, reason="补偿款仍未到位")
    assert types(desk.last) == ["RedoOrdered", "RedoRequested"]
    desk.report("land-housing")
    desk.verify(CENTRE)
    assert ("CaseClosed" in types(desk.last), desk.held.redos) == (True, 1)


def test_what_stops_a_project_is_looked_at_within_seven_days() -> None:
    """“由每10天提速为每7天通报一次”: seven days; the 25th of September is a day off, and so is the weekend after it."""
    assert PLACE.due_on(date(2026, 11, 25), AppealType.REQUEST, "project") == date(2026, 12, 2)
    assert PLACE.due_on(date(2026, 9, 18), AppealType.REQUEST, "project") == date(2026, 9, 28)
    assert PLACE.due_on(date(2026, 9, 18)) == date(2026, 10, 15)


def test_the_responsible_are_ordered_circulated_and_talked_to() -> None:
    """“责令责任单位限期解决或整改,进行效能通报或警示、诫勉谈话”."""
    unit = of_unit(PLACE, "land-housing").counts(date(2026, 5, 5))
    post = of_post(PLACE, "land-housing").counts(date(2026, 5, 5))
    assert (unit.measures, post.measures) == (("ordered", "circulated"), ("admonition-talk",))
    assert {unit.unit, post.unit} == {"management-committee"}


def test_what_the_ledger_shows_is_graded_and_nobody_is_ranked() -> None:
    cases = [
        *handlings("land-housing", [Satisfaction.SATISFIED] * 6),
        *handlings("land-housing", [Satisfaction.DISSATISFIED] * 4, "web", on_time=False),
    ]
    card = PLACE.card("land-housing", cases)
    assert card.total == 60 * 60 // 100 + 20 + 60 * 20 // 100
    assert PLACE.scores.table.grading == "bands"
