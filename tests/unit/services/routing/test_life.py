"""Any life of a case: whatever is said by whomever, exactly one unit answers for it, and never one complained about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.channel import Instruction
from contracts.codes import AppealType, Ending, HandlingResult, PauseReason
from contracts.handling import (
    CancelSubtask,
    DecideExtension,
    DeclineSubtask,
    DispatchCase,
    ExplainDelay,
    InviteCoHandler,
    ReassignCase,
    ReopenCase,
    ReportHandling,
    ReportSubtask,
    RequestExtension,
    RequestReturn,
    RequestTransfer,
    ResumeCase,
    SuspendCase,
    UnitCommand,
    VerifyReport,
)
from contracts.intake import CaseEnded, CaseMerged, CaseUnmerged, FollowerAdded, FollowerRemoved
from contracts.message import Event, case_id_for
from contracts.routing import (
    CaseAssigned,
    CaseClosed,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    CaseResumed,
    CaseSigned,
    CommandRefused,
    LeadingCaseClosed,
    LeadingCaseEnded,
    SuspensionEnded,
)
from infra.decision import Due
from services.routing.domain.case import Case
from tests.unit.services.routing.desk import AREAS, CATEGORIES, CENTRES, RULES, UNITS, Desk, recused
from tests.unit.services.routing.rebuilding import Rebuilt
from tests.unit.services.speaking import CASE, context, decided, read, registered

units = st.sampled_from([*UNITS, "atlantis"])
others = st.sampled_from([case_id_for("web", other) for other in ("one", "two")])
role = st.sampled_from(["asked", "responsible", "centre", "refuser"])


class Life(RuleBasedStateMachine):
    """Random commands, legal and illegal. What the events say is kept beside what the state says."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.owner: str | None = None
        self.place: str | None = None
        self.closed = False
        self.ended = False
        self.returns = 0
        self.leading: str | None = None
        self.followers: set[str] = set()

    @initialize(
        category=st.sampled_from(CATEGORIES),
        area=st.sampled_from(AREAS),
        appeal=st.sampled_from(AppealType),
        about=st.none() | st.sampled_from(list(UNITS)),
        instruction=st.none() | st.just(Instruction(by="mayor", text="速办")),
    )
    def register(
        self, category: str, area: str, appeal: AppealType, about: str | None, instruction: Instruction | None
    ) -> None:
        """A case begins."""
        message = registered(
            category=category,
            area=area,
            appeal=appeal,
            about=about,
            instruction=instruction,
            jurisdiction=CENTRES[area],
        )
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

    @rule(
        who=role,
        other=units,
        to=units,
        command=st.sampled_from([ReassignCase, RequestTransfer, ReopenCase, InviteCoHandler, CancelSubtask]),
    )
    def move(self, who: str, other: str, to: str, command: type[UnitCommand]) -> None:
        fields: dict[type, dict[str, Any]] = {
            ReopenCase: {"reason": "重办"},
            InviteCoHandler: {"to": to, "task": "协办"},
            CancelSubtask: {"of": to, "reason": "不需要"},
        }
        more = fields.get(command, {"to": to, "reason": "改派"})
        self.follow(self.desk.ask(command, self.somebody(who, other), **more))

    @rule(
        who=role,
        other=units,
        command=st.sampled_from([SuspendCase, ResumeCase, RequestExtension, DecideExtension, ExplainDelay]),
        reason=st.sampled_from(PauseReason),
    )
    def postpone(self, who: str, other: str, command: type[UnitCommand], reason: PauseReason) -> None:
        fields: dict[type, dict[str, Any]] = {
            SuspendCase: {"reason": reason, "note": "暂缓"},
            RequestExtension: {"working_days": 5, "reason": "延期"},
            DecideExtension: {"granted": reason is PauseReason.SHELVED, "reason": "审批"},
            ExplainDelay: {"reason": "延期", "promised_at": self.desk.at + timedelta(days=1)},
        }
        self.follow(self.desk.ask(command, self.somebody(who, other), **fields.get(command, {})))

    @rule(unit=units, reported=st.booleans())
    def answer_a_part(self, unit: str, reported: bool) -> None:
        open_parts = [task.unit for task in self.desk.held.subtasks]
        unit = open_parts[0] if open_parts else unit
        if reported:
            self.follow(self.desk.ask(ReportSubtask, unit, reply="已办"))
        else:
            self.follow(self.desk.ask(DeclineSubtask, unit, reason="不属职责"))

    @rule(approved=st.booleans(), actor=st.sampled_from(["desk-1", "director"]))
    def approve(self, approved: bool, actor: str) -> None:
        centre = self.desk.held.centre
        self.follow(self.desk.approve(centre, f"{centre}.{actor}", approved=approved, reason="审批意见"))

    @rule(
        command=st.sampled_from([ReportHandling, VerifyReport, RequestReturn, RequestExtension, DecideExtension]),
        of_centre=st.booleans(),
        actor=st.sampled_from(["desk-1", "director"]),
    )
    def act_by_a_post(self, command: type[UnitCommand], of_centre: bool, actor: str) -> None:
        """Named posts report, return, ask for time and decide about it, also where both are of one unit."""
        fields: dict[type, dict[str, Any]] = {
            ReportHandling: {"result": HandlingResult.RESOLVED, "reply": "已办理。"},
            VerifyReport: {"accepted": True},
            RequestReturn: {"reason": "不属本单位"},
            RequestExtension: {"working_days": 5, "reason": "延期"},
            DecideExtension: {"granted": True},
        }
        case = self.desk.held
        unit = case.centre if of_centre else case.asked or case.centre
        self.follow(self.desk.ask(command, unit, actor=f"{unit}.{actor}", **fields[command]))

    @rule(to=units, actor=st.none() | st.sampled_from(["desk-1", "director"]))
    def dispatch_by_a_post(self, to: str, actor: str | None) -> None:
        centre = self.desk.held.centre
        named = None if actor is None else f"{centre}.{actor}"
        self.follow(self.desk.ask(DispatchCase, centre, to=to, actor=named))

    @rule()
    def end_by_intake(self) -> None:
        was_closed = self.desk.held.closed
        ended = CaseEnded(case_id=CASE, occurred_at=self.desk.at, ending=Ending.WITHDRAWN, policy="v")
        events = self.desk.say(ended, "")
        assert not (was_closed and events)
        self.released(events)
        self.closed, self.ended, self.leading = True, self.ended or not was_closed, None
        self.place = self.desk.held.asked

    @rule()
    def due(self) -> None:
        events = self.desk.say(Due(), "")
        assert {type(event) for event in events} <= {CaseResumed, SuspensionEnded}

    @rule(into=others)
    def merge(self, into: str) -> None:
        """Into another case; what follows it, or is closed, or follows another already, stays as it is."""
        free = not self.closed and self.leading is None and into not in self.followers
        said = CaseMerged(case_id=CASE, occurred_at=self.desk.at, into=into, into_number="BC-20261123-000002")
        events = self.desk.say(said, "")
        assert bool(events) == free
        if free:
            self.follow(events)

    @rule(leading=others, by_clerk=st.booleans())
    def go_on_alone(self, leading: str, by_clerk: bool) -> None:
        """The merger was undone, or the leading case has ended without an answer."""
        at, follows = self.desk.at, self.leading == leading
        said = (
            CaseUnmerged(case_id=CASE, occurred_at=at, out_of=leading)
            if by_clerk
            else LeadingCaseEnded(case_id=CASE, occurred_at=at, leading=leading)
        )
        events = self.desk.say(said, "")
        assert bool(events) == follows
        if follows:
            self.leading = None
            self.follow(events)

    @precondition(lambda self: self.leading is not None)
    @rule(unit=st.sampled_from(list(UNITS)))
    def hear_the_answer(self, unit: str) -> None:
        """The leading case is answered: so is this one, unless whoever answered is recused here."""
        assert self.leading is not None
        said = LeadingCaseClosed(
            case_id=CASE,
            occurred_at=self.desk.at,
            leading=self.leading,
            unit=unit,
            result=HandlingResult.RESOLVED,
            reply="已整改。",
        )
        alone = recused(unit, self.desk.held.about)
        self.leading = None
        if not alone:
            self.owner = unit
        self.follow(self.desk.say(said, ""))
        assert self.closed != alone

    @rule(other=others)
    def be_followed(self, other: str) -> None:
        events = self.desk.say(FollowerAdded(case_id=CASE, occurred_at=self.desk.at, follower=other), "")
        if self.closed or self.leading is not None:
            assert [(event.case_id, type(event)) for event in events] == [(other, LeadingCaseEnded)]
        else:
            assert events == []
            self.followers.add(other)

    @rule(other=others)
    def be_followed_no_more(self, other: str) -> None:
        assert self.desk.say(FollowerRemoved(case_id=CASE, occurred_at=self.desk.at, follower=other), "") == []
        self.followers.discard(other)

    def released(self, events: list[Any]) -> None:
        """Nobody who follows is forgotten, and nobody is told twice."""
        told = [event.case_id for event in events if isinstance(event, LeadingCaseClosed | LeadingCaseEnded)]
        assert sorted(told) == sorted(self.followers)
        self.followers = set()

    @rule(hours=st.integers(1, 30) | st.integers(200, 900))
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
            elif isinstance(event, CaseReopened):
                assert self.closed, "only what is closed is opened again"
                assert not self.ended, "what intake ended stays so"
                self.closed, self.returns = False, 0
            elif isinstance(event, CaseJoined):
                self.owner, self.place, self.leading = event.responsible, None, event.leading
            elif isinstance(event, CaseClosed):
                self.released(events)
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
        assert case.merged_into == self.leading
        assert case.closed or case.queued or case.asked in UNITS or (self.leading is not None and not case.queued)
        assert not case.signed or case.asked == case.responsible
        assert not (case.queued and (case.signed or case.binding))
        assert case.proposal is None or case.queued
        assert case.rest is None or (case.signed and not case.closed)

    @invariant()
    def nobody_has_a_part_who_must_not(self) -> None:
        case = self.desk.held
        helpers = [task.unit for task in case.subtasks]
        assert len(helpers) == len(set(helpers))
        assert case.asked not in helpers
        assert all(unit in UNITS and (unit == case.centre or not recused(unit, case.about)) for unit in helpers)

    @invariant()
    def the_state_survives_being_saved(self) -> None:
        assert Case.model_validate(self.desk.held.model_dump(mode="json")) == self.desk.held

    @invariant()
    def its_events_alone_rebuild_the_case(self) -> None:
        """Those of intake that came in, and those of routing that went out, in the order of the case."""
        rebuilt, announced = Rebuilt(), iter(self.desk.announced)
        for (subject, _, _), events in zip(self.desk.said, announced, strict=True):
            for said in (*([subject] if isinstance(subject, Event) else []), *events):
                rebuilt.hear(said)
        assert rebuilt.differs(self.desk.held) == {}

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


Life.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
test_any_life_of_a_case = Life.TestCase
