"""Evidence of reports: who may upload it, which files a report may cite, who sees them, and what an erasure leaves."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.attachments import Attachment
from contracts.codes import AppealType, HandlingResult, RefusalCode
from contracts.handling import InviteCoHandler, ReportHandling, ReportSubtask, SignCase
from contracts.intake import IdentityErased
from contracts.routing import CaseClosed, CommandRefused, HandlingReported, SubtaskAnswered, VerificationRequested
from infra.decision import Decision, Due, Forget, Forgotten
from services.routing.domain.decide import Rules
from services.routing.domain.evidence import UploadedFile, cites_files, may_upload
from tests.unit.services.routing.desk import RULES, Desk
from tests.unit.services.speaking import AT, CASE, context, decided, only, told

ONE, TWO = "a" * 32, "b" * 32
HELPER = "ecology"


def file(id: str) -> Attachment:
    return Attachment(file_id=id, media_type="image/jpeg", size_bytes=3, sha256="0" * 64)


def at_work(**changes: Any) -> tuple[Desk, str]:
    desk = Desk.of(**changes)
    unit = str(desk.held.asked)
    desk.sign(unit)
    return desk, unit


def uploads(unit: str, case_id: str = CASE) -> dict[str, UploadedFile]:
    return {id: UploadedFile(unit, case_id, file(id)) for id in (ONE, TWO)}


def report(desk: Desk, unit: str, files: object, *ids: str, **fields: Any) -> Decision[Any]:
    command = ReportHandling(
        case_id=CASE, issued_at=AT, unit=unit, result=HandlingResult.RESOLVED, reply="已办理。", evidence=ids, **fields
    )
    done = decided(RULES.decide(desk.case, command, context(unit, supplies=files)))
    desk.case = done.state
    return done


def refusal(done: Decision[Any]) -> list[tuple[str, str | None]]:
    return list(told(only(CommandRefused, done.events).reasons))


def test_the_answer_has_the_evidence_of_the_report_each_file_once() -> None:
    desk, unit = at_work(appeal=AppealType.COMPLAINT)
    closed = only(CaseClosed, report(desk, unit, uploads(unit), ONE, TWO, ONE, evidence_shown=True).events)
    assert closed.evidence == (file(ONE), file(TWO))
    assert closed.evidence_shown
    assert [(each.unit, each.file, each.shown) for each in desk.held.evidence] == [
        (unit, file(ONE), True),
        (unit, file(TWO), True),
    ]
    assert desk.held.answer is not None
    assert desk.held.answer.evidence == closed.evidence


def test_the_verifier_gets_the_evidence_before_the_complainant() -> None:
    desk, unit = at_work(appeal=AppealType.REPORT)
    done = report(desk, unit, uploads(unit), TWO)
    asked = only(VerificationRequested, done.events)
    assert (asked.evidence, asked.evidence_shown) == ((file(TWO),), False)
    assert only(HandlingReported, done.events).evidence == (file(TWO),)
    desk.verify("beicheng-centre")
    closed = only(CaseClosed, desk.last.events)
    assert (closed.evidence, closed.evidence_shown) == ((file(TWO),), False)


def test_a_report_without_files_shows_none() -> None:
    desk, unit = at_work(appeal=AppealType.COMPLAINT)
    assert not only(CaseClosed, report(desk, unit, None, evidence_shown=True).events).evidence_shown


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (None, RefusalCode.ATTACHMENT_UNKNOWN),
        ({}, RefusalCode.ATTACHMENT_UNKNOWN),
        (uploads("ecology"), RefusalCode.ATTACHMENT_UNKNOWN),
        (uploads("police-beicheng", "0" * 8 + "-0000-4000-8000-" + "0" * 12), RefusalCode.ATTACHMENT_TAKEN),
    ],
)
def test_a_file_that_is_not_the_units_own_for_this_case_is_refused(files: object, code: RefusalCode) -> None:
    desk, unit = at_work(appeal=AppealType.COMPLAINT)
    assert unit == "police-beicheng"
    before = desk.case
    assert refusal(report(desk, unit, files, ONE)) == [(code, "evidence.0")]
    assert desk.case == before


def test_a_co_handler_reports_with_evidence_of_its_own() -> None:
    desk, lead = at_work(appeal=AppealType.COMPLAINT)
    desk.ask(InviteCoHandler, lead, to=HELPER, task="监测噪声")
    assert may_upload(desk.held, HELPER, None) is None
    part = ReportSubtask(case_id=CASE, issued_at=AT, unit=HELPER, reply="超标。", evidence=(ONE,))
    foreign = decided(RULES.decide(desk.case, part, context(HELPER, supplies=uploads(lead))))
    assert refusal(foreign) == [(RefusalCode.ATTACHMENT_UNKNOWN, "evidence.0")]
    done = decided(RULES.decide(desk.case, part, context(HELPER, supplies=uploads(HELPER))))
    assert only(SubtaskAnswered, done.events).evidence == (file(ONE),)
    desk.case = done.state
    assert [(each.unit, each.shown) for each in desk.held.evidence] == [(HELPER, False)]
    assert may_upload(desk.held, HELPER, None) is RefusalCode.NOT_RESPONSIBLE


def test_only_units_that_work_on_an_open_case_may_upload() -> None:
    desk, unit = at_work(appeal=AppealType.COMPLAINT)
    assert may_upload(desk.held, unit, f"{unit}.desk-1") is None
    assert may_upload(desk.held, "beicheng-centre", None) is RefusalCode.NOT_RESPONSIBLE
    accused = desk.held.model_copy(update={"about_person": f"{unit}.desk-1"})
    assert may_upload(accused, unit, f"{unit}.desk-1") is RefusalCode.ACTOR_RECUSED
    desk.report(unit)
    assert may_upload(desk.held, unit, None) is RefusalCode.CASE_CLOSED


def test_an_erasure_deletes_the_evidence_until_that_is_known() -> None:
    desk, unit = at_work(appeal=AppealType.COMPLAINT)
    report(desk, unit, uploads(unit), ONE, evidence_shown=True)
    erased = IdentityErased(case_id=CASE, occurred_at=AT, by="beicheng-centre.desk-1")
    desk.say(erased, "")
    assert desk.last.effects == (Forget(CASE),)
    assert desk.held.evidence == ()
    assert desk.held.answer is not None
    assert (desk.held.answer.evidence, desk.held.answer.evidence_shown) == ((), False)
    assert Rules.due(desk.held) == AT, "an effect may be lost in a crash"
    desk.say(Due(), "")
    assert desk.last.effects == (Forget(CASE),)
    desk.say(Forgotten(), "")
    assert Rules.due(desk.held) is None


def test_an_erasure_without_evidence_wants_nothing_deleted() -> None:
    desk, _ = at_work(appeal=AppealType.COMPLAINT)
    desk.say(IdentityErased(case_id=CASE, occurred_at=AT, by="beicheng-centre.desk-1"), "")
    assert (desk.last.effects, desk.held.forgetting_since) == ((), None)


def test_only_a_report_that_cites_files_needs_them_fetched() -> None:
    given: dict[str, Any] = {"case_id": CASE, "issued_at": AT, "unit": "ecology"}
    assert cites_files(ReportSubtask(**given, reply="好", evidence=(ONE,)))
    assert not cites_files(ReportSubtask(**given, reply="好"))
    assert not cites_files(SignCase(**given))
    assert not cites_files(Due())
