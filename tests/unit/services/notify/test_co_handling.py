"""Who works on a case beside the unit that has it: what is known of each part, and who is told of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Language, Rung
from contracts.message import Event
from contracts.routing import CaseJoined, SubtaskEnded, SubtaskOpened
from contracts.scoring import ClockEscalated, ClockReckoned, ClockRungReached, ClockStarted
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Due, Subject, Wait
from services.notify.domain.case import Case
from services.notify.domain.case_rules import PATIENCE as DAY
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.co_handling import FELL, PATIENCE, co_handlers, helping_at
from services.notify.domain.facts import read_facts
from services.notify.domain.notice import LEASE
from tests.unit.services.notify.place import POLICY, policy
from tests.unit.services.notify.test_house import House, assigned, reopened, rung, started
from tests.unit.services.scoring.test_course import LIMITS, Scorer
from tests.unit.services.speaking import AT, CASE, closed, context, decided, registered

RULES = CaseRules(POLICY, LEASE)
LEAD, HELPER, OTHER, CENTRE = "police-beicheng", "ecology", "housing", "beicheng-centre"
TASK, HOUR = "请实测夜间噪声。", timedelta(hours=1)
DUE = AT + timedelta(days=5)


def at(hours: float) -> datetime:
    return AT + hours * HOUR


def opened(hours: float = 0, unit: str = HELPER, **more: Any) -> SubtaskOpened:
    return SubtaskOpened(
        **{"case_id": CASE, "occurred_at": at(hours), "unit": unit, "lead": LEAD, "task": TASK, **more}
    )


def ended(hours: float = 1, unit: str = HELPER, ending: str = "reported", **more: Any) -> SubtaskEnded:
    said = {"case_id": CASE, "occurred_at": at(hours), "unit": unit, "ending": ending, "words": "已测，超标。"}
    return SubtaskEnded(**{**said, "lead": LEAD, **more})


def joined(hours: float) -> CaseJoined:
    return CaseJoined(case_id=CASE, occurred_at=at(hours), leading=CASE, responsible=CENTRE)


def part_clock(clock: str = "part", unit: str = HELPER, due_at: datetime = DUE) -> ClockStarted:
    return started(clock, due_at).model_copy(update={"unit": unit})


class Shared(House):
    """A case of which each thing is heard so late that nobody waits for a limit any more."""

    def hear(self, *subjects: Subject) -> list[Any]:
        found: list[Any] = []
        for subject in subjects:
            later = subject.time + PATIENCE if isinstance(subject, Event) else AT
            decision = decided(RULES.decide(self.case, subject, context(at=later)))
            assert decision.state is not None
            self.case = decision.state
            found += decision.events
        return found

    def owed(self, *subjects: Subject) -> list[StaffNoticeOwed]:
        """But for what the case lacks by then."""
        return [each for each in super().owed(*subjects) if each.what != "silence"]

    def tells(self, subject: Subject) -> tuple[str, str, Any]:
        """Who is told what, and every fact that its words may name."""
        (notice,) = self.owed(subject)
        return notice.to, notice.what, read_facts(notice.what, {each.name: each.value for each in notice.facts})

    @property
    def parts(self) -> list[tuple[str, str | None]]:
        """Each part with how it ended."""
        return [(each.unit, each.ending) for each in co_handlers(self.case)]


# ---- who is told


def test_a_co_handler_is_told_its_part_who_leads_and_by_when() -> None:
    to, what, facts = Shared(assigned(), started(), part_clock()).tells(opened())
    assert (to, what) == (HELPER, "subtask")
    assert (facts["number"], facts["title"], facts["task"]) == ("BC-20261123-000001", "夜间噪声", TASK)
    assert (facts["unit_name"], facts["lead_name"]) == ("示例市生态环境局", "市公安局北城分局")
    assert (facts["part_due_at"], facts["due_at"]) == (DUE, AT + timedelta(days=7))


@pytest.mark.parametrize("ending", ["reported", "declined"])
def test_the_lead_is_told_what_became_of_a_part_and_how_many_are_open(ending: str) -> None:
    house = Shared(assigned(), opened(), opened(unit=OTHER))
    to, what, facts = house.tells(ended(ending=ending))
    assert (to, what) == (LEAD, "subtask-ended")
    assert (facts["unit_name"], facts["outcome"], facts["words"]) == ("示例市生态环境局", ending, "已测，超标。")
    assert (facts["task"], facts["open_parts"]) == (TASK, 1)
    assert house.tells(ended(2, OTHER))[2]["open_parts"] == 0


def test_whoever_cancels_a_part_is_not_told_so() -> None:
    house = Shared(assigned(), opened())
    assert house.owed(ended(ending="cancelled")) == []
    assert house.parts == [(HELPER, "cancelled")]


def test_who_has_the_case_by_now_is_told_and_not_who_asked() -> None:
    assert Shared(assigned(), opened()).tells(ended(lead="police"))[0] == "police"


def test_what_was_said_before_the_lead_was_named_goes_to_who_asked_or_to_who_answers_for_the_case() -> None:
    assert Shared(assigned(), opened(lead="police")).tells(ended(lead=None))[0] == "police"
    assert Shared(assigned(responsible=OTHER)).tells(ended(lead=None))[0] == OTHER
    assert Shared().tells(ended(lead=None))[0] == CENTRE


def test_said_again_it_is_the_same_notice_and_stands_once() -> None:
    house = Shared(assigned())
    for subject in (opened(), ended()):
        (first,), (again,) = house.owed(subject), house.owed(subject)
        assert first.notice_id == again.notice_id
    assert house.parts == [(HELPER, "reported")]


def test_each_time_a_unit_is_asked_it_is_told() -> None:
    house = Shared(assigned())
    told = [notice for each in (opened(), ended(), opened(2), ended(3)) for notice in house.owed(each)]
    assert [each.what for each in told] == ["subtask", "subtask-ended"] * 2
    assert len({each.notice_id for each in told}) == 4


def test_a_place_that_tells_nobody_of_parts_knows_them_all_the_same() -> None:
    rules = CaseRules(policy(notices={"staff": {"tells": ["red"]}}), LEASE)
    case = House().case
    for subject in (opened(), ended()):
        decision = decided(rules.decide(case, subject, context()))
        assert decision.state is not None
        case = decision.state
        assert [each for each in decision.events if isinstance(each, StaffNoticeOwed)] == []
    assert [(each.unit, each.ending) for each in co_handlers(case)] == [(HELPER, "reported")]


def test_a_part_of_a_case_that_is_not_registered_waits() -> None:
    for subject in (opened(), ended()):
        assert RULES.decide(None, subject, context()) == Wait(DAY)
        with pytest.raises(LookupError):
            RULES.decide(None, subject, context(patience_over=True))


# ---- its limit


def test_a_co_handler_waits_a_moment_for_its_limit_and_is_told_without_one_then() -> None:
    case = House(assigned()).case
    assert RULES.decide(case, opened(), context()) == Wait(PATIENCE)
    assert RULES.decide(case, opened(), context(at=AT + PATIENCE / 2)) == Wait(PATIENCE / 2)
    for told in (context(at=AT + PATIENCE), context(patience_over=True)):
        (notice,) = decided(RULES.decide(case, opened(), told)).events
        assert isinstance(notice, StaffNoticeOwed)
        assert "part-due-at" not in {each.name for each in notice.facts}
    known = House(assigned(), part_clock()).case
    assert decided(RULES.decide(known, opened(), context())).events


def test_a_limit_belongs_to_the_unit_and_the_day_on_which_it_was_asked() -> None:
    late, later = DUE + timedelta(days=1), DUE + timedelta(days=2)
    moved = ClockReckoned(
        case_id=CASE,
        occurred_at=AT,
        clock="part-2",
        previous_due_at=late,
        due_at=later,
        provisional=False,
        previous_calendar="c1",
        calendar="c2",
        reason="calendar",
        policy="p",
    )
    house = Shared(part_clock(), part_clock("part-2", OTHER, late), part_clock(due_at=later), part_clock("sign", LEAD))
    house.hear(opened(), opened(unit=OTHER), opened(30), moved)
    assert [each.due_at for each in co_handlers(house.case)] == [DUE, later, None]
    assert len(house.case.part_limits) == 2


def test_the_cards_of_a_part_go_to_its_co_handler_and_never_to_the_lead() -> None:
    """What scoring announces of the clocks of two parts, as notify tells it."""
    scorer, house = Scorer(LIMITS), Shared(assigned())
    asked = [opened(), opened(unit=OTHER)]
    fallen = [each for subject in asked for each in scorer.hear(subject)]
    fallen += scorer.hear(Due(), AT + timedelta(days=60))
    cards = [each for each in fallen if isinstance(each, ClockRungReached) and each.clock.startswith("part")]
    assert len(cards) == 2 * len(Rung)
    house.hear(*asked)
    told = [notice for card in cards for notice in house.owed(card)]
    assert {each.to for each in told} == {HELPER, OTHER}
    assert sorted(each.what for each in told if each.to == HELPER) == ["red", "reminder", "yellow"]
    for notice in told:
        facts = {each.name: each.value for each in notice.facts}
        assert facts["clock"] == "part"
        assert facts["unit-name"] == POLICY.names.unit(notice.to, Language.CHINESE)


def test_a_part_that_is_late_is_reported_above_its_co_handler() -> None:
    late = ClockEscalated(
        case_id=CASE, occurred_at=AT, clock="part", level=1, unit=HELPER, to="city-office", due_at=DUE
    )
    to, what, facts = Shared(assigned(), opened()).tells(late)
    assert (to, what, facts["unit_name"]) == ("city-office", "escalation", "示例市生态环境局")
    (card,) = Shared(assigned(), opened()).owed(rung(Rung.RED, "part-2", HELPER))
    assert card.to == HELPER


# ---- what is known


def life() -> list[Event]:
    """Asked, reported and asked again; declined; cancelled; fallen; and once more for the second answer."""
    return [
        *(opened(1), ended(2), opened(3, task="请复测。"), ended(4, words="复测达标。")),
        *(opened(1, OTHER), ended(2, OTHER, "declined", words="不属本局职责。")),
        *(opened(1, "water-company"), ended(5, "water-company", "cancelled")),
        *(opened(1, "police"), joined(6), opened(7, "police"), ended(8, "police")),
        *(closed(occurred_at=at(10)), reopened().model_copy(update={"occurred_at": at(20)})),
        *(opened(21, OTHER), closed(occurred_at=at(30), reply="已整改。")),
    ]


KNOWN = [
    *[(HELPER, "reported"), (OTHER, "declined"), ("water-company", "cancelled"), ("police", FELL)],
    *[(HELPER, "reported"), ("police", "reported"), (OTHER, FELL)],
]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_comes_first_and_how_often_the_same_is_known(data: st.DataObject) -> None:
    """Answers and openings come in their order; what is said of parts comes in any, and again."""
    said, after = life(), [each for each in life() if not isinstance(each, SubtaskOpened | SubtaskEnded)]
    parts = [each for each in said if each not in after]
    parts = data.draw(st.permutations([*parts, *data.draw(st.lists(st.sampled_from(parts), max_size=5))]))
    turns = data.draw(st.permutations([True] * len(after) + [False] * len(parts)))
    house, whole = Shared(), Shared(*said)
    for is_after in turns:
        house.hear((after if is_after else parts).pop(0))
    assert whole.parts == KNOWN
    assert set(co_handlers(house.case)) == set(co_handlers(whole.case))
    assert [each.opened_at for each in co_handlers(house.case)] == [each.opened_at for each in co_handlers(whole.case)]


def test_a_part_that_fell_with_a_merger_is_not_carried_over_when_the_case_goes_on_alone() -> None:
    house = Shared(assigned(), opened(1), joined(2))
    assert house.parts == [(HELPER, FELL)]
    assert [each.unit for each in helping_at(house.case, at(0), None)] == [HELPER]
    assert helping_at(house.case, at(3), None) == ()


def test_a_case_that_was_kept_before_there_were_co_handlers_is_read_as_one_without() -> None:
    whole = Shared(assigned(), started()).case.model_dump(mode="json")
    old = {name: value for name, value in whole.items() if name not in ("turns", "part_limits", "joined_at")}
    old["steps"] = [{name: value for name, value in step.items() if name != "co_handlers"} for step in old["steps"]]
    kept = Case.model_validate(old)
    assert co_handlers(kept) == ()
    assert kept.steps[0].co_handlers == ()
    decision = decided(RULES.decide(kept, ended(lead=None), context()))
    assert [each.to for each in decision.events if isinstance(each, StaffNoticeOwed)] == [CENTRE]


def test_what_is_kept_is_read_again_as_it_was() -> None:
    case = Shared(registered(), part_clock(), *life()).case
    assert Case.model_validate_json(case.model_dump_json()) == case
