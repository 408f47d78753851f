"""件件有回音、事事有着落: what a case lacks past its limit is an alarm once, and over when it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import PauseReason, ReplyBy
from contracts.intake import ContactSealed
from contracts.notify import SilenceEnded, SilenceFound
from contracts.routing import CaseAssigned, CaseQueued, DelayExplained
from contracts.scoring import ClockPaused, ClockResumed, ClockStarted
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Due, Subject
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.notice import LEASE
from services.notify.domain.sending import HandedOver, Way
from services.notify.domain.silence import WHAT, limits_of, next_silence, silences
from tests.unit.services.notify.place import POLICY
from tests.unit.services.speaking import AT, CASE, closed, context, decided, only, registered

LIMITS = POLICY.table.silence
HOUR = timedelta(hours=1)
DUE = AT + timedelta(days=10)


def assigned() -> CaseAssigned:
    return CaseAssigned(case_id=CASE, occurred_at=AT, unit="police", responsible="police", rule="r", policy="p")


def queued() -> CaseQueued:
    return CaseQueued(
        case_id=CASE, occurred_at=AT, centre="beicheng-centre", responsible="beicheng-centre", why="no-rule", policy="p"
    )


def clock(due_at: datetime = DUE) -> ClockStarted:
    return ClockStarted(
        case_id=CASE,
        occurred_at=AT,
        clock="close",
        started_on=AT.date(),
        budget_working_days=8,
        due_at=due_at,
        provisional=False,
        calendar="c",
        policy="p",
    )


class Watch:
    """One case, and the alarms about it."""

    def __init__(self, *subjects: Subject, rules: CaseRules | None = None) -> None:
        self.case: Case | None = None
        self.at = AT
        self.events: list[Any] = []
        self.rules = rules or CaseRules(POLICY, LEASE)
        self.hear(*subjects)

    def hear(self, *subjects: Subject) -> list[Any]:
        """What is announced on them."""
        found: list[Any] = []
        for subject in subjects:
            decision = decided(self.rules.decide(self.case, subject, context(at=self.at)))
            self.case = decision.state
            found += decision.events
        self.events += found
        return found

    def until(self, at: datetime) -> list[Any]:
        """Time passes up to there; whatever falls due on the way is decided then."""
        found: list[Any] = []
        while self.case is not None and (due := self.rules.due(self.case)) is not None and due <= at:
            self.at = max(self.at, due)
            found += self.hear(Due())
        self.at = at
        return found

    @property
    def missing(self) -> list[str]:
        """What is known to be missing."""
        return [each.what for each in (self.case.silences or ())] if self.case else []


def test_a_case_that_has_everything_is_not_missed() -> None:
    it = Watch(registered(), assigned(), clock())
    assert it.until(DUE + timedelta(minutes=59)) == []
    assert it.missing == []


def test_a_case_without_owner_and_deadline_is_an_alarm_after_its_minutes_and_once() -> None:
    it = Watch(registered())
    assert it.until(AT + HOUR - timedelta(milliseconds=1)) == []
    found = [each for each in it.until(AT + HOUR) if isinstance(each, SilenceFound)]
    assert [(each.what, each.since, each.unit) for each in found] == [
        ("owner", AT + HOUR, "beicheng-centre"),
        ("deadline", AT + HOUR, "beicheng-centre"),
    ]
    assert it.until(AT + timedelta(days=30)) == [], "an alarm falls once"
    assert it.missing == ["owner", "deadline"]


def test_a_place_in_a_queue_is_an_owner() -> None:
    it = Watch(registered(), queued(), clock())
    assert it.until(DUE) == []


def test_what_comes_ends_its_alarm_alone() -> None:
    it = Watch(registered())
    it.until(AT + HOUR)
    assert [each.what for each in it.hear(assigned()) if isinstance(each, SilenceEnded)] == ["owner"]
    assert [each.what for each in it.hear(clock()) if isinstance(each, SilenceEnded)] == ["deadline"]
    assert it.case is not None
    assert it.case.silences is None


def test_a_case_that_rests_is_not_missed_and_its_limit_is_then_the_new_one() -> None:
    paused = ClockPaused(case_id=CASE, occurred_at=AT, clock="close", reason=PauseReason.SHELVED, paused_at=AT)
    resumed = ClockResumed(
        case_id=CASE,
        occurred_at=AT,
        clock="close",
        resumed_at=DUE,
        paused_working_days=8,
        due_at=DUE + timedelta(days=10),
        provisional=False,
    )
    it = Watch(registered(), assigned(), clock(), paused)
    assert it.until(DUE + timedelta(days=9)) == []
    it.hear(resumed)
    assert it.until(DUE + timedelta(days=10)) == []
    assert [each.what for each in it.until(DUE + timedelta(days=10) + HOUR) if isinstance(each, SilenceFound)] == [
        "answer"
    ]


def test_an_answer_is_missed_after_the_limit_and_after_what_was_promised() -> None:
    it = Watch(registered(), assigned(), clock())
    explained = DelayExplained(
        case_id=CASE, occurred_at=AT, unit="police", reason="检测延期", promised_at=DUE + timedelta(days=3)
    )
    it.until(DUE)
    it.hear(explained)
    assert it.until(DUE + timedelta(days=3)) == []
    alarms = it.until(DUE + timedelta(days=3) + HOUR)
    found = only(SilenceFound, [each for each in alarms if isinstance(each, SilenceFound)])
    assert (found.what, found.unit, found.since) == ("answer", "police", DUE + timedelta(days=3) + HOUR)
    assert [each.what for each in it.hear(closed()) if isinstance(each, SilenceEnded)] == ["answer"]


def test_whoever_is_not_told_within_time_is_missed_and_heard_of_when_told() -> None:
    sealed = ContactSealed(case_id=CASE, occurred_at=AT, key_id="k", box="box")
    it = Watch(sealed, registered(reply_by=ReplyBy.EMAIL), assigned(), clock())
    assert it.hear(Due()) == []
    alarm = only(SilenceFound, [each for each in it.until(AT + HOUR) if isinstance(each, SilenceFound)])
    assert alarm.what == "acknowledgement"
    ended = it.hear(HandedOver(f"acknowledgement.{CASE}", Way.EMAIL))
    assert [each.what for each in ended if isinstance(each, SilenceEnded)] == ["acknowledgement"]
    it.hear(closed())
    told = it.until(it.at + timedelta(minutes=LIMITS.reply_minutes))
    assert [each.what for each in told if isinstance(each, SilenceFound)] == ["reply"]


def test_the_unit_and_whoever_the_place_names_hear_of_it_each_once() -> None:
    it = Watch(registered(), clock())
    owed = [each for each in it.until(AT + HOUR) if isinstance(each, StaffNoticeOwed)]
    assert [(each.to, each.what) for each in owed] == [("beicheng-centre", "silence"), ("city-12345", "silence")]
    assert {each.name: each.value for each in owed[0].facts}["lack"] == "owner"
    assert len({each.notice_id for each in owed}) == 2


def test_a_place_that_tells_its_units_nothing_still_announces() -> None:
    table = POLICY.table.model_copy(update={"staff": POLICY.table.staff.model_copy(update={"tells": []})})
    it = Watch(registered(), clock(), rules=CaseRules(replace(POLICY, table=table), LEASE))
    assert [type(each) for each in it.until(AT + HOUR)] == [SilenceFound]


def test_a_case_at_the_reception_has_its_centre() -> None:
    case = Watch(registered()).case
    assert case is not None
    assert case.registered is not None
    held = case.model_copy(update={"registered": case.registered.model_copy(update={"held": True})})
    assert "owner" not in {each.what for each in limits_of(held, LIMITS)}


def test_nothing_is_missing_of_a_case_that_nobody_knows() -> None:
    assert silences(Case(), LIMITS, AT + timedelta(days=365)) == ()
    assert next_silence(Case(), LIMITS) is None


def test_alarms_stand_in_one_order() -> None:
    it = Watch(registered())
    it.until(AT + HOUR)
    assert it.case is not None
    found = silences(it.case, LIMITS, it.at)
    assert [each.what for each in found] == sorted((each.what for each in found), key=WHAT.index)
