"""Which of the six documents there are, what stands on them, and who is given them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import AppealType, Language, SubjectKind
from contracts.conduct import MeasureDecided
from contracts.routing import CaseAssigned, CaseQueued, CaseReopened, ConsultationHeld, SubtaskEnded, SubtaskOpened
from contracts.scoring import ClockStarted
from infra.decision import Context
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.co_handling import PATIENCE
from services.notify.domain.directory import Directory
from services.notify.domain.measure import MeasureRules
from services.notify.domain.notice import LEASE
from services.notify.domain.paper import MOST_PRINTS, Paper, PaperPrinted, PaperRules, paper_key
from services.notify.domain.papers_of import (
    PaperOf,
    may_have_case,
    may_have_letter,
    may_have_paper,
    papers_of,
    unit_of_card,
)
from services.notify.paper_facts import Wording
from services.notify.printing.facts import CaseFacts
from services.notify.printing.figures import Issuer
from services.notify.printing.forms import Forms, sheet_of
from services.notify.printing.html import html_of
from services.notify.printing.verification import digest_of, verification_code, verify
from tests.unit.contracts.golden import GOLDEN
from tests.unit.services.notify.place import POLICY
from tests.unit.services.speaking import AT, CASE, closed, context, decided, demo, registered

NUMBER, UNIT, CENTRE = "BC-20261123-000001", "police-beicheng", "beicheng-centre"
FORM = f"{NUMBER}-C1"
RULES = CaseRules(POLICY, LEASE)
FORMS = Forms.from_tables(demo().tables)
DIRECTORY = Directory.from_tables(demo().tables)
ZH, EN = (Wording(POLICY, each) for each in Language)
SECRET = b"a secret of the centre, 32 bytes"


def queued(**changes: Any) -> CaseQueued:
    given = {"case_id": CASE, "occurred_at": at(1), "centre": CENTRE, "responsible": CENTRE, "why": "approval"}
    return CaseQueued(**{**given, "policy": "demo", **changes})


def assigned(**changes: Any) -> CaseAssigned:
    given = {"case_id": CASE, "occurred_at": at(2), "unit": UNIT, "responsible": UNIT, "rule": "dispatcher"}
    return CaseAssigned(**{**given, "policy": "demo", **changes})


def at(hours: float) -> Any:
    return AT + timedelta(hours=hours)


def case(*messages: Any, **changes: Any) -> Case:
    state: Case | None = None
    for message in (registered(**changes), *messages):
        state = decided(RULES.decide(state, message, context(at=message.time + PATIENCE))).state
    assert state is not None
    return state


WHOLE = (
    queued(proposed=UNIT, by="beicheng-centre.desk-1", form=FORM),
    assigned(form=FORM, by="beicheng-centre.director", why="同意，请速办"),
    closed(occurred_at=at(3), by="police-beicheng.desk-1"),
)


def facts(kept: Case, code: str, wording: Wording = ZH, nth: int = 1) -> CaseFacts:
    assert kept.registered is not None
    found = [each for each in papers_of(kept, FORMS) if each.code == code]
    return wording.case(kept, kept.registered, found[nth - 1])


def listed(kept: Case) -> list[tuple[str, str]]:
    return [(each.code, each.number) for each in papers_of(kept, FORMS)]


def test_documents_follow_from_what_happened_to_a_case():
    assert listed(case()) == [("registration", f"{NUMBER}-DJ1")]
    assert listed(case(*WHOLE)) == [
        ("registration", f"{NUMBER}-DJ1"),
        ("approval", FORM),
        ("transfer", f"{NUMBER}-ZB1"),
        ("feedback", f"{NUMBER}-FK1"),
    ]


def test_each_assignment_and_each_answer_has_a_paper_of_its_own():
    again = CaseReopened(**{**reopening(), "case_id": CASE, "occurred_at": at(4), "unit": UNIT, "count": 1})
    kept = case(*WHOLE, again, assigned(occurred_at=at(5)), closed(occurred_at=at(6)))
    numbers = [number for _, number in listed(kept)]
    assert numbers[2:] == [f"{NUMBER}-{tail}" for tail in ("ZB1", "FK1", "ZB2", "FK2")]
    assert len(set(numbers)) == len(numbers)


def reopening() -> dict[str, Any]:
    return CaseReopened.model_validate_json(GOLDEN[CaseReopened.TYPE].body).model_dump()


def test_a_place_that_lacks_a_form_has_no_such_paper():
    few = Forms({code: each for code, each in FORMS.documents.items() if code != "transfer"})
    assert [each.code for each in papers_of(case(*WHOLE), few)] == ["registration", "approval", "feedback"]
    assert papers_of(case(*WHOLE), Forms({})) == ()


def test_an_approval_form_says_who_proposed_and_who_approved():
    found = facts(case(*WHOLE), "approval")
    assert (found.proposed_by, found.proposed_at) == ("beicheng-centre.desk-1", at(1))
    assert (found.approved_by, found.approval, found.approval_form) == (
        "beicheng-centre.director",
        "同意，请速办",
        FORM,
    )
    waiting = facts(case(WHOLE[0]), "approval")
    assert (waiting.approved_by, waiting.approval) == (None, None)
    assert waiting.proposed_unit == POLICY.names.unit(UNIT, Language.CHINESE)


def test_a_ruling_names_its_consultation_on_its_papers() -> None:
    held = ConsultationHeld(
        case_id=CASE,
        occurred_at=at(2),
        centre=CENTRE,
        participants=("police-beicheng", "ecology"),
        minutes="会商一致。",
        held_on=AT.date(),
        to=UNIT,
    )
    kept = case(WHOLE[0], WHOLE[1], held, assigned(occurred_at=at(4)))
    units = tuple(POLICY.names.unit(each, Language.CHINESE) for each in held.participants)
    for code in ("approval", "transfer"):
        assert (facts(kept, code).consulted, facts(kept, code).minutes) == (units, "会商一致。")
    later = facts(kept, "transfer", nth=2)
    assert (later.consulted, later.minutes) == ((), None)


@pytest.mark.parametrize(
    ("adopted", "zh", "en"), [(True, "已采纳", "adopted"), (False, "未采纳", "not adopted"), (None,) * 3]
)
def test_the_feedback_on_a_suggestion_says_whether_it_is_adopted(
    adopted: bool | None, zh: str | None, en: str | None
) -> None:
    kept = case(*WHOLE[:2], closed(occurred_at=at(3), adopted=adopted), appeal=AppealType.SUGGESTION)
    assert (facts(kept, "feedback").adopted, facts(kept, "feedback", EN).adopted) == (zh, en)


def test_words_stand_on_a_paper_in_its_language():
    kept = case(*WHOLE, appeal=AppealType.CONSULT, urgent=True)
    chinese, english = facts(kept, "feedback"), facts(kept, "feedback", EN)
    assert (chinese.channel, chinese.appeal, chinese.result) == ("网站", "咨询", "已解决")
    assert (english.channel, english.appeal, english.result) == ("web", "question", "resolved")
    assert (chinese.answered_at, chinese.handled_by) == (at(3), "police-beicheng.desk-1")
    assert facts(kept, "transfer").dispatched_at == at(2)


def test_a_limit_that_ends_at_midnight_ends_on_paper_with_the_day_before():
    def printed_limit(due_at: str) -> str:
        limit = part_limit().model_copy(update={"clock": "close", "due_at": datetime.fromisoformat(due_at)})
        kept = case(*WHOLE, limit)
        (paper,) = [each for each in papers_of(kept, FORMS) if each.code == "transfer"]
        return html_of(sheet(kept, paper))

    assert "请于2026年11月30日办结" in printed_limit("2026-12-01T00:00:00+08:00")
    assert "请于2026年12月1日办结" in printed_limit("2026-12-01T10:30:00+08:00")


def test_a_confidential_complainant_is_said_to_be_confidential_and_nobody_is_ever_named():
    assert facts(case(), "registration").complainant is None
    assert facts(case(confidential=True), "registration").complainant == "保密"
    assert facts(case(confidential=True), "registration", EN).complainant == "Confidential"


@pytest.mark.parametrize(
    ("unit", "may"),
    [
        (UNIT, True),
        (CENTRE, True),
        ("city-12345", True),
        ("city-office", True),
        ("urban-management-beicheng", False),
        ("nancheng-centre", False),
        ("atlantis", False),
    ],
)
def test_who_handles_a_case_and_those_above_get_its_documents(unit: str, may: bool):
    assert may_have_case(unit, case(*WHOLE), POLICY) is may


def test_who_handled_it_before_keeps_them():
    kept = case(*WHOLE[:2], assigned(occurred_at=at(4), unit="urban-management-beicheng", responsible=CENTRE))
    assert may_have_case(UNIT, kept, POLICY)
    assert may_have_case("urban-management-beicheng", kept, POLICY)


@pytest.mark.parametrize("confidential", [True, False])
def test_the_unit_complained_about_gets_none_though_it_is_the_centre(confidential: bool):
    kept = case(*WHOLE, about=CENTRE, confidential=confidential)
    assert not may_have_case(CENTRE, kept, POLICY)
    assert may_have_case("city-12345", kept, POLICY)
    assert not may_have_case(UNIT, case(*WHOLE, about=UNIT), POLICY)


# ---- co-handlers

HELPER, OTHER = "ecology", "housing"


def opened(hours: float, unit: str = HELPER, task: str = "请检测") -> SubtaskOpened:
    return SubtaskOpened(case_id=CASE, occurred_at=at(hours), unit=unit, lead=UNIT, task=task)


def ended(hours: float, unit: str = HELPER, ending: str = "reported", words: str = "已检测，超标。") -> SubtaskEnded:
    return SubtaskEnded(case_id=CASE, occurred_at=at(hours), unit=unit, ending=ending, words=words, lead=UNIT)


def part_limit(unit: str = HELPER) -> ClockStarted:
    return ClockStarted(
        case_id=CASE,
        occurred_at=at(2),
        clock="part",
        started_on=AT.date(),
        budget_working_days=5,
        due_at=datetime.fromisoformat("2026-12-01T00:00:00+08:00"),
        provisional=False,
        calendar="c",
        unit=unit,
        policy="p",
    )


def jointly(*messages: Any, **changes: Any) -> Case:
    """Two are asked when it is dispatched: one reports, one declines; a third is not needed."""
    return case(
        *WHOLE[:2],
        part_limit(),
        *(opened(2), opened(2, OTHER, "请核实产权"), opened(2.1, "water-company")),
        *(ended(2.2), ended(2.3, OTHER, "declined", "不属本局职责"), ended(2.4, "water-company", "cancelled", "")),
        *messages,
        **changes,
    )


def test_a_transfer_names_the_lead_and_who_works_beside_it():
    early = facts(case(*WHOLE[:2], part_limit(), opened(2), opened(2, OTHER, "请核实产权")), "transfer")
    assert (early.mode, early.unit) == ("联办", "市公安局北城分局")
    assert early.co_handlers == ("示例市生态环境局", "示例市住房和城乡建设局")
    assert early.tasks == ("示例市生态环境局（限2026年11月30日）：请检测", "示例市住房和城乡建设局：请核实产权")
    assert early.reports == ()
    late = facts(jointly(), "transfer", EN)
    assert (late.mode, late.co_handlers) == ("jointly", (POLICY.names.unit(HELPER, Language.ENGLISH),))
    assert late.tasks == (f"{late.co_handlers[0]} (by 30 November 2026): 请检测",)


def test_a_transfer_without_co_handlers_is_as_it_was():
    alone = facts(case(*WHOLE), "transfer")
    assert (alone.mode, alone.co_handlers, alone.tasks) == ("转办", (), ())


def test_a_feedback_says_what_each_co_handler_reported_or_why_it_declined():
    found = facts(jointly(WHOLE[2]), "feedback")
    assert (found.mode, found.co_handlers) == ("联办", ("示例市生态环境局",))
    assert found.reports == ("示例市生态环境局：已检测，超标。", "示例市住房和城乡建设局（未承接）：不属本局职责")
    english = facts(jointly(WHOLE[2]), "feedback", EN).reports
    assert english[1] == f"{POLICY.names.unit(OTHER, Language.ENGLISH)} (declined): 不属本局职责"


def test_each_answer_and_each_assignment_has_the_co_handlers_of_its_own():
    again = CaseReopened(**{**reopening(), "case_id": CASE, "occurred_at": at(4), "unit": UNIT, "count": 1})
    elsewhere = assigned(occurred_at=at(6), unit="urban-management-beicheng")
    kept = jointly(
        *(closed(occurred_at=at(3)), again, assigned(occurred_at=at(5)), opened(5.5, OTHER), elsewhere),
        *(opened(6.5), ended(7, OTHER, words="已核实。"), ended(8, words="达标。"), closed(occurred_at=at(9))),
    )
    ecology, housing = "示例市生态环境局", "示例市住房和城乡建设局"
    assert [facts(kept, "transfer", nth=nth).co_handlers for nth in (1, 2, 3)] == [
        (ecology,),
        (housing,),
        (housing, ecology),
    ]
    assert facts(kept, "feedback", nth=2).reports == (f"{housing}：已核实。", f"{ecology}：达标。")


def test_an_approval_names_who_is_proposed_to_work_beside_the_unit():
    waiting = facts(case(queued(proposed=UNIT, form=FORM, co_handlers=(HELPER, OTHER))), "approval")
    assert (waiting.mode, waiting.co_handlers) == ("联办", ("示例市生态环境局", "示例市住房和城乡建设局"))
    assert facts(case(WHOLE[0]), "approval").co_handlers == ()


def test_co_handlers_stand_in_the_boxes_of_the_place():
    kept = jointly(WHOLE[2])
    texts = {
        each.code: html_of(sheet(kept, each))
        for each in papers_of(kept, FORMS)
        if each.code in ("transfer", "feedback")
    }
    assert "转你单位主办" in texts["transfer"]
    assert "示例市生态环境局（限2026年11月30日）：请检测" in texts["transfer"]
    assert "示例市住房和城乡建设局（未承接）：不属本局职责" in texts["feedback"]


def test_a_co_handler_is_given_the_transfer_that_names_it_and_nothing_else():
    kept = jointly(WHOLE[2])

    def given(unit: str, kept: Case = kept) -> list[str]:
        return [each.code for each in papers_of(kept, FORMS) if may_have_paper(unit, each, kept, POLICY)]

    assert given(UNIT) == given(CENTRE) == ["registration", "approval", "transfer", "feedback"]
    assert given(HELPER) == ["transfer"]
    assert given(OTHER) == given("water-company") == [], "one has declined, one is not needed"
    assert given(HELPER, jointly(about=HELPER)) == []
    assert not may_have_case(HELPER, kept, POLICY)


# ---- letters and cards


def test_a_letter_says_what_was_decided_and_stands_under_a_number_of_its_own():
    said = MeasureDecided(
        unit="city-office",
        occurred_at=AT,
        kind=SubjectKind.UNIT,
        subject=UNIT,
        proposal_id="2acb2d58-f5e3-5a3b-a86c-29f43ccb3f55",
        measures=("apology-in-person",),
        by="city-office",
        actor="city-office.head",
        reason="逾期未联系群众",
        appeal_until=at(1),
    )
    rules = MeasureRules.from_tables(POLICY, demo().tables)
    kept = rules.decide(None, said, context()).state
    assert kept is not None
    (letter,) = kept.letters
    assert letter.number == "GJ-20261123-2ACB2D58F5"
    found = ZH.letter(kept, letter, rules.basis(kept.of, letter.measures), DIRECTORY)
    assert (found.findings, found.measure, found.post) == (("逾期未联系群众",), "主要领导当面道歉", None)
    assert found.appeal_days == 15
    assert found.basis
    assert [may_have_letter(unit, letter, POLICY) for unit in (UNIT, CENTRE, "city-office", "nancheng-centre")] == [
        True,
        CENTRE in POLICY.line(UNIT),
        True,
        False,
    ]


def test_a_card_says_what_the_tables_say_of_a_unit():
    assert unit_of_card(f"{CENTRE}-LX1", FORMS, POLICY.names.units) == CENTRE
    assert unit_of_card(f"{NUMBER}-DJ1", FORMS, POLICY.names.units) is None
    assert unit_of_card("atlantis-LX1", FORMS, POLICY.names.units) is None
    card = ZH.card(UNIT, f"{UNIT}-LX1", DIRECTORY)
    assert "police-beicheng.chief" in card.posts
    assert card.complaint_line == "12345"
    assert POLICY.names.category("noise-residential", Language.CHINESE) in card.duties


# ---- prints


def printed(n: int = 0) -> PaperPrinted:
    return PaperPrinted(number=FORM, code="approval", digest=f"{n:064d}", issued_at=at(n))


def printing(*prints: PaperPrinted) -> Paper:
    kept: Paper | None = None
    rules = PaperRules()
    for each in prints:
        kept = rules.decide(kept, each, Context(key=paper_key(FORM), at=AT, message_id="")).state
    assert kept is not None
    return kept


def test_a_paper_is_remembered_by_each_content_it_was_printed_with():
    kept = printing(printed(1), printed(1), printed(2))
    assert (kept.number, len(kept.digests), kept.issued_at) == (FORM, 2, at(2))
    assert len(printing(*map(printed, range(MOST_PRINTS + 5))).digests) == MOST_PRINTS


def sheet(kept: Case, paper: PaperOf) -> Any:
    assert kept.registered is not None
    issuer = Issuer(name="中心", zone=POLICY.zone)
    document = FORMS.document(paper.code)
    found = ZH.case(kept, kept.registered, paper)
    return sheet_of(document, found, issuer, number=paper.number, issued_at=paper.issued_at)


def test_a_paper_that_was_changed_has_another_code():
    kept = case(*WHOLE)
    for paper in papers_of(kept, FORMS):
        digest = digest_of(sheet(kept, paper))
        code = verification_code(SECRET, paper.number, digest)
        assert verify(SECRET, paper.number, digest, code.lower())
        assert not verify(SECRET, f"{paper.number}0", digest, code)
        forged = kept.model_copy(
            update={"registered": kept.registered and kept.registered.model_copy(update={"number": "BC-1"})}
        )
        other = digest_of(sheet(forged, replace(paper)))
        assert not verify(SECRET, paper.number, other, code)
