"""Internal notes: which units write them, when, how many, and that no number of a person is in them."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.codes import AppealType, Ending, PauseReason
from contracts.handling import AddNote, InviteCoHandler, ResumeCase, SuspendCase
from contracts.intake import CaseEnded
from contracts.routing import CommandRefused, NoteAdded
from services.routing.domain.case import Stage
from services.routing.domain.noting import MOST_NOTES
from tests.unit.services.routing.desk import POLICY, Desk
from tests.unit.services.speaking import AT, CASE, only

ASKED, CENTRE, HELPER = "police-beicheng", "beicheng-centre", "ecology"


def note(desk: Desk, unit: str = ASKED, text: str = "已联系物业", **fields: Any) -> list[Any]:
    return desk.ask(AddNote, unit, text=text, **fields)


def test_a_note_is_kept_with_unit_post_and_time_and_without_numbers() -> None:
    desk = Desk.of()
    desk.later(hours=2)
    added = only(
        NoteAdded, note(desk, text="诉求人电话 138 1234 5678，邮箱 a.b@example.com", actor="police-beicheng.desk-1")
    )
    assert (added.topic, added.unit, added.by) == ("routing.events", ASKED, "police-beicheng.desk-1")
    assert added.text == "诉求人电话 ＊＊＊，邮箱 ＊＊＊"
    (kept,) = desk.held.notes
    assert (kept.unit, kept.text, kept.at, kept.by) == (ASKED, added.text, desk.at, "police-beicheng.desk-1")


@pytest.mark.parametrize(
    ("unit", "about", "refusal"),
    [
        (ASKED, None, None),
        (CENTRE, None, None),
        (HELPER, None, None),
        ("police", None, None),  # above the unit that is asked
        ("city-office", None, None),
        ("nancheng-centre", None, "not-responsible"),
        ("police-shuangqiao", None, "not-responsible"),
        ("atlantis", None, "not-responsible"),
        ("housing", None, "not-responsible"),
        ("police", "police", "recused"),
        ("police-shuangqiao", "police-shuangqiao", "recused"),
        ("city-office", "police", None),
    ],
)
def test_units_that_have_to_do_with_the_case_write_notes(unit: str, about: str | None, refusal: str | None) -> None:
    desk = Desk.of(about=about)
    if about is None:
        desk.ask(InviteCoHandler, CENTRE, to=HELPER, task="协查")
    note(desk, unit)
    assert desk.refusal == (None if refusal is None else (refusal, None))
    assert len(desk.held.notes) == (refusal is None)


def test_the_supervisor_writes_a_note() -> None:
    desk = Desk.of()
    desk.case = desk.held.model_copy(update={"supervisor": "housing"})
    note(desk, "housing")
    assert desk.refusal is None


def test_a_note_is_possible_while_the_case_rests_or_is_verified() -> None:
    desk = Desk.of(appeal=AppealType.REPORT)
    desk.sign(ASKED)
    desk.ask(SuspendCase, ASKED, reason=PauseReason.THIRD_PARTY, note="等待检测")
    note(desk)
    assert desk.refusal is None
    assert desk.held.stage is Stage.SUSPENDED
    desk.ask(ResumeCase, ASKED)
    desk.report(ASKED)
    note(desk, CENTRE)
    assert desk.refusal is None
    assert (desk.held.stage, len(desk.held.notes)) == (Stage.REPORTED, 2)


def test_after_the_answer_a_note_is_possible_for_as_long_as_the_case_may_be_reopened() -> None:
    desk = Desk.of()
    desk.sign(ASKED)
    desk.report(ASKED)
    desk.later(days=POLICY.reopen_days)
    note(desk)
    assert desk.refusal is None
    desk.later(seconds=1)
    note(desk)
    assert desk.refuses("case-closed")


def test_what_intake_ended_gets_no_notes() -> None:
    desk = Desk.of()
    desk.say(CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="demo"), "")
    note(desk)
    assert desk.refuses("case-closed")


def test_a_case_has_so_many_notes_and_no_more() -> None:
    desk = Desk.of()
    for n in range(MOST_NOTES):
        note(desk, text=f"第{n}条")
    assert desk.refusal is None
    note(desk)
    assert desk.refuses("notes-full")
    (reason,) = only(CommandRefused, desk.last.events).reasons
    assert str(MOST_NOTES) in reason.zh
    assert str(MOST_NOTES) in reason.en
    assert len(desk.held.notes) == MOST_NOTES
