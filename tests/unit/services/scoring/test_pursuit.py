"""四个一律 (S4) as switches of a place: pursued to the end, dealt with severely, the leader held, made public."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.codes import SubjectKind
from contracts.conduct import MeasureConsentRequested, MeasureDecided, MeasureProposed, ProposalExpired
from infra.decision import Decision, Due
from services.scoring.conduct_views import ConductViews
from tests.unit.services.scoring.dossier import DAY, OFFICE, POST, UNIT, File, counted, refused, rules, uncounted
from tests.unit.services.speaking import AT, only, read

MILD = rules(pursue_to_the_end=False, expires_days=60)
SEVERE = rules(deal_severely=True)
DIRECTOR, DEPUTY = "city-office.director", "city-office.deputy"


def facts(decision: Decision[Any]) -> list[MeasureDecided]:
    return [event for event in read(decision.events) if isinstance(event, MeasureDecided)]


def test_what_is_pursued_to_the_end_stays_open_until_somebody_has_decided() -> None:
    file = File(counted(1))
    assert file.by.due(file.held) is None
    assert file.hear(Due(), days=3_650).events == ()
    assert file.by.is_open(file.held)
    assert facts(file.decide("training", days=3_650))


def test_what_is_not_pursued_to_the_end_expires() -> None:
    file = File(counted(1), by=MILD)
    assert file.by.due(file.held) == AT + 60 * DAY
    assert file.hear(Due(), days=59).events == ()
    assert only(ProposalExpired, file.hear(Due(), days=60).events).unit == OFFICE
    assert (file.by.due(file.held), file.by.is_open(file.held)) == (None, False)
    assert refused(file.decide("training", days=61)) == [("proposal-closed", None)]


def test_what_was_decided_does_not_expire() -> None:
    file = File(counted(1), by=MILD)
    file.decide("training")
    assert file.by.due(file.held) is None
    assert file.hear(Due(), days=60).events == ()


def test_what_has_expired_is_proposed_again_only_with_something_new() -> None:
    file = File(counted(1), by=MILD)
    file.hear(Due(), days=60)
    assert only(MeasureProposed, file.hear(counted(2), days=61).events).step == "post-2"
    assert [type(event).__name__ for event in file.hear(uncounted(2), days=62).events] == ["ProposalLapsed"]


@pytest.mark.parametrize(
    ("measures", "consent", "code"),
    [
        (("admonition-talk",), "city-office.director", "same-actor"),
        (("admonition-talk",), POST, "actor-recused"),
        (("admonition-talk",), "city-12345.desk-1", "same-actor"),
    ],
)
def test_where_it_is_dealt_with_severely_nobody_leaves_anything_out_alone(
    measures: tuple[str, ...], consent: str, code: str
) -> None:
    file = File(counted(1), by=SEVERE)
    assert refused(file.decide(*measures, consent=consent)) == [(code, "consent")]
    assert file.by.is_open(file.held)


@pytest.mark.parametrize("measures", [(), ("admonition-talk",)])
def test_with_the_consent_of_a_second_post_something_is_left_out(measures: tuple[str, ...]) -> None:
    decision = File(counted(1), by=SEVERE).decide(*measures, consent=DEPUTY)
    assert {(fact.measures, fact.consent) for fact in facts(decision)} == {(measures, DEPUTY)}


@pytest.mark.parametrize("measures", [(), ("admonition-talk",), ("dismissal",)])
def test_a_second_post_consents_by_deciding_the_same(measures: tuple[str, ...]) -> None:
    file = File(counted(1), by=SEVERE)
    asked = only(MeasureConsentRequested, file.decide(*measures, reason="情节轻微").events)
    assert (asked.unit, asked.measures, asked.actor, asked.reason) == (OFFICE, measures, DIRECTOR, "情节轻微")
    assert file.by.is_open(file.held)
    assert refused(file.decide(*measures)) == [("consent-missing", "consent")]
    agreed = facts(file.decide(*measures[::-1], actor=DEPUTY, reason="同意"))
    assert {(fact.measures, fact.actor, fact.consent, fact.reason) for fact in agreed} == {
        (measures, DIRECTOR, DEPUTY, "情节轻微")
    }
    assert file.held.proposals[-1].draft is None


def test_who_decides_otherwise_asks_for_consent_to_that_instead() -> None:
    file = File(counted(1), by=SEVERE)
    file.decide()
    asked = only(MeasureConsentRequested, file.decide("admonition-talk", actor=DEPUTY).events)
    assert (asked.measures, asked.actor) == (("admonition-talk",), DEPUTY)
    assert {fact.consent for fact in facts(file.decide("admonition-talk"))} == {DIRECTOR}


def test_a_decision_that_waits_for_consent_is_gone_once_everything_is_taken() -> None:
    file = File(counted(1), by=SEVERE)
    file.decide()
    assert {fact.consent for fact in facts(file.decide("admonition-talk", "no-top-grade", actor=DEPUTY))} == {None}
    assert file.held.proposals[-1].draft is None


@pytest.mark.parametrize(("unit", "shown"), [(OFFICE, True), (UNIT, False)])
async def test_a_decision_that_waits_for_consent_is_shown_to_the_deciding_body_alone(unit: str, shown: bool) -> None:
    file = File(counted(1), by=SEVERE)
    file.decide()

    class Kept:
        async def state_of(self, _key: str) -> Any:
            return file.held.model_dump(mode="json")

    views = ConductViews(Kept(), lambda: SEVERE.limits, lambda: SEVERE.conduct)  # type: ignore[arg-type]
    found = await views.record(SubjectKind.POST, POST, unit)
    assert found is not None
    assert [each.draft is not None for each in found.proposals] == [shown]


def test_whoever_takes_all_that_was_proposed_or_more_needs_no_consent() -> None:
    decision = File(counted(1), by=SEVERE).decide("admonition-talk", "no-top-grade", "training")
    assert {fact.consent for fact in facts(decision)} == {None}


def test_where_it_is_not_dealt_with_severely_one_post_may_leave_everything_out() -> None:
    assert {fact.measures for fact in facts(File(counted(1)).decide())} == {()}


@pytest.mark.parametrize(
    ("publish", "measures", "put_up"),
    [(True, ("training",), True), (True, (), False), (False, ("training",), False)],
)
def test_a_measure_that_is_taken_is_put_up_for_publication_where_the_place_wants_it(
    publish: bool, measures: tuple[str, ...], put_up: bool
) -> None:
    """S4: 一律向社会公开."""
    decision = File(counted(1), by=rules(publish=publish)).decide(*measures)
    assert [(fact.unit, fact.publish) for fact in facts(decision)] == [(UNIT, put_up), (OFFICE, put_up)]


def test_the_switches_hold_for_units_too() -> None:
    file = File(of=SubjectKind.UNIT, subject=UNIT, by=SEVERE)
    file.hear(counted(1, kind=SubjectKind.UNIT, subject=UNIT))
    assert only(MeasureConsentRequested, file.decide().events).subject == UNIT
