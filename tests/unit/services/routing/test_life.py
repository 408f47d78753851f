"""Any life of a case: whatever is said by whomever, exactly one unit answers for it, and never one complained about."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.codes import AppealType
from contracts.routing import CaseAssigned, CaseClosed, CaseQueued, CaseSigned, CommandRefused
from services.routing.domain.case import Case
from tests.unit.services.routing.desk import AREAS, CATEGORIES, CENTRES, RULES, UNITS, Desk, recused
from tests.unit.services.speaking import context, decided, read, registered

units = st.sampled_from([*UNITS, "atlantis"])
role = st.sampled_from(["asked", "responsible", "centre", "refuser"])


class Life(RuleBasedStateMachine):
    """Random commands, legal and illegal. What the events say is kept beside what the state says."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.owner: str | None = None
        self.place: str | None = None
        self.closed = False
        self.returns = 0

    @initialize(
        category=st.sampled_from(CATEGORIES),
        area=st.sampled_from(AREAS),
        appeal=st.sampled_from(AppealType),
        about=st.none() | st.sampled_from(list(UNITS)),
    )
    def register(self, category: str, area: str, appeal: AppealType, about: str | None) -> None:
        """A case begins."""
        message = registered(category=category, area=area, appeal=appeal, about=about, jurisdiction=CENTRES[area])
        self.follow(self.desk.say(message, ""), refusable=False)

    @rule(who=role, other=units)
    def sign(self, who: str, other: str) -> None:
        self.follow(self.desk.sign(self.somebody(who, other)))

    @rule(unit=units)
    def sign_by_anybody(self, unit: str) -> None:
        self.follow(self.desk.sign(unit))

    @rule(who=role, other=units)
    def give_back(self, who: str, other: str) -> None:
        self.follow(self.desk.give_back(self.somebody(who, other)))

    @rule(who=role, other=units)
    def report(self, who: str, other: str) -> None:
        self.follow(self.desk.report(self.somebody(who, other)))

    @rule(to=units, binding=st.booleans())
    def dispatch(self, to: str, binding: bool) -> None:
        self.follow(self.desk.dispatch(self.desk.held.centre, to, binding=binding))

    @rule(unit=units, to=units)
    def dispatch_by_anybody(self, unit: str, to: str) -> None:
        self.follow(self.desk.dispatch(unit, to))
        if unit != self.desk.held.centre:
            assert self.desk.refusal is not None

    @rule(unit=units, accepted=st.booleans(), reason=st.sampled_from(["", "问题仍在"]))
    def verify_by_anybody(self, unit: str, accepted: bool, reason: str) -> None:
        self.follow(self.desk.verify(unit, accepted=accepted, reason=reason))

    @rule(accepted=st.booleans(), reason=st.sampled_from(["", "问题仍在"]))
    def verify(self, accepted: bool, reason: str) -> None:
        self.follow(self.desk.verify(self.desk.held.centre, accepted=accepted, reason=reason))

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.desk.later(hours=hours)

    @precondition(lambda self: self.desk.case is not None)
    @rule()
    def register_again(self) -> None:
        before = self.desk.case
        assert self.desk.say(registered(), "") == []
        assert self.desk.case == before

    def somebody(self, who: str, other: str) -> str:
        case = self.desk.held
        found = {
            "asked": case.asked,
            "responsible": case.responsible,
            "centre": case.centre,
            "refuser": case.refusers[-1] if case.refusers else None,
        }[who]
        return found or other

    def follow(self, events: list[Any], *, refusable: bool = True) -> None:
        """What receivers of the events believe."""
        refused = [event for event in events if isinstance(event, CommandRefused)]
        if refused:
            assert refusable
            assert self.desk.refusal is not None, "every refusal has a code"
            assert events == refused, "a refusal changes nothing"
            return
        assert events, "what is not refused is announced"
        for event in events:
            if isinstance(event, CaseAssigned):
                self.owner, self.place = event.responsible, event.unit
            elif isinstance(event, CaseQueued):
                self.owner, self.place = event.responsible, None
                self.returns += event.returned_by is not None
            elif isinstance(event, CaseSigned):
                self.owner = event.unit
                assert event.unit == self.place, "only who was asked signs"
            elif isinstance(event, CaseClosed):
                assert event.unit == self.owner, "only who is responsible closes"
                assert not self.closed
                self.closed = True

    @invariant()
    def what_was_announced_is_what_is_so(self) -> None:
        case = self.desk.held
        assert (case.responsible, case.asked, case.closed) == (self.owner, self.place, self.closed)
        assert len(case.refusers) == self.returns

    @invariant()
    def exactly_one_known_unit_answers_and_it_is_not_recused(self) -> None:
        case = self.desk.held
        assert case.responsible in UNITS
        nobody_above = case.about is not None and "parent" not in UNITS[case.about]
        for unit in {case.responsible, case.centre, case.asked or case.centre}:
            assert not recused(unit, case.about) or (nobody_above and unit == case.centre)

    @invariant()
    def the_case_is_with_somebody_or_in_a_queue_or_closed(self) -> None:
        case = self.desk.held
        assert case.closed or case.queued or case.asked in UNITS
        assert not case.signed or case.asked == case.responsible
        assert not (case.queued and (case.signed or case.binding))

    @invariant()
    def the_state_survives_being_saved(self) -> None:
        assert Case.model_validate(self.desk.held.model_dump(mode="json")) == self.desk.held

    def teardown(self) -> None:
        """The same inputs make the same state and the same events."""
        case: Case | None = None
        events = []
        for n, (subject, speaker, at) in enumerate(self.desk.said, 1):
            decision = decided(RULES.decide(case, subject, context(speaker, at=at, message_id=f"m{n}")))
            case = decision.state
            events += decision.events
        assert case == self.desk.case
        assert events == self.desk.events
        assert read(events) == self.desk.events


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
test_any_life_of_a_case = Life.TestCase
