"""Publications: proposed by one unit, decided about by a person of another, public until they are withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.board import PublicationReleased, PublicationWithdrawn
from contracts.codes import RefusalCode, SubjectKind
from contracts.conduct import MeasureDecided, MeasureReversed, subject_key
from contracts.message import Message
from contracts.publicity import (
    ProposePublication,
    PublicationApproved,
    PublicationDeclined,
    PublicationOwed,
    PublicationProposed,
    PublicationRefused,
    PublicationTakenBack,
    PublicationVoided,
    ReviewPublication,
    WithdrawPublication,
    publication_key,
)
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context, Decision, Due, Problem, Unreadable
from services.notify.domain.measure import Measure, MeasureRules
from services.notify.domain.notice import LEASE
from services.notify.domain.publication import Publication, Stage
from services.notify.domain.publication_rules import PublicationRules, key_of_publicity
from services.notify.domain.rules import Rules
from tests.unit.services.notify.place import policy
from tests.unit.services.speaking import AT, context, demo, read, told

BY, OFFICE, PERSONNEL, NAMED = "city-12345", "city-office", "human-resources", "police-beicheng"
NOTICES = {
    "publication": {"by": [BY, OFFICE], "reviewed_by": OFFICE, "reviewed_otherwise_by": [PERSONNEL]},
}
POSTS = {"post": [{"id": f"{unit}.head", "unit": unit} for unit in (BY, OFFICE, PERSONNEL, NAMED)]}
POLICY = policy(notices=NOTICES, posts=POSTS)
RULES = PublicationRules(POLICY)
KEY = publication_key(BY, "p1")
WORDS = {"title_zh": "曝光", "title_en": "Exposed", "text_zh": "经查属实。", "text_en": "It was found so."}


def propose(by: str = BY, **changes: Any) -> ProposePublication:
    given = {"unit": by, "issued_at": AT, "actor": f"{by}.head", "reference": "p1", "what": "exposure", "about": NAMED}
    return ProposePublication(**{**given, **WORDS, **changes})


def review(unit: str = OFFICE, *, approved: bool = True, **changes: Any) -> ReviewPublication:
    given = {"unit": unit, "issued_at": AT, "actor": f"{unit}.head", "by": BY, "reference": "p1", "reason": "属实"}
    return ReviewPublication(**{**given, "approved": approved, **changes})


def withdraw(by: str = BY, **changes: Any) -> WithdrawPublication:
    given = {"unit": by, "issued_at": AT, "actor": f"{by}.head", "by": BY, "reference": "p1", "reason": "已整改"}
    return WithdrawPublication(**{**given, **changes})


def by_topic(message: Message, days: float = 0) -> Context:
    return context(getattr(message, "unit", ""), key=KEY, at=AT + timedelta(days=days))


def after(*messages: Message, rules: PublicationRules = RULES) -> Decision[Publication]:
    """The last decision, when all of these were said."""
    decision: Decision[Publication] = Decision(None)
    for message in messages:
        decision = rules.decide(decision.state, message, by_topic(message))
    return decision


def state(*messages: Message) -> Publication:
    kept = after(*messages).state
    assert kept is not None
    return kept


def refused(decision: Decision[Publication]) -> tuple[str, str | None]:
    (event,) = read(decision.events)
    assert isinstance(event, PublicationRefused)
    (reason,) = told(event.reasons)
    return reason


def test_what_is_proposed_waits_for_another_unit_which_hears_of_it_twice():
    decision = after(propose())
    proposed = [each for each in read(decision.events) if isinstance(each, PublicationProposed)]
    assert [(each.unit, each.reviewer) for each in proposed] == [(BY, OFFICE), (OFFICE, OFFICE)]
    (owed,) = [each for each in decision.events if isinstance(each, StaffNoticeOwed)]
    assert (owed.to, owed.what) == (OFFICE, "publication-review")
    assert {each.name for each in owed.facts} == {"title", "draft", "unit-name"}
    assert not any(isinstance(each, PublicationReleased) for each in decision.events)


def test_a_person_of_the_reviewing_unit_lets_it_be_public():
    decision = after(propose(), review())
    assert [type(each) for each in read(decision.events)] == [
        PublicationApproved,
        PublicationApproved,
        PublicationReleased,
    ]
    released = decision.events[-1]
    assert isinstance(released, PublicationReleased)
    assert (released.about, released.text_zh, released.topic) == (NAMED, WORDS["text_zh"], "board.events")
    kept = state(propose(), review())
    assert (kept.stage, kept.public_since, kept.reviewed_by) == (Stage.PUBLIC, AT, f"{OFFICE}.head")
    assert not RULES.is_open(kept)


def test_what_is_approved_for_a_later_day_is_public_on_that_day_and_not_before():
    day = AT + timedelta(days=2)
    decision = after(propose(), review(public_at=day))
    assert not any(isinstance(each, PublicationReleased) for each in decision.events)
    kept = state(propose(), review(public_at=day))
    assert (RULES.due(kept), RULES.is_open(kept), kept.public_since) == (day, True, None)
    early = RULES.decide(kept, Due(), context(key=KEY, at=AT + timedelta(days=1)))
    assert (early.state, early.events) == (kept, ())
    then = RULES.decide(kept, Due(), context(key=KEY, at=day))
    assert [type(each) for each in then.events] == [PublicationReleased]


def test_what_is_declined_is_never_public():
    decision = after(propose(), review(approved=False))
    assert [type(each) for each in read(decision.events)] == [PublicationDeclined, PublicationDeclined]
    kept = state(propose(), review(approved=False))
    assert (kept.stage, kept.public_since, RULES.due(kept)) == (Stage.DECLINED, None, None)


@pytest.mark.parametrize("by", [BY, OFFICE])
def test_either_unit_takes_back_what_is_public_and_everybody_is_told(by: str):
    decision = after(propose(), review(), withdraw(by))
    assert [type(each) for each in read(decision.events)] == [
        PublicationTakenBack,
        PublicationTakenBack,
        PublicationWithdrawn,
    ]
    assert state(propose(), review(), withdraw(by)).public_since is None


def test_what_was_not_public_is_taken_back_without_a_word_to_the_public():
    decision = after(propose(), withdraw())
    assert [type(each) for each in decision.events] == [PublicationTakenBack, PublicationTakenBack]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ((propose(NAMED),), RefusalCode.NOT_PROPOSER, "unit"),
        ((propose(about="atlantis"),), RefusalCode.UNIT_UNKNOWN, "about"),
        ((propose(what="gossip"),), RefusalCode.CODE_UNKNOWN, "what"),
        ((propose(actor="city-office.head"),), RefusalCode.ACTOR_UNKNOWN, "actor"),
        ((propose(OFFICE, about=PERSONNEL),), RefusalCode.NOBODY_REVIEWS, "about"),
        ((propose(), propose(text_zh="另一段。")), RefusalCode.PUBLICATION_EXISTS, "reference"),
        ((review(),), RefusalCode.PUBLICATION_UNKNOWN, "reference"),
        ((withdraw(),), RefusalCode.PUBLICATION_UNKNOWN, "reference"),
        ((propose(), review(BY)), RefusalCode.OWN_REVIEW, "unit"),
        ((propose(), review(NAMED)), RefusalCode.OWN_REVIEW, "unit"),
        ((propose(), review(PERSONNEL)), RefusalCode.NOT_REVIEWER, "unit"),
        ((propose(), review(actor="city-12345.head")), RefusalCode.ACTOR_UNKNOWN, "actor"),
        ((propose(), review(), review(approved=False)), RefusalCode.PUBLICATION_DECIDED, "reference"),
        ((propose(), review(approved=False), review()), RefusalCode.PUBLICATION_DECIDED, "reference"),
        ((propose(), withdraw(), review()), RefusalCode.PUBLICATION_OVER, "reference"),
        ((propose(), withdraw(), withdraw()), RefusalCode.PUBLICATION_OVER, "reference"),
        ((propose(), withdraw(NAMED)), RefusalCode.NOT_CONCERNED, "unit"),
        ((propose(), withdraw(actor="somebody")), RefusalCode.ACTOR_UNKNOWN, "actor"),
    ],
)
def test_what_the_rules_forbid_is_refused_with_the_rule(said: tuple[Message, ...], code: RefusalCode, field: str):
    decision = after(*said)
    assert refused(decision) == (code, field)
    assert decision.state == (after(*said[:-1]).state if len(said) > 1 else None)


def test_the_same_proposal_again_changes_nothing():
    assert after(propose(), propose()).events == ()


def test_whoever_speaks_is_who_the_topic_says():
    forged = review(OFFICE)
    decision = RULES.decide(state(propose()), forged, context(BY, key=KEY))
    assert refused(decision) == (RefusalCode.OWN_REVIEW, "unit")
    assert decision.events[0].topic == f"published.{BY}"
    assert key_of_publicity(propose(OFFICE), BY) == KEY


def test_the_office_does_not_review_what_it_proposes_or_what_names_it():
    kept = after(propose(OFFICE)).state
    assert kept is not None
    assert kept.reviewer == PERSONNEL
    assert RULES.reviewer(BY, OFFICE) == PERSONNEL
    assert RULES.reviewer(BY, NAMED) == OFFICE


def test_a_command_that_cannot_be_read_is_answered_on_the_units_own_topic():
    rules = Rules.from_tables("demo", {**demo().tables, "notices": NOTICES}, LEASE)
    broken = Unreadable(ReviewPublication.TYPE, (Problem("reason", "missing"),), topic="publicity.{unit}")
    decision = rules.decide(None, broken, context(OFFICE))
    assert isinstance(decision, Decision)
    (event,) = read(decision.events)
    assert (event.topic, event.command) == (f"published.{OFFICE}", ReviewPublication.TYPE)
    assert told(event.reasons) == [("malformed", "reason: missing")]


# ---- measures

PROPOSAL = "2acb2d58-f5e3-5a3b-a86c-29f43ccb3f55"
POST = f"{NAMED}.head"


def measure(unit: str = NAMED, *, publish: bool = True, **changes: Any) -> MeasureDecided:
    given = {
        "unit": unit,
        "occurred_at": AT,
        "kind": SubjectKind.POST,
        "subject": POST,
        "proposal_id": PROPOSAL,
        "measures": ("admonition-talk",),
        "by": OFFICE,
        "actor": f"{OFFICE}.head",
        "reason": "逾期未联系群众",
        "appeal_until": AT + timedelta(days=15),
    }
    return MeasureDecided(**{**given, "publish": publish, **changes})


MEASURES = MeasureRules.from_tables(POLICY, demo().tables)
REVERSED = MeasureReversed(
    unit=NAMED, occurred_at=AT, kind=SubjectKind.POST, subject=POST, proposal_id=PROPOSAL, reason="查无实据"
)


def of_measure(*messages: Message) -> Decision[Measure]:
    decision: Decision[Measure] = Decision(None)
    for message in messages:
        decision = MEASURES.decide(decision.state, message, context(key=subject_key("post", POST)))
    return decision


def test_a_measure_that_is_to_be_published_is_put_up_once_though_it_is_told_twice():
    (owed,) = read(of_measure(measure()).events)
    assert isinstance(owed, PublicationOwed)
    assert (owed.by, owed.about, owed.what) == (OFFICE, NAMED, "exposure")
    assert of_measure(measure(), measure(OFFICE)).events == ()
    assert of_measure(measure(publish=False)).events == ()


def test_the_words_of_a_measure_name_the_unit_and_never_the_post_or_the_reason():
    (owed,) = of_measure(measure()).events
    written = owed.model_dump_json()
    assert POST not in written
    assert "逾期未联系群众" not in written
    assert "诫勉谈话" in written


def test_a_measure_is_reviewed_by_whoever_did_not_decide_it_and_reversed_it_is_not_public():
    (owed,) = of_measure(measure()).events
    assert isinstance(owed, PublicationOwed)
    kept = after(owed).state
    assert kept is not None
    assert (kept.reviewer, kept.proposed_by, kept.stage) == (PERSONNEL, None, Stage.PROPOSED)
    approval = review(PERSONNEL, by=OFFICE, reference=owed.reference)
    assert state(owed, approval).stage is Stage.PUBLIC
    (voided,) = of_measure(measure(), REVERSED).events
    assert isinstance(voided, PublicationVoided)
    gone = after(owed, approval, voided)
    assert [type(each) for each in gone.events] == [PublicationTakenBack, PublicationTakenBack, PublicationWithdrawn]
    assert after(owed, approval, voided, voided).events == ()


def test_a_reversed_measure_keeps_no_letter_and_says_so_once():
    decision = of_measure(measure(), REVERSED)
    assert decision.state is not None
    assert decision.state.letters[0].reversed_at == AT
    assert of_measure(measure(), REVERSED, REVERSED).events == ()
    assert of_measure(REVERSED).state is None


def test_where_nobody_may_review_it_the_deciding_unit_hears_why():
    alone = replace(POLICY, table=policy(notices={"publication": {"by": [BY], "reviewed_by": OFFICE}}).table)
    (owed,) = of_measure(measure()).events
    decision = after(owed, rules=PublicationRules(alone))
    assert refused(decision) == (RefusalCode.NOBODY_REVIEWS, "about")
    assert (decision.state, decision.events[0].topic) == (None, f"published.{OFFICE}")


def test_the_basis_of_a_letter_is_that_of_the_step_that_proposes_it():
    assert (
        MEASURES.basis(SubjectKind.POST, ("admonition-talk", "no-top-grade"))
        == "市直机关首办(首问)责任制实施办法(试行)"
    )
    assert MEASURES.basis(SubjectKind.POST, ("beheading",)) is None
