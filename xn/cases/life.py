"""The life of a case, drawn from the rules themselves: every command is tried in every state that can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.channel import Instruction
from contracts.codes import AppealType, Channel, Ending, HandlingResult, Hold, Language, PauseReason, ReplyBy
from contracts.handling import (
    AddNote,
    ApproveDispatch,
    AskComplainant,
    CancelSubtask,
    Consultation,
    DecideAnswerAppeal,
    DecideExtension,
    DeclineSubtask,
    DispatchCase,
    ExplainDelay,
    InstructCase,
    InviteCoHandler,
    ReassignCase,
    ReopenCase,
    ReportHandling,
    ReportSubtask,
    RequestExtension,
    RequestReturn,
    RequestTransfer,
    ResumeCase,
    SignCase,
    SuspendCase,
    UnitCommand,
    VerifyReport,
)
from contracts.intake import (
    AnswerAppealed,
    CaseEnded,
    CaseMerged,
    CaseRegistered,
    CaseReleased,
    CaseUnmerged,
    ReopeningRequested,
    SupplementReceived,
)
from contracts.message import case_id_for
from contracts.routing import CommandRefused, ComplainantRequestRefused, LeadingCaseClosed, LeadingCaseEnded
from infra.decision import Context, Decision, Due, Subject
from services.routing.domain.case import Case, Stage
from services.routing.domain.decide import COMMANDS, Rules
from services.routing.domain.dispatch import DispatchPolicy

DEEPEST = 5
"""Commands after the registration: more reach no new stage."""
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
CASE = case_id_for(Channel.WEB, "life-of-a-case")
LEADING = case_id_for(Channel.WEB, "leading-case")
CENTRE, UNIT, OTHER, HELPER = "centre", "unit", "other", "helper"
LEADER, REVIEWER = "leader", "reviewer"

_UNITS = [
    {"id": "government", "areas": ["area"]},
    {"id": CENTRE, "parent": "government", "areas": ["area"], "dispatches": True},
    *({"id": unit, "parent": "government", "areas": ["area"]} for unit in (UNIT, OTHER, HELPER)),
]
_TABLES: dict[str, dict[str, Any]] = {
    "place": {"timezone": "Asia/Shanghai"},
    "units": {"unit": _UNITS},
    "posts": {
        "post": [
            {"id": LEADER, "unit": "government", "duty": "leader", "instructs": True},
            {"id": REVIEWER, "unit": "government", "duty": "staff"},
        ]
    },
    "dispatch": {
        "rule": [{"id": "rule", "to": UNIT, "categories": ["covered"]}],
        "verification": {"appeals": ["report"]},
        "approval": {"instructed": True},
        "consultation": {"required": True},
    },
    "limits": {
        "return": {"window_hours": 24, "returns_before_ruling": 2},
        "suspension": [{"reason": "third-party", "days": 30}],
        "appeal": {"days": 30},
    },
}
"""A small place in which everything can happen."""


@dataclass
class Life:
    """What was found: where each command leads from each stage, and by which rules it is refused there."""

    moves: dict[tuple[Stage | None, str], set[Stage]] = field(default_factory=dict)
    refusals: dict[tuple[Stage, str], set[str]] = field(default_factory=dict)


def explore() -> Life:
    """Everything that can happen, by whoever may say it."""
    life, rules = Life(), Rules(DispatchPolicy.from_tables("life", _TABLES))
    seen: set[str] = set()
    waiting: list[tuple[Case, int]] = []
    for registered in _beginnings():
        case = _after(rules, None, registered, "")
        if not isinstance(case, Case):
            raise TypeError("a registration was refused")
        life.moves.setdefault((None, registered.TYPE), set()).add(case.stage)
        waiting.append((case, 0))
    while waiting:
        case, depth = waiting.pop()
        if depth == DEEPEST or (known := case.model_dump_json()) in seen:
            continue
        seen.add(known)
        for subject, speaker in _subjects(case):
            after = _after(rules, case, subject, speaker)
            if isinstance(after, Case):
                if after != case or isinstance(subject, ExplainDelay | InstructCase):
                    life.moves.setdefault((case.stage, _name(subject)), set()).add(after.stage)
                if after != case and not isinstance(subject, AddNote):  # a note changes nothing that may follow
                    waiting.append((after, depth + 1))
            elif after:
                life.refusals.setdefault((case.stage, _name(subject)), set()).update(after)
    return life


def _name(subject: Subject) -> str:
    return getattr(type(subject), "TYPE", "") or "due"


def _after(rules: Rules, case: Case | None, subject: Subject, speaker: str) -> Case | set[str]:
    """The case as it is then; or the codes of the refusal."""
    due = rules.due(case) if case is not None and isinstance(subject, Due) else None
    at = due or AT
    decision = rules.decide(case, subject, Context(key=CASE, at=at, message_id="m", speaker=speaker))
    if not isinstance(decision, Decision) or decision.state is None:
        raise TypeError(f"{type(subject).__name__} was not decided")
    for event in decision.events:
        if isinstance(event, CommandRefused | ComplainantRequestRefused):
            return {reason.code for reason in event.reasons}
    return decision.state


def _beginnings() -> Iterator[CaseRegistered]:
    for category, appeal, instruction, held in (
        ("covered", AppealType.REQUEST, None, None),
        ("covered", AppealType.REPORT, None, None),
        ("other", AppealType.REQUEST, None, None),
        ("covered", AppealType.REQUEST, Instruction(by="mayor", text="…"), None),
        ("covered", AppealType.REQUEST, None, Hold.SCOPE),
    ):
        yield CaseRegistered(
            case_id=CASE,
            occurred_at=AT,
            number="X-20261123-000001",
            channel=Channel.WEB,
            appeal=appeal,
            category=category,
            area="area",
            jurisdiction=CENTRE,
            title="…",
            text="…",
            received_at=AT,
            reply_by=ReplyBy.CHANNEL,
            language=Language.CHINESE,
            held=held,
            instruction=instruction,
            policy="life",
        )


def _subjects(case: Case) -> Iterator[tuple[Subject, str]]:
    """What may come next: each command by those who might have a right to it."""
    yield CaseReleased(case_id=CASE, occurred_at=AT, policy="life"), ""
    yield CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, policy="life"), ""
    yield CaseMerged(case_id=CASE, occurred_at=AT, into=LEADING, into_number="X-20261123-000002"), ""
    yield CaseUnmerged(case_id=CASE, occurred_at=AT, out_of=LEADING), ""
    if case.merged_into is not None:
        yield (
            LeadingCaseClosed(
                case_id=CASE,
                occurred_at=AT,
                leading=LEADING,
                unit=UNIT,
                result=HandlingResult.RESOLVED,
                reply="…",
            ),
            "",
        )
        yield LeadingCaseEnded(case_id=CASE, occurred_at=AT, leading=LEADING), ""
    yield SupplementReceived(case_id=CASE, occurred_at=AT, round=1, complete=True, asked_by=UNIT), ""
    for kind_of_request in (ReopeningRequested, AnswerAppealed):
        asked: dict[str, Any] = {"channel": Channel.WEB, "submission_id": "s", "external_id": "x", "reason": "…"}
        yield kind_of_request(case_id=CASE, occurred_at=AT, **asked), ""
    yield Due(), ""
    has_it = case.asked or case.responsible
    another = OTHER if has_it != OTHER else UNIT
    said: dict[type[UnitCommand], tuple[str, dict[str, Any]]] = {
        SignCase: (has_it, {}),
        RequestReturn: (has_it, {"reason": "…"}),
        ReportHandling: (has_it, {"result": HandlingResult.RESOLVED, "reply": "…"}),
        VerifyReport: (CENTRE if has_it != CENTRE else "government", {"accepted": True}),
        DispatchCase: (CENTRE, {"to": another, "actor": "a"}),
        ApproveDispatch: (CENTRE, {"approved": True, "actor": "b"}),
        ReassignCase: (CENTRE, {"to": another, "reason": "…"}),
        RequestTransfer: (has_it, {"to": another, "reason": "…"}),
        SuspendCase: (has_it, {"reason": PauseReason.THIRD_PARTY, "note": "…"}),
        ResumeCase: (has_it, {}),
        RequestExtension: (has_it, {"working_days": 5, "reason": "…"}),
        DecideExtension: (CENTRE if has_it != CENTRE else "government", {"granted": True}),
        ExplainDelay: (has_it, {"reason": "…", "promised_at": AT + timedelta(days=1)}),
        ReopenCase: (CENTRE, {"reason": "…"}),
        InviteCoHandler: (has_it, {"to": HELPER, "task": "…"}),
        ReportSubtask: (HELPER, {"reply": "…"}),
        DeclineSubtask: (HELPER, {"reason": "…"}),
        CancelSubtask: (has_it, {"of": HELPER, "reason": "…"}),
        InstructCase: ("government", {"text": "…", "actor": LEADER}),
        AddNote: (has_it, {"text": "…"}),
        AskComplainant: (has_it if case.signed else CENTRE, {"missing": ("…",)}),
        DecideAnswerAppeal: ("government", {"upheld": False, "reason": "…", "actor": REVIEWER}),
    }
    if missing := COMMANDS.keys() - said.keys():
        raise LookupError(f"not drawn yet: {', '.join(sorted(kind.__name__ for kind in missing))}")
    for kind, (speaker, fields) in said.items():
        yield kind(case_id=CASE, issued_at=AT, unit=speaker, **fields), speaker
    held = Consultation(participants=(UNIT, OTHER, HELPER), minutes="…")
    yield DispatchCase(case_id=CASE, issued_at=AT, unit=CENTRE, to=another, actor="a", consultation=held), CENTRE
    yield VerifyReport(case_id=CASE, issued_at=AT, unit=CENTRE, accepted=False, reason="…"), CENTRE
    yield ApproveDispatch(case_id=CASE, issued_at=AT, unit=CENTRE, approved=False, actor="b", reason="…"), CENTRE
    upheld = DecideAnswerAppeal(case_id=CASE, issued_at=AT, unit="government", upheld=True, actor=REVIEWER, reason="…")
    yield upheld, "government"


def page() -> str:
    """`docs/life-of-a-case.md`."""
    life = explore()
    lines = [
        "# The life of a case in routing",
        "",
        "Drawn by `xn cases chart` from the rules: every command was tried in every state by whoever may say it.",
        "Do not edit; CI fails when it is stale.",
        "",
        "```mermaid",
        "stateDiagram-v2",
    ]
    for (start, name), ends in life.moves.items():
        begin = "[*]" if start is None else start
        lines += [f"    {begin} --> {end}: {_short(name)}" for end in sorted(ends) if end != start]
    lines += [
        "```",
        "",
        "## What may happen where",
        "",
        "Arrows name the stage that follows; a command that leaves the stage as it is has `·`. What is refused names",
        "the rule (see [codes](codes.md)). A cell may hold several: it depends on what happened before.",
        "",
    ]
    stages = list(Stage)
    lines += ["| | " + " | ".join(stages) + " |", "| --- |" + " --- |" * len(stages)]
    names = dict.fromkeys(name for start, name in [*life.moves, *life.refusals] if start is not None)
    lines += [
        f"| {_short(name)} | " + " | ".join(_cell(life, stage, name) for stage in stages) + " |" for name in names
    ]
    return "\n".join(lines) + "\n"


def _cell(life: Life, stage: Stage, name: str) -> str:
    moves = [f"→ {end}" if end != stage else "·" for end in sorted(life.moves.get((stage, name), ()))]
    return "<br>".join([*moves, *(f"`{code}`" for code in sorted(life.refusals.get((stage, name), ())))])


def _short(name: str) -> str:
    return name.removeprefix("cn.xiaoneng.").removesuffix(".v1")
