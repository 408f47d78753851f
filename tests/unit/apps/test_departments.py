"""A desk: the same message always gets the same answer, under the same id; rulings are never returned."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.departments.answers import Approve, Dispatch, Handle, Return
from apps.departments.behaviour import Behaviour
from apps.departments.desk import Desk, command_id, default_group
from apps.departments.dispatcher import Dispatcher
from contracts.codes import AppealType, Channel, HandlingResult, RefusalCode
from contracts.handling import DispatchCase, ReportHandling, RequestReturn, SignCase
from contracts.message import Command, case_id_for
from contracts.refusals import reason
from contracts.routing import AssignmentOffered, AssignmentWithdrawn, CommandRefused, DispatchRequested

DEMO = Path(__file__).parents[3] / "policies" / "demo"
AT = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)
CASE = case_id_for("web", "1")
DISPATCHER = Dispatcher.read(DEMO)
CASES = st.integers().map(lambda number: case_id_for("web", str(number)))


def offer(
    case_id: str = CASE, unit: str = "housing", *, binding: bool = False, appeal: AppealType = AppealType.REQUEST
) -> AssignmentOffered:
    return AssignmentOffered(
        case_id=case_id,
        occurred_at=AT,
        unit=unit,
        number="SL-1",
        channel=Channel.WEB,
        appeal=appeal,
        category="heating",
        area="city",
        title="暖气不热 {x}",
        text="…",
        received_at=AT,
        urgent=False,
        rule="housing",
        binding=binding,
    )


def request(
    case_id: str = CASE,
    area: str = "city",
    about: str | None = None,
    returned_by: str | None = None,
    proposed: str | None = None,
    refusers: tuple[str, ...] = (),
    ruling_due: bool = False,
) -> DispatchRequested:
    return DispatchRequested(
        case_id=case_id,
        occurred_at=AT,
        unit="city-12345",
        number="SL-1",
        category="other",
        area=area,
        title="…",
        text="…",
        why="no-rule",
        about=about,
        returned_by=returned_by,
        proposed=proposed,
        refusers=refusers,
        ruling_due=ruling_due,
    )


def refusal(code: RefusalCode, command: str) -> CommandRefused:
    reasons = (reason(code, hours=24),)
    return CommandRefused(
        case_id=CASE, occurred_at=AT, unit="housing", command_id="x", command=command, reasons=reasons
    )


def desk(behaviour: Behaviour) -> Desk:
    return Desk("nowhere", ["housing"], behaviour, now=lambda: AT)


def said(
    to: AssignmentOffered | AssignmentWithdrawn | DispatchRequested | CommandRefused, behaviour: Behaviour
) -> list[Command]:
    return list(desk(behaviour)._commands(to))


@given(CASES, st.integers(), st.booleans())
def test_the_same_offer_gets_the_same_answer(case_id: str, seed: int, binding: bool) -> None:
    first, again = (Behaviour(seed, 0.5).offered(offer(case_id, binding=binding)) for _ in range(2))
    assert first == again


@given(CASES)
def test_a_ruling_is_never_returned(case_id: str) -> None:
    assert isinstance(Behaviour(1, 1.0).offered(offer(case_id, binding=True)), Handle)
    assert isinstance(Behaviour(1, 1.0).offered(offer(case_id)), Return)


def test_returns_have_the_share_that_was_asked_for() -> None:
    offers = [offer(case_id_for("web", str(number))) for number in range(2000)]
    returned = [each for each in offers if isinstance(Behaviour(3, 0.2).offered(each), Return)]
    assert len(returned) / len(offers) == pytest.approx(0.2, abs=0.03)


def test_a_question_is_explained() -> None:
    answer = Behaviour(1, 0.0).offered(offer(appeal=AppealType.CONSULT))
    assert isinstance(answer, Handle)
    assert answer.result is HandlingResult.EXPLAINED
    assert "暖气不热 {x}" in answer.reply


@pytest.mark.parametrize("appeal", AppealType)
def test_a_report_says_whether_a_suggestion_is_adopted_and_nothing_of_other_appeals(appeal: AppealType) -> None:
    report = next(each for each in said(offer(appeal=appeal), Behaviour(1, 0.0)) if isinstance(each, ReportHandling))
    assert (report.adopted is not None) == (appeal is AppealType.SUGGESTION)


def test_suggestions_are_adopted_with_the_share_that_was_asked_for_and_each_has_its_reason() -> None:
    offers = [offer(case_id_for("web", str(number)), appeal=AppealType.SUGGESTION) for number in range(1000)]
    answers = [answer for each in offers if isinstance(answer := Behaviour(3, 0.0).offered(each), Handle)]
    assert sum(bool(each.adopted) for each in answers) / len(answers) == pytest.approx(0.6, abs=0.05)
    assert all(("暂不采纳" in each.reply) == (each.adopted is False) for each in answers)


def test_a_report_without_adoption_is_made_again_with_it() -> None:
    (report,) = said(refusal(RefusalCode.ADOPTION_MISSING, ReportHandling.TYPE), Behaviour(1))
    assert isinstance(report, ReportHandling)
    assert report.adopted is not None


def test_a_case_is_signed_before_it_is_reported() -> None:
    sign, report = said(offer(), Behaviour(1, 0.0))
    assert isinstance(sign, SignCase)
    assert isinstance(report, ReportHandling)
    assert sign.topic == report.topic == "handling.housing"
    assert sign.key == report.key == CASE


def test_a_return_says_why() -> None:
    (command,) = said(offer(), Behaviour(1, 1.0))
    assert isinstance(command, RequestReturn)
    assert command.reason


@pytest.mark.parametrize("code", [RefusalCode.RETURN_WINDOW_CLOSED, RefusalCode.RULING_BINDS])
def test_a_case_that_may_not_be_returned_is_handled_after_all(code: RefusalCode) -> None:
    assert [type(each) for each in said(refusal(code, RequestReturn.TYPE), Behaviour(1))] == [SignCase, ReportHandling]


@pytest.mark.parametrize("code", [RefusalCode.NOT_RESPONSIBLE, RefusalCode.ALREADY_SIGNED, RefusalCode.CASE_CLOSED])
def test_other_refusals_are_counted_and_left(code: RefusalCode) -> None:
    at = desk(Behaviour(1))
    assert not list(at._commands(refusal(code, RequestReturn.TYPE)))
    assert not list(at._commands(refusal(RefusalCode.RULING_BINDS, SignCase.TYPE)))
    assert at.counts[f"refused:{code}"] == 1


def test_a_withdrawn_case_is_counted_and_needs_no_answer() -> None:
    assert not said(AssignmentWithdrawn(case_id=CASE, occurred_at=AT, unit="housing"), Behaviour(1))


def test_a_centre_dispatches_what_waits_for_it() -> None:
    (command,) = said(request(), Behaviour(1, choose=lambda asked: Dispatch("housing", binding=True)))
    assert isinstance(command, DispatchCase)
    assert (command.unit, command.to, command.binding) == ("city-12345", "housing", True)


def test_without_a_choice_the_case_is_left_waiting() -> None:
    at = desk(Behaviour(1))
    assert not list(at._commands(request()))
    assert at.counts["left-waiting"] == 1


def test_answers_have_ids_of_their_own_that_do_not_change() -> None:
    asked = offer()
    ids = [command_id(asked, command, "m1") for command in said(asked, Behaviour(1, 0.0))]
    assert len(set(ids)) == 2
    assert ids == [command_id(asked, command, "m1") for command in said(asked, Behaviour(1, 0.0))]
    assert not set(ids) & {command_id(asked, command, "m2") for command in said(asked, Behaviour(1, 0.0))}


def test_a_group_belongs_to_the_units_in_any_order() -> None:
    assert default_group(("a", "b")) == default_group(("b", "a")) != default_group(("a",))


@given(
    CASES,
    st.sampled_from(sorted({area for unit in DISPATCHER.units.values() for area in unit.areas})),
    st.none() | st.sampled_from(sorted(DISPATCHER.units)),
    st.none() | st.sampled_from(sorted(DISPATCHER.units)),
)
def test_a_dispatch_respects_area_recusal_and_return(
    case_id: str, area: str, about: str | None, returned_by: str | None
) -> None:
    asked = request(case_id, area, about, returned_by)
    choice = DISPATCHER(asked)
    assert choice == DISPATCHER(asked)
    if about == "city-office":
        assert choice is None
        return
    assert isinstance(choice, Dispatch)
    chosen = DISPATCHER.units[choice.to]
    assert area in chosen.areas
    assert not chosen.dispatches
    at: str | None = choice.to
    while at is not None:
        assert at != about
        at = DISPATCHER.units[at].parent
    assert choice.to != returned_by or choice.binding


def test_a_preferred_unit_is_taken_where_it_may_be() -> None:
    dispatcher = Dispatcher.read(DEMO, {"other": "housing"})
    assert dispatcher(request()) == Dispatch("housing")
    assert dispatcher(request(about="housing")) != Dispatch("housing")
    assert dispatcher(request(returned_by="housing")) != Dispatch("housing")


def test_the_only_unit_that_may_gets_its_case_back_as_a_ruling() -> None:
    alone = Dispatcher({unit: DISPATCHER.units[unit] for unit in ("city-office", "city-12345", "housing")}, {})
    ruling = alone(request(returned_by="housing"))
    assert isinstance(ruling, Dispatch)
    assert (ruling.to, ruling.binding) == ("housing", True)
    assert ruling.consultation is not None
    assert ruling.consultation.participants == ("housing",)


def test_a_ruling_that_is_due_rests_on_a_consultation_of_all_that_returned_the_case() -> None:
    ruling = DISPATCHER(request(returned_by="health", refusers=("housing", "health", "housing"), ruling_due=True))
    assert isinstance(ruling, Dispatch)
    assert not ruling.binding
    assert ruling.consultation is not None
    assert ruling.consultation.participants == tuple(dict.fromkeys(("housing", "health", ruling.to)))
    plain = DISPATCHER(request(returned_by="health", refusers=("health",)))
    assert isinstance(plain, Dispatch)
    assert plain.consultation is None


def test_what_is_proposed_is_approved_by_the_centres_director() -> None:
    asked = request(proposed="housing")
    assert DISPATCHER(asked) == Approve(f"{asked.unit}.director")
