"""What notify knows of a case in the house, and which unit is told of what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.channel import Instruction
from contracts.codes import AppealType, Channel, HandlingResult, Language, PauseReason, Rung, Satisfaction
from contracts.notify import ComplaintScheduled
from contracts.routing import (
    CaseAssigned,
    CaseEscalated,
    CaseInstructed,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    RedoOrdered,
)
from contracts.scoring import (
    CaseMeasured,
    CaseRated,
    ClockEscalated,
    ClockExtended,
    ClockPaused,
    ClockRungReached,
    ClockStarted,
    Measures,
)
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Subject, Wait
from services.notify.domain.case import OPEN, Case, Limit
from services.notify.domain.case_rules import PATIENCE, CaseRules
from services.notify.domain.facts import read_facts
from services.notify.domain.house import answer_due, stage_of
from services.notify.domain.notice import LEASE
from services.notify.domain.owing import told_as
from tests.unit.services.notify.place import POLICY, policy
from tests.unit.services.speaking import AT, CASE, closed, context, decided, only, registered

RULES = CaseRules(POLICY, LEASE)
DUE = AT + timedelta(days=7)


class House:
    """One case, and which of its people are told of it."""

    def __init__(self, *subjects: Subject) -> None:
        self.case: Case = Case()
        self.hear(registered(), *subjects)

    def hear(self, *subjects: Subject) -> list[Any]:
        """What is announced on them."""
        found: list[Any] = []
        for subject in subjects:
            decision = decided(RULES.decide(self.case, subject, context()))
            assert decision.state is not None
            self.case = decision.state
            found += decision.events
        return found

    def owed(self, *subjects: Subject) -> list[StaffNoticeOwed]:
        """What staff are owed on them."""
        return [each for each in self.hear(*subjects) if isinstance(each, StaffNoticeOwed)]

    @property
    def limit(self) -> Limit:
        assert self.case.limit is not None
        return self.case.limit


def assigned(**more: Any) -> CaseAssigned:
    given = {"unit": "police-beicheng", "responsible": "beicheng-centre", "rule": "r", "policy": "p", **more}
    return CaseAssigned(case_id=CASE, occurred_at=AT, **given)


def queued(**more: Any) -> CaseQueued:
    given = {"centre": "beicheng-centre", "responsible": "beicheng-centre", "why": "no-rule", "policy": "p", **more}
    return CaseQueued(case_id=CASE, occurred_at=AT, **given)


def started(clock: str = "close", due_at: datetime = DUE) -> ClockStarted:
    return ClockStarted(
        case_id=CASE,
        occurred_at=AT,
        clock=clock,
        started_on=AT.date(),
        budget_working_days=5,
        due_at=due_at,
        provisional=False,
        calendar="c",
        policy="p",
    )


def rung(which: Rung, clock: str = "close", unit: str | None = "police-beicheng") -> ClockRungReached:
    return ClockRungReached(case_id=CASE, occurred_at=AT, clock=clock, rung=which, due_at=DUE, unit=unit)


def reopened(count: int = 1) -> CaseReopened:
    return CaseReopened(case_id=CASE, occurred_at=AT, unit="police-beicheng", count=count, reason="仍未解决")


def measured(answer: int = 1, result: HandlingResult | None = HandlingResult.RESOLVED) -> CaseMeasured:
    measures = Measures(
        answer=answer,
        unit="police-beicheng",
        centre="beicheng-centre",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        received_at=AT,
        ended_at=AT + timedelta(days=3),
        result=result,
        on_time=True,
    )
    return CaseMeasured(case_id=CASE, occurred_at=AT, measures=measures, policy="p")


# ---- who answers for it


def test_whoever_answers_for_a_case_is_known_from_its_assignment_or_its_queue() -> None:
    house = House()
    assert house.case.owner is None
    for subject, owner in (
        (queued(), "beicheng-centre"),
        (assigned(responsible="police-beicheng"), "police-beicheng"),
        (CaseJoined(case_id=CASE, occurred_at=AT, leading=CASE, responsible="police"), "police"),
    ):
        house.hear(subject)
        assert house.case.owner == owner


def test_what_stands_on_a_form_is_remembered_in_order() -> None:
    house = House(
        queued(proposed="police-beicheng", form="CP-2026-0001"),
        assigned(form="CP-2026-0001", by="beicheng-centre.director", why="属地管理"),
        RedoOrdered(
            case_id=CASE, occurred_at=AT, unit="police-beicheng", verifier="beicheng-centre", count=1, reason="未到现场"
        ),
    )
    assert [(step.what, step.unit, step.words) for step in house.case.steps] == [
        ("proposed", "police-beicheng", ""),
        ("assigned", "police-beicheng", "属地管理"),
        ("redo", "police-beicheng", "未到现场"),
    ]


def test_what_happens_to_a_case_that_is_not_registered_waits() -> None:
    for subject in (assigned(), started(), rung(Rung.RED), measured(), reopened()):
        assert RULES.decide(None, subject, context()) == Wait(PATIENCE)


# ---- by when


def test_the_channel_hears_by_when_an_answer_may_be_expected_and_nothing_of_stages() -> None:
    house = House()
    assert only(ComplaintScheduled, house.hear(started())).due_at == DUE
    assert house.hear(started("sign", AT), started("dispatch", AT)) == []
    assert house.limit.due_at == DUE


@pytest.mark.parametrize(
    ("clock", "answer", "stage"),
    [("close", 1, "close"), ("close-2", 2, "close"), ("sign-2", None, "sign"), ("close-up", None, "close-up")],
)
def test_a_clock_says_which_answer_or_which_stage_it_measures(clock: str, answer: int | None, stage: str) -> None:
    assert (answer_due(clock), stage_of(clock)) == (answer, stage)


def test_a_limit_is_moved_by_its_own_clock_alone() -> None:
    def extended(clock: str, days: int) -> ClockExtended:
        return ClockExtended(
            case_id=CASE,
            occurred_at=AT,
            clock=clock,
            working_days=5,
            budget_working_days=10,
            due_at=DUE + timedelta(days=days),
            provisional=True,
            reason="需检测",
        )

    house = House(started(), extended("close", 7))
    assert (house.limit.due_at, house.limit.provisional) == (DUE + timedelta(days=7), True)
    house.hear(extended("sign", 90))
    assert house.limit.due_at == DUE + timedelta(days=7)
    house.hear(ClockPaused(case_id=CASE, occurred_at=AT, clock="close", reason=PauseReason.SHELVED, paused_at=AT))
    assert house.limit.resting == ("shelved",)
    house.hear(ClockPaused(case_id=CASE, occurred_at=AT, clock="close-2", reason=PauseReason.SHELVED, paused_at=AT))
    assert house.limit.resting == ("shelved",), "that is the clock of another answer"


def test_a_limit_of_the_next_answer_may_come_before_the_opening_and_an_old_one_after_it() -> None:
    house = House(started(), closed(), started("close-2", DUE + timedelta(days=30)), reopened())
    assert house.limit.clock == "close-2"
    house.hear(started())
    assert house.limit.due_at == DUE + timedelta(days=30)
    assert House(started(), closed(), reopened()).case.limit is None, "the old limit says nothing of the new answer"


# ---- staff


def test_an_assignment_travels_on_the_bus_and_a_ruling_is_told_besides() -> None:
    assert House().owed(assigned()) == []
    (ruling,) = House().owed(assigned(binding=True, why="会商裁定由公安办理"))
    assert (ruling.to, ruling.what, ruling.about) == ("police-beicheng", "ruling", CASE)
    assert {each.name: each.value for each in ruling.facts}["why"] == "会商裁定由公安办理"


@pytest.mark.parametrize(
    ("subject", "to", "what"),
    [
        (rung(Rung.REMINDER), "police-beicheng", "reminder"),
        (rung(Rung.YELLOW, "sign"), "police-beicheng", "yellow"),
        (rung(Rung.RED), "police-beicheng", "red"),
        (
            ClockEscalated(
                case_id=CASE, occurred_at=AT, clock="close", level=1, unit="police-beicheng", to="police", due_at=DUE
            ),
            "police",
            "escalation",
        ),
        (
            RedoOrdered(
                case_id=CASE, occurred_at=AT, unit="police-beicheng", verifier="beicheng-centre", count=2, reason="未改"
            ),
            "police-beicheng",
            "redo",
        ),
        (
            CaseEscalated(case_id=CASE, occurred_at=AT, supervisor="police", why="redos", count=3),
            "police",
            "supervision",
        ),
    ],
    ids=lambda each: each.TYPE if hasattr(each, "TYPE") else None,
)
def test_each_alarm_is_told_to_whom_it_concerns_with_everything_its_words_name(
    subject: Subject, to: str, what: str
) -> None:
    house = House(assigned(), started())
    (notice,) = house.owed(subject)
    assert (notice.to, notice.what, notice.about) == (to, what, CASE)
    facts = {each.name: each.value for each in notice.facts}
    assert (facts["number"], facts["title"]) == ("BC-20261123-000001", "夜间噪声")
    assert read_facts(what, facts)["number"] == facts["number"]
    assert house.owed(subject) == [notice], "said again it is the same notice, under the same id"


def instructed(*informed: str, **more: Any) -> CaseInstructed:
    given = Instruction(by="city-office.director", text="请速办", **more)
    return CaseInstructed(
        case_id=CASE,
        occurred_at=AT,
        instruction=given,
        unit="city-office",
        responsible="police-beicheng",
        informed=informed,
    )


def test_an_instruction_is_sent_to_every_unit_that_routing_informs() -> None:
    house = House(assigned(), started())
    notices = house.owed(instructed("police-beicheng", "beicheng-centre", working_days=3))
    assert [(each.to, each.what) for each in notices] == [
        ("police-beicheng", "instruction"),
        ("beicheng-centre", "instruction"),
    ]
    facts = {each.name: each.value for each in notices[1].facts}
    assert (facts["instruction"], facts["leader"], facts["working-days"]) == ("请速办", "city-office.director", "3")
    assert facts["leader-unit-name"] == "示例市人民政府办公室"
    assert facts["unit-name"] == POLICY.names.unit("police-beicheng", Language.CHINESE)
    assert read_facts("instruction", facts)["working_days"] == 3
    assert house.owed(instructed("police-beicheng", "beicheng-centre", working_days=3)) == notices
    assert house.owed(instructed()) == []


def test_an_instruction_is_told_in_the_language_of_its_receiver() -> None:
    (notice,) = House(assigned()).owed(instructed("health"))
    facts = {each.name: each.value for each in notice.facts}
    assert facts["leader-unit-name"] == "Office of the City Government"
    assert "working-days" not in facts


def test_a_return_is_reported_to_the_superior_that_routing_names() -> None:
    house = House(assigned())
    back = queued(why="returned", returned_by="police-beicheng", return_reason="属城管职责", reported_to="police")
    (notice,) = house.owed(back)
    assert (notice.to, notice.what, notice.centre) == ("police", "return-reported", "beicheng-centre")
    facts = {each.name: each.value for each in notice.facts}
    assert facts["reason"] == "属城管职责"
    assert facts["unit-name"] == POLICY.names.unit("police-beicheng", Language.CHINESE)
    assert house.owed(queued(why="returned", returned_by="city-office", return_reason="…")) == []


def test_a_place_that_does_not_send_these_notices_sends_none() -> None:
    rules = CaseRules(policy(notices={}), LEASE)
    case = House(assigned()).case
    for subject in (instructed("police"), queued(returned_by="police-beicheng", reported_to="police")):
        assert decided(rules.decide(case, subject, context())).events == ()


def test_an_alarm_that_names_nobody_goes_to_whoever_answers_for_the_case() -> None:
    (notice,) = House(assigned(responsible="police")).owed(rung(Rung.RED, unit=None))
    assert notice.to == "police"
    (notice,) = House().owed(rung(Rung.RED, unit=None))
    assert notice.to == "beicheng-centre", "its centre where nobody does"


def test_each_alarm_of_a_case_has_an_id_of_its_own() -> None:
    house = House(assigned(), started())
    alarms = [rung(which, clock) for which in Rung for clock in ("close", "sign", "close-2")]
    ids = {notice.notice_id for alarm in alarms for notice in house.owed(alarm)}
    assert len(ids) == len(alarms)


def test_facts_travel_as_text_and_what_is_absent_does_not_travel() -> None:
    told = told_as({"due_at": AT, "urgent": True, "count": 3, "measures": ["甲", "乙"], "why": None, "title": ""})
    assert {each.name: each.value for each in told} == {
        "due-at": AT.isoformat(),
        "urgent": "true",
        "count": "3",
        "measures": "甲\n乙",
    }


# ---- scores


def test_what_scoring_says_of_the_last_answer_is_kept_and_ends_the_case_on_its_day() -> None:
    house = House(closed(), measured())
    assert house.case.outcome is not None
    assert (house.case.outcome.answer, house.case.outcome.answered, house.case.until) == (1, True, "2026-11-26")
    rated = CaseRated(
        case_id=CASE,
        occurred_at=AT,
        channel=Channel.WEB,
        rating_id="r",
        satisfaction=Satisfaction.SATISFIED,
        solved=True,
    )
    early = House(rated, closed(), measured())
    house.hear(rated)
    assert house.case.outcome is not None
    assert early.case.outcome == house.case.outcome, "the rating may come first"
    assert (house.case.outcome.satisfaction, house.case.outcome.solved) == (Satisfaction.SATISFIED, True)


def test_a_case_that_is_opened_again_is_open_again_until_its_next_answer_is_measured() -> None:
    house = House(closed(), measured(), reopened())
    assert house.case.until == OPEN
    house.hear(measured())
    assert house.case.until == OPEN, "that was the first answer"
    house.hear(measured(2, None))
    assert house.case.outcome is not None
    assert (house.case.until, house.case.outcome.answered) == ("2026-11-26", False)
