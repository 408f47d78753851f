"""A finding: recorded by a body, appealed against within a window, final, and sometimes reversed.

Only what is final and valid counts. “有效投诉” is defined in no source, so a body has to say it, and the unit found
against has to have had its say. Source: domain §6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from contracts.codes import FindingSource, RefusalCode, SubjectKind, Verdict
from contracts.conduct import (
    AppealFinding,
    ConductFact,
    DecideAppeal,
    FindingAppealed,
    FindingCommand,
    FindingCounted,
    FindingFinal,
    FindingRecorded,
    FindingReversed,
    FindingUncounted,
    RecordFinding,
    ReverseFinding,
)
from contracts.posts import Acting, needs_name
from contracts.refusals import Reason, reason
from infra.decision import Context, Decision, Due, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.policy import CLASSIFIED_BY, ConductPolicy
from services.scoring.domain.conduct.record import concerning, waiting_for
from services.scoring.domain.conduct.refusing import refused, refused_unreadable

COMMANDS = (RecordFinding, AppealFinding, DecideAppeal, ReverseFinding)


class Finding(Aggregate):
    """One finding."""

    kind: Literal["finding"] = "finding"
    body: str
    reference: str
    actor: str | None
    verdict: Verdict
    source: FindingSource
    case_id: str | None
    units: tuple[str, ...]
    post: str | None
    happened_on: date
    said: RecordFinding
    """As it was recorded."""
    recorded_at: datetime
    appeal_until: datetime
    appealed_by: str | None = None
    appealed_by_post: str | None = None
    """The unit's post that appealed; None: its desk."""
    decide_until: datetime | None = None
    """When the appeal has to be decided."""
    waits_for: str | None = None
    """The body of appeal, while it has to decide."""
    filed: tuple[str, ...] = ()
    """Under which it is found: the body, each unit, and the body of appeal while it has to decide."""
    final_at: datetime | None = None
    reversed_at: datetime | None = None
    subjects: tuple[tuple[SubjectKind, str, str], ...] = ()
    """Against whom it counts: kind, unit or post, and its unit."""


@dataclass(frozen=True)
class FindingRules:
    """By the accountability of one place; None: it has none, and everything is refused."""

    policy: ConductPolicy | None

    def decide(self, state: Finding | None, subject: Subject, context: Context) -> Decision[Finding]:
        """Recorded, appealed against, final, reversed, or refused with the rule."""
        if isinstance(subject, Unreadable):
            return Decision(state, (refused_unreadable(context, subject),))
        if self.policy is None:
            return _refuse(state, subject, context, reason(RefusalCode.NOT_FINDING_BODY))
        match subject:
            case RecordFinding():
                return self._record(state, subject, context, self.policy)
            case AppealFinding() | DecideAppeal() | ReverseFinding() if state is None:
                return _refuse(None, subject, context, reason(RefusalCode.FINDING_UNKNOWN))
            case AppealFinding() if state is not None:
                return self._appeal(state, subject, context, self.policy)
            case DecideAppeal() if state is not None:
                return self._decide_appeal(state, subject, context, self.policy)
            case ReverseFinding() if state is not None:
                return self._reverse(state, subject, context, self.policy)
            case Due() if state is not None and self.due(state) is not None:
                return _final(state, state.verdict, "", context, self.policy)
            case _:
                return Decision(state)

    @staticmethod
    def due(state: Finding) -> datetime | None:
        """When nobody can appeal any more."""
        waits = state.final_at is None and state.appealed_by is None
        return state.appeal_until if waits else None

    @staticmethod
    def is_open(state: Finding) -> bool:
        """It is not final."""
        return state.final_at is None

    def _record(
        self, state: Finding | None, command: RecordFinding, context: Context, policy: ConductPolicy
    ) -> Decision[Finding]:
        if state is not None:
            same = _content(state.said) == _content(command)
            return Decision(state) if same else _refuse(state, command, context, reason(RefusalCode.FINDING_EXISTS))
        fault = _fault(command, context, policy)
        if fault is not None:
            return _refuse(None, command, context, fault)
        finding = Finding(
            body=context.speaker,
            reference=command.reference,
            actor=command.actor,
            verdict=command.verdict,
            source=command.source,
            case_id=command.case_id,
            units=tuple(dict.fromkeys(command.units)),
            post=command.post,
            happened_on=command.happened_on,
            said=command,
            recorded_at=context.at,
            appeal_until=context.at + policy.appeal_window,
            filed=_filed((context.speaker, *command.units)),
        )
        fields = {name: getattr(command, name) for name in (*CLASSIFIED_BY, "facts", "evidence")}
        return Decision(
            finding,
            _to(
                (*finding.units, finding.body),
                lambda unit: FindingRecorded(
                    **_told(finding, unit, context),
                    verdict=finding.verdict,
                    source=finding.source,
                    case_id=finding.case_id,
                    units=finding.units,
                    post=finding.post,
                    happened_on=finding.happened_on,
                    appeal_until=finding.appeal_until,
                    policy=policy.version,
                    **fields,
                ),
            ),
        )

    @staticmethod
    def _appeal(state: Finding, command: AppealFinding, context: Context, policy: ConductPolicy) -> Decision[Finding]:
        if context.speaker not in state.units:
            return _refuse(state, command, context, reason(RefusalCode.NOT_CONCERNED))
        if state.final_at is not None:
            return _refuse(state, command, context, reason(RefusalCode.FINDING_FINAL))
        if state.appealed_by is not None:
            return _refuse(state, command, context, reason(RefusalCode.APPEAL_PENDING))
        if command.issued_at > state.appeal_until or context.at > state.appeal_until:
            days = policy.table.findings.appeal_days
            return _refuse(state, command, context, reason(RefusalCode.APPEAL_WINDOW_CLOSED, days=days))
        hears, until = policy.hears_appeals((*state.units, state.body)), context.at + policy.time_to_decide
        asked = {"waits_for": hears, "filed": _filed((state.body, *state.units), hears)}
        return Decision(
            state.model_copy(
                update={
                    "appealed_by": context.speaker,
                    "appealed_by_post": command.actor,
                    "decide_until": until,
                    **asked,
                }
            ),
            _to(
                (*((hears,) if hears is not None else ()), state.body, *state.units),
                lambda unit: FindingAppealed(
                    **_told(state, unit, context), by=context.speaker, grounds=command.grounds, decide_until=until
                ),
            ),
        )

    @staticmethod
    def _decide_appeal(
        state: Finding, command: DecideAppeal, context: Context, policy: ConductPolicy
    ) -> Decision[Finding]:
        if state.appealed_by is None or state.final_at is not None:
            return _refuse(state, command, context, reason(RefusalCode.NOT_APPEALED))
        if context.speaker != policy.hears_appeals((*state.units, state.body)):
            return _refuse(state, command, context, reason(RefusalCode.NOT_APPEAL_BODY))
        if fault := _unfit(state, command, context, policy):
            return _refuse(state, command, context, fault)
        return _final(state, command.verdict, command.reason, context, policy)

    @staticmethod
    def _reverse(state: Finding, command: ReverseFinding, context: Context, policy: ConductPolicy) -> Decision[Finding]:
        if context.speaker != policy.hears_appeals((*state.units, state.body)):
            return _refuse(state, command, context, reason(RefusalCode.NOT_APPEAL_BODY))
        if state.final_at is None:
            return _refuse(state, command, context, reason(RefusalCode.FINDING_NOT_FINAL))
        if fault := _unfit(state, command, context, policy):
            return _refuse(state, command, context, fault)
        if state.reversed_at is not None:
            return Decision(state)
        told = _to(
            (*state.units, state.body),
            lambda unit: FindingReversed(**_told(state, unit, context), reason=command.reason),
        )
        uncounted = [
            FindingUncounted(unit=unit, occurred_at=context.at, kind=kind, subject=id, finding=context.key)
            for kind, id, unit in state.subjects
        ]
        return Decision(state.model_copy(update={"reversed_at": context.at, "subjects": ()}), (*told, *uncounted))


def _fault(command: RecordFinding, context: Context, policy: ConductPolicy) -> Reason | None:
    """What forbids the finding; None: nothing."""
    if not policy.finds(context.speaker):
        return reason(RefusalCode.NOT_FINDING_BODY)
    if context.speaker in command.units:
        return reason(RefusalCode.JUDGES_ITSELF, "units")
    if not policy.limits.units.issuperset(command.units):
        return reason(RefusalCode.UNIT_UNKNOWN, "units")
    if policy.hears_appeals((*command.units, context.speaker)) is None:
        return reason(RefusalCode.NOBODY_HEARS_APPEALS, "units")
    if fault := _fault_of_posts(command, context, policy):
        return fault
    if command.happened_on > context.at.astimezone(policy.limits.timezone).date():
        return reason(RefusalCode.HAPPENED_IN_FUTURE, "happened_on")
    for name in CLASSIFIED_BY:
        code = getattr(command, name)
        if code is not None and not policy.knows(name, code):
            return reason(RefusalCode.CODE_UNKNOWN, name)
    known = context.supplies if isinstance(context.supplies, frozenset) else frozenset()
    return reason(RefusalCode.CASE_UNKNOWN, "case_id") if command.case_id not in {None, *known} else None


def _fault_of_posts(command: RecordFinding, context: Context, policy: ConductPolicy) -> Reason | None:
    """What is wrong with the post that found, or with the one found against.

    A body that may decide or review what follows from its finding names its post, which then does neither.
    """
    finder = Acting(context.speaker, command.actor)
    if needs_name(finder, policy.judges(command.units, finder.unit)):
        return reason(RefusalCode.ACTOR_MISSING, "actor")
    if code := policy.unfit(finder, command.post):
        return reason(code, "actor")
    post = policy.posts.get(command.post) if command.post is not None else None
    known = command.post is None or (post is not None and post.unit in command.units)
    return None if known else reason(RefusalCode.POST_UNKNOWN, "post")


def _unfit(
    state: Finding, command: DecideAppeal | ReverseFinding, context: Context, policy: ConductPolicy
) -> Reason | None:
    """Why the speaker's post may not decide about the finding; None: it may."""
    took_part = (Acting(state.body, state.actor), Acting(state.appealed_by or "", state.appealed_by_post))
    code = policy.unfit(Acting(context.speaker, command.actor), state.post, *took_part)
    return None if code is None else reason(code, "actor")


def _final(state: Finding, verdict: Verdict, why: str, context: Context, policy: ConductPolicy) -> Decision[Finding]:
    """Nobody can appeal any more; what is valid counts against the units and the post."""
    counts = policy.counts(verdict)
    after = state.model_copy(
        update={
            "verdict": verdict,
            "final_at": context.at,
            "waits_for": None,
            "filed": _filed((state.body, *state.units)),
            "subjects": tuple(_subjects(state, policy)) if counts else (),
        }
    )
    told = _to(
        (*state.units, state.body),
        lambda unit: FindingFinal(**_told(state, unit, context), verdict=verdict, counts=counts, reason=why),
    )
    counted = [
        FindingCounted(
            unit=unit,
            occurred_at=context.at,
            kind=kind,
            subject=id,
            finding=context.key,
            body=state.body,
            actor=state.actor,
            source=state.source,
            happened_on=state.happened_on,
            units=state.units,
        )
        for kind, id, unit in after.subjects
    ]
    return Decision(after, (*told, *counted))


def _subjects(state: Finding, policy: ConductPolicy) -> Iterator[tuple[SubjectKind, str, str]]:
    """Units and posts are counted apart; by 四个一律 (S4) the leaders' posts, too, where the place wants it."""
    posts: dict[str, str] = {}
    if state.post is not None:
        posts[state.post] = policy.posts[state.post].unit if state.post in policy.posts else state.units[0]
    for unit in state.units:
        yield SubjectKind.UNIT, unit, unit
        leader = policy.leader_of(unit) if policy.table.pursuit.hold_the_leader else None
        if leader is not None:
            posts.setdefault(leader, unit)
    for post, unit in posts.items():
        yield SubjectKind.POST, post, unit


def _filed(concerned: tuple[str, ...], waits_for: str | None = None) -> tuple[str, ...]:
    waiting = (waiting_for(waits_for),) if waits_for is not None else ()
    return (*map(concerning, dict.fromkeys(concerned)), *waiting)


def _content(command: RecordFinding) -> dict[str, Any]:
    return command.model_dump(exclude={"issued_at", "unit"})


def _to(units: tuple[str, ...], said: Callable[[str], ConductFact]) -> tuple[ConductFact, ...]:
    """The same to each of them, once."""
    return tuple(said(unit) for unit in dict.fromkeys(units))


def _told(state: Finding, unit: str, context: Context) -> dict[str, Any]:
    return {"unit": unit, "occurred_at": context.at, "body": state.body, "reference": state.reference}


def _refuse(state: Finding | None, subject: Subject, context: Context, why: Reason) -> Decision[Finding]:
    if not isinstance(subject, RecordFinding | FindingCommand):
        return Decision(state)
    return Decision(state, (refused(context, subject.TYPE, (why,)),))
