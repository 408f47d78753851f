"""Whoever proposes something does not approve it: every pair of the table in docs/http.md, run through its rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contracts.assessments import ApproveAssessment, RecordAssessment
from contracts.channel import Instruction
from contracts.codes import AppealType, AssessmentKind, FindingSource, HandlingResult, SubjectKind, TimeUnit, Verdict
from contracts.conduct import (
    AppealFinding,
    AppealMeasure,
    DecideAppeal,
    DecideMeasure,
    FindingCounted,
    RecordFinding,
    ReverseFinding,
    ReviewMeasure,
)
from contracts.handling import (
    ApproveDispatch,
    DecideAnswerAppeal,
    DecideExtension,
    DispatchCase,
    ReportHandling,
    RequestExtension,
    RequestReturn,
    VerifyReport,
)
from contracts.inspections import RectificationOpened, Rectify, ReportRectification, VerifyRectification
from contracts.intake import AnswerAppealed
from contracts.message import Message
from contracts.publicity import ProposePublication, ReviewPublication
from infra.decision import Due, Subject
from services.notify.domain.publication_rules import PublicationRules
from tests.unit.services.notify.place import policy
from tests.unit.services.routing.desk import Desk
from tests.unit.services.scoring.dossier import RULES as SCORING
from tests.unit.services.scoring.dossier import rules as scoring_with
from tests.unit.services.speaking import AT, CASE, context, decided, demo

PAGE = Path(__file__).parents[3] / "docs" / "http.md"
CENTRE, OTHER_CENTRE, UNIT = "beicheng-centre", "nancheng-centre", "housing"
OFFICE, HOTLINE, REVIEWER = "city-office", "city-12345", "human-resources"
ONE, TWO, DEPUTY = f"{CENTRE}.desk-1", f"{CENTRE}.director", f"{CENTRE}.deputy"
A, B = "shared.desk-1", "shared.desk-2"
"""Posts that the directory lacks: they may act for any unit that names no posts, and so for two units."""

Refusals = list[str | None]
Run = Callable[[str | None, str | None], Refusals]
"""What is refused, or None, when one post proposes and another decides."""


class Saying:
    """A document of scoring or notify, and the refusal of each thing that is said about it."""

    def __init__(self, decide: Callable[..., Any]) -> None:
        self.decide, self.state = decide, None

    def say(self, subject: Subject, speaker: str = "", key: str = "", days: int = 0) -> str | None:
        """The code of its refusal; None when it was not refused."""
        given = context(speaker, key=key or (subject.key if isinstance(subject, Message) else CASE))
        decision = decided(self.decide(self.state, subject, given))
        self.state = decision.state
        return next((str(why.code) for event in decision.events for why in getattr(event, "reasons", ())), None)


# ---- routing


def asked(desk: Desk, kind: type[Any], unit: str, actor: str | None, **fields: Any) -> str | None:
    desk.ask(kind, unit, actor=actor, **fields)
    return desk.refusal[0] if desk.refusal else None


def own_case() -> Desk:
    """A report about everybody above the centre, which handles it itself."""
    desk = Desk.of(category="other", appeal=AppealType.REPORT, about=OFFICE)
    desk.dispatch(CENTRE, CENTRE)
    desk.sign(CENTRE)
    return desk


def units_case() -> Desk:
    """A report that a unit handles and another centre verifies."""
    desk = Desk.of(category="heating", area="nancheng", jurisdiction=OTHER_CENTRE, appeal=AppealType.REPORT)
    desk.sign(UNIT)
    return desk


def own_review(reporter: str | None, verifier: str | None, reviewer: str | None) -> Refusals:
    """A centre without a superior that may review reports, verifies and reviews."""
    desk = own_case()
    answer = {"result": HandlingResult.RESOLVED, "reply": "已办理。"}
    given = [asked(desk, ReportHandling, CENTRE, reporter, **answer)]
    given += [asked(desk, VerifyReport, CENTRE, verifier, accepted=True)]
    request: dict[str, Any] = {"channel": "web", "submission_id": "s", "external_id": "x1", "reason": "不实"}
    desk.say(AnswerAppealed(case_id=CASE, occurred_at=AT, **request), "")
    return [*given, asked(desk, DecideAnswerAppeal, CENTRE, reviewer, upheld=True, reason="属实")]


def dispatch(proposer: str | None, approver: str | None) -> Refusals:
    desk = Desk.of(category="other", instruction=Instruction(by="mayor", text="速办"))
    proposed = asked(desk, DispatchCase, CENTRE, proposer, to=UNIT)
    return [proposed, asked(desk, ApproveDispatch, CENTRE, approver, approved=True)]


def ruling(returner: str | None, dispatcher: str | None) -> Refusals:
    desk = own_case()
    returned = asked(desk, RequestReturn, CENTRE, returner, reason="不属本单位职责")
    return [returned, asked(desk, DispatchCase, CENTRE, dispatcher, to=CENTRE)]


def extension(case: Callable[[], Desk], unit: str, centre: str) -> Run:
    def run(asker: str | None, approver: str | None) -> Refusals:
        desk = case()
        requested = asked(desk, RequestExtension, unit, asker, working_days=5, reason="现场勘测")
        return [requested, asked(desk, DecideExtension, centre, approver, granted=True)]

    return run


def verification(case: Callable[[], Desk], unit: str, centre: str) -> Run:
    def run(reporter: str | None, verifier: str | None) -> Refusals:
        desk = case()
        reported = asked(desk, ReportHandling, unit, reporter, result=HandlingResult.RESOLVED, reply="已办理。")
        return [reported, asked(desk, VerifyReport, centre, verifier, accepted=True)]

    return run


# ---- scoring


def bonus(assessor: str | None, approver: str | None) -> Refusals:
    book = Saying(SCORING.decide)
    about: dict[str, Any] = {"issued_at": AT, "reference": "KP-1"}
    given: dict[str, Any] = {"kind": AssessmentKind.BONUS, "item": "merit", "about": "police", "period": "2026-11"}
    entry = RecordAssessment(body=HOTLINE, actor=assessor, points=Decimal(2), basis="处置险情", **given, **about)
    approval = ApproveAssessment(body=OFFICE, assessor=HOTLINE, actor=approver, **about)
    return [book.say(entry, HOTLINE), book.say(approval, OFFICE)]


def finding(body: str, actor: str | None) -> RecordFinding:
    given: dict[str, Any] = {"verdict": Verdict.VALID, "source": FindingSource.COMPLAINT, "happened_on": AT.date()}
    about: dict[str, Any] = {"issued_at": AT, "reference": "RD-1", "units": (UNIT,), "facts": "逾期未联系投诉人"}
    return RecordFinding(unit=body, actor=actor, **given, **about)


ABOUT: dict[str, Any] = {"issued_at": AT, "body": HOTLINE, "reference": "RD-1"}


def appealed(finder: str | None, appellant: str | None, judge: str | None) -> Refusals:
    docket = Saying(SCORING.decide)
    judged = DecideAppeal(unit=OFFICE, actor=judge, verdict=Verdict.INVALID, reason="查无实据", **ABOUT)
    return [
        docket.say(finding(HOTLINE, finder), HOTLINE),
        docket.say(AppealFinding(unit=UNIT, actor=appellant, grounds="不实", **ABOUT), UNIT),
        docket.say(judged, OFFICE),
    ]


def reversal(finder: str | None, judge: str | None) -> Refusals:
    docket = Saying(SCORING.decide)
    recorded = docket.say(finding(HOTLINE, finder), HOTLINE)
    final = SCORING.decide(docket.state, Due(), context(key=finding(HOTLINE, finder).key, at=AT.replace(year=2027)))
    docket.state = decided(final).state
    return [recorded, docket.say(ReverseFinding(unit=OFFICE, actor=judge, reason="新的证据", **ABOUT), OFFICE)]


class File(Saying):
    """The record of a unit against which a finding counts."""

    def __init__(self, finder: str | None, body: str = HOTLINE, *, severe: bool = False) -> None:
        super().__init__(scoring_with(deal_severely=severe).decide)
        subject: dict[str, Any] = {"kind": SubjectKind.UNIT, "subject": UNIT}
        fact: dict[str, Any] = {
            "finding": CASE,
            "source": FindingSource.COMPLAINT,
            "happened_on": AT.date(),
            "units": (UNIT,),
        }
        self.say(FindingCounted(unit=UNIT, occurred_at=AT, body=body, actor=finder, **subject, **fact))
        self.about = {"issued_at": AT, "proposal_id": self.held.proposals[0].id, **subject}

    @property
    def held(self) -> Any:
        return self.state

    def decided(self, actor: str | None, *measures: str) -> str | None:
        """The office decides."""
        said = DecideMeasure(unit=OFFICE, actor=actor, measures=measures, reason="首次", **self.about)
        return self.say(said, OFFICE)

    def reviewed(self, decider: str | None, appellant: str | None, judge: str | None) -> Refusals:
        """All that was proposed is decided, appealed against and reviewed."""
        appeal = AppealMeasure(unit=UNIT, actor=appellant, grounds="过重", **self.about)
        review = ReviewMeasure(unit=REVIEWER, actor=judge, stands=True, reason="适当", **self.about)
        decided = self.decided(decider, *self.held.proposals[0].proposed)
        return [decided, self.say(appeal, UNIT), self.say(review, REVIEWER)]


def own_finding(finder: str | None, decider: str | None) -> Refusals:
    return [Saying(SCORING.decide).say(finding(OFFICE, finder), OFFICE), File(finder, OFFICE).decided(decider)]


def consent(first: str | None, second: str | None) -> Refusals:
    file = File(None, severe=True)
    return [file.decided(first), file.decided(second)]


def rectification(reporter: str | None, verifier: str | None) -> Refusals:
    about: dict[str, Any] = {"body": OFFICE, "reference": "AF-1", "visit": "07", "number": 1}
    rectify = Rectify(what="公示收费标准", amount=5, unit=TimeUnit.WORKING_DAYS)
    item = Saying(SCORING.decide)
    item.say(RectificationOpened(unit=UNIT, occurred_at=AT, rectify=rectify, **about))
    report = ReportRectification(unit=UNIT, issued_at=AT, actor=reporter, done="已公示", **about)
    verify = VerifyRectification(unit=OFFICE, issued_at=AT, actor=verifier, accepted=True, reason="属实", **about)
    return [item.say(report, UNIT), item.say(verify, OFFICE)]


# ---- notify


def publication(proposer: str | None, reviewer: str | None) -> Refusals:
    posts = [post for post in demo().tables["posts"]["post"] if post["unit"] not in {OFFICE, HOTLINE}]
    notices = {"publication": {"by": [HOTLINE], "reviewed_by": OFFICE}}
    rules = PublicationRules(policy(notices=notices, posts={"post": posts}))
    words: dict[str, Any] = {
        "title_zh": "曝光",
        "title_en": "Exposed",
        "text_zh": "经查属实。",
        "text_en": "It was found so.",
    }
    about: dict[str, Any] = {"issued_at": AT, "reference": "p1"}
    proposal = ProposePublication(unit=HOTLINE, actor=proposer or A, what="exposure", about=UNIT, **words, **about)
    review = ReviewPublication(unit=OFFICE, actor=reviewer or B, by=HOTLINE, approved=True, reason="属实", **about)
    paper = Saying(rules.decide)
    return [paper.say(proposal, HOTLINE), paper.say(review, OFFICE)]


class Pair(NamedTuple):
    """Who proposes and who decides."""

    proposal: type[Message]
    decision: type[Message]
    run: Run


WITHIN_A_UNIT = (
    Pair(DispatchCase, ApproveDispatch, dispatch),
    Pair(RequestReturn, DispatchCase, ruling),
    Pair(RequestExtension, DecideExtension, extension(own_case, CENTRE, CENTRE)),
    Pair(ReportHandling, VerifyReport, verification(own_case, CENTRE, CENTRE)),
    Pair(ReportHandling, DecideAnswerAppeal, lambda one, two: own_review(one, DEPUTY, two)[::2]),
    Pair(VerifyReport, DecideAnswerAppeal, lambda one, two: own_review(DEPUTY, one, two)[1:]),
    Pair(RecordFinding, DecideMeasure, own_finding),
    Pair(DecideMeasure, DecideMeasure, consent),
)
BETWEEN_UNITS = (
    Pair(RequestExtension, DecideExtension, extension(units_case, UNIT, OTHER_CENTRE)),
    Pair(ReportHandling, VerifyReport, verification(units_case, UNIT, OTHER_CENTRE)),
    Pair(RecordAssessment, ApproveAssessment, bonus),
    Pair(RecordFinding, DecideAppeal, lambda one, two: appealed(one, None, two)),
    Pair(AppealFinding, DecideAppeal, lambda one, two: appealed(None, one, two)),
    Pair(RecordFinding, ReverseFinding, reversal),
    Pair(RecordFinding, ReviewMeasure, lambda one, two: File(one).reviewed(B, None, two)),
    Pair(DecideMeasure, ReviewMeasure, lambda one, two: File(None).reviewed(one or A, None, two)),
    Pair(AppealMeasure, ReviewMeasure, lambda one, two: File(None).reviewed(B, one, two)),
    Pair(ReportRectification, VerifyRectification, rectification),
    Pair(ProposePublication, ReviewPublication, publication),
)


def name(pair: Pair) -> str:
    return f"{pair.proposal.__name__}-{pair.decision.__name__}"


@pytest.mark.parametrize("pair", WITHIN_A_UNIT, ids=name)
def test_within_a_unit_two_named_posts_decide_and_nothing_less(pair: Pair) -> None:
    one, two = (ONE, TWO) if pair.proposal in REGISTERED_AT_THE_CENTRE else (A, B)
    assert pair.run(one, two) == [None, None]
    assert pair.run(one, one) == [None, "consent-missing" if pair.proposal is pair.decision else "same-actor"]
    assert pair.run(one, None) == [None, "actor-missing"]
    assert pair.run(None, two)[0] == "actor-missing"


@pytest.mark.parametrize("pair", BETWEEN_UNITS, ids=name)
def test_between_units_one_post_does_not_act_for_both(pair: Pair) -> None:
    assert set(pair.run(A, "shared.desk-3")) == {None}
    *before, refused = pair.run(A, A)
    assert (set(before), refused) == ({None}, "same-actor")
    assert set(pair.run(None, None)) == {None}, "without posts, the units are two"


REGISTERED_AT_THE_CENTRE = {DispatchCase, RequestReturn, RequestExtension, ReportHandling, VerifyReport}
"""Commands of the centre, whose posts are in the directory."""


@pytest.mark.parametrize(("decide", "accept"), [(VerifyReport, "accepted"), (DecideExtension, "granted")])
def test_what_an_unnamed_desk_proposed_is_declined_by_a_named_post_of_it(decide: type[Any], accept: str) -> None:
    """The unit above the centre has gone since: nothing waits for ever."""
    desk = own_case()
    kind, fields = (
        (ReportHandling, {"result": HandlingResult.RESOLVED, "reply": "已办理。"})
        if decide is VerifyReport
        else (RequestExtension, {"working_days": 5, "reason": "现场勘测"})
    )
    desk.ask(kind, CENTRE, actor=ONE, **fields)
    part = "reported" if decide is VerifyReport else "extension"
    waiting = getattr(desk.held, part).model_copy(update={"by": None})
    desk.case = desk.held.model_copy(update={part: waiting})
    assert asked(desk, decide, CENTRE, TWO, **{accept: True}) == "actor-missing"
    assert asked(desk, decide, CENTRE, None, reason="重办", **{accept: False}) == "actor-missing"
    assert asked(desk, decide, CENTRE, TWO, reason="重办", **{accept: False}) is None


def test_the_table_of_the_documentation_names_these_pairs_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(set(rows)) == sorted(
        {(pair.proposal.__name__, pair.decision.__name__) for pair in (*WITHIN_A_UNIT, *BETWEEN_UNITS)}
    )
    assert len(rows) == len(set(rows))
