"""The row of a case, folded from its facts in their order: the same whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import Rung
from services.intake.index.facts import Body, Fact, in_order, micros
from services.intake.index.rows import CaseRow, Folded, Handling
from services.intake.index.waits import Waits, encode, follow


@dataclass(slots=True)
class _Case:
    row: CaseRow = field(default_factory=CaseRow)
    words: dict[str, None] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)
    ended: dict[int, Handling] = field(default_factory=dict)
    ratings: dict[int, tuple[int, str | None, bool | None]] = field(default_factory=dict)
    waits: Waits = field(default_factory=dict)
    held: str | None = None
    queued: bool = True
    proposed: bool = False
    signed: bool = False
    reported: bool = False
    suspended: bool = False
    closings: int = 0
    started: int = 0
    returned_by: tuple[str, ...] = ()


def fold(facts: Iterable[Fact]) -> Folded | None:
    """Derive the row; None as long as the registration is not known."""
    case = _Case()
    for fact in in_order(facts):
        for name in _UNITS:
            if isinstance(unit := fact.body.get(name), str):
                case.units.add(unit)
        if (step := _STEPS.get(fact.name)) is not None:
            step(case, fact.body, fact.at)
        follow(case.waits, fact)
        if fact.name not in _SILENT:
            case.row.updated = max(case.row.updated, fact.at)
    row = case.row
    if not row.number:
        return None
    row.stage, row.waits = _stage(case), encode(case.waits.values())
    if (rating := case.ratings.get(max(case.closings, 1))) is not None and row.closed is not None:
        row.rated, row.satisfaction, row.solved = rating
    return Folded(row, "\n".join(case.words), frozenset(case.units), _handlings(case))


_UNITS = (
    *("unit", "responsible", "centre", "jurisdiction", "verifier", "reviewer", "supervisor", "returned_by", "lead"),
    *("approver", "reported_to"),
)
_SILENT = frozenset({"case.measured", "clock.reckoned", "follower.added", "follower.removed", "callback.ended"})
"""Facts that change nothing a reader of the list would see."""


def _stage(case: _Case) -> str:
    row = case.row
    marks = (
        (row.ending is not None, "ended"),
        (row.closed is not None, "closed"),
        (case.held == "scope", "scope"),
        (case.held == "supplement" or row.asked_complainant, "awaits-complainant"),
        (row.leading is not None, "merged"),
        (case.proposed, "proposed"),
        (case.queued, "queued"),
        (case.suspended, "suspended"),
        (case.reported, "reported"),
        (case.signed, "signed"),
    )
    return next((stage for holds, stage in marks if holds), "offered")


STAGES = (
    *("scope", "awaits-complainant", "queued", "proposed", "merged", "offered", "signed", "suspended", "reported"),
    *("closed", "ended"),
)
"""Every stage, in the order of a case's life."""


def _handlings(case: _Case) -> list[Handling]:
    row, found = case.row, dict(case.ended)
    if row.open and case.closings + 1 not in found:
        opened = Handling(case.closings + 1, row.responsible, case.started, returned_by=case.returned_by)
        found[opened.answer] = opened
    for answer, (at, satisfaction, solved) in case.ratings.items():
        if answer in found:
            found[answer].rated, found[answer].satisfaction, found[answer].solved = at, satisfaction, solved
    return [found[answer] for answer in sorted(found)]


def _registered(case: _Case, body: Body, at: int) -> None:
    row = case.row
    for name in ("number", "channel", "appeal", "category", "area"):
        setattr(row, name, body[name])
    for name in ("title", "about", "complainant", "external_id"):
        setattr(row, name, body.get(name, getattr(row, name)))
    row.centre = body["jurisdiction"]
    row.responsible = row.responsible or row.centre
    row.urgent, row.confidential = bool(body.get("urgent")), bool(body.get("confidential"))
    row.received, row.registered = micros(body["received_at"]), at
    case.started = case.started or row.received
    case.held = body.get("held")
    _say(case, body, "title", "text", "address")


def _released(case: _Case, body: Body, _at: int) -> None:
    case.held = None
    _say(case, body, "added_text", "address")


def _ended(case: _Case, body: Body, at: int) -> None:
    case.row.ending = body["ending"]
    _say(case, body, "reply")
    _over(case, at)


def _over(case: _Case, at: int) -> None:
    case.closings += 1
    case.held, case.suspended, case.reported = None, False, False
    row = case.row
    row.closed, row.open, row.paused, row.asked_complainant = at, False, False, False
    row.asked = None


def _asks(case: _Case, _body: Body, _at: int) -> None:
    case.held = "supplement"


def _supplemented(case: _Case, body: Body, _at: int) -> None:
    _say(case, body, "added_text", "address")
    if body.get("asked_by"):
        case.row.asked_complainant = False


def _repeats(case: _Case, body: Body, _at: int) -> None:
    case.row.repeats = body["count"]


def _merged(case: _Case, body: Body, _at: int) -> None:
    case.row.leading, case.held = body["into"], None


def _unmerged(case: _Case, _body: Body, _at: int) -> None:
    case.row.leading = None


def _erased(case: _Case, _body: Body, _at: int) -> None:
    case.row.complainant = None


def _assigned(case: _Case, body: Body, _at: int) -> None:
    case.row.asked, case.row.responsible = body["unit"], body["responsible"]
    case.queued = case.proposed = case.signed = case.reported = case.suspended = False
    case.held = None


def _queued(case: _Case, body: Body, _at: int) -> None:
    case.row.asked, case.row.responsible = None, body["responsible"]
    case.queued, case.proposed = True, bool(body.get("proposed"))
    case.signed = case.reported = case.suspended = False
    case.held = None
    if back := body.get("returned_by"):
        case.returned_by = (*case.returned_by, back)


def _signed(case: _Case, body: Body, _at: int) -> None:
    case.row.asked = case.row.responsible = body["unit"]
    case.signed, case.queued, case.proposed = True, False, False


def _reported(case: _Case, body: Body, _at: int) -> None:
    case.reported = True
    case.units.add(body["verifier"])


def _redo(case: _Case, _body: Body, _at: int) -> None:
    case.reported = False


def _escalated(case: _Case, body: Body, _at: int) -> None:
    case.row.supervisor = body["supervisor"]


def _suspended(case: _Case, _body: Body, _at: int) -> None:
    case.suspended = True


def _resumed(case: _Case, _body: Body, _at: int) -> None:
    case.suspended = False


def _closed(case: _Case, body: Body, at: int) -> None:
    case.row.result = body["result"]
    case.row.answers += 1
    _say(case, body, "reply")
    _over(case, at)


def _stored(case: _Case, body: Body, at: int) -> None:
    """From intake's own state, where the topics no longer have the events; theirs count where they do."""
    if case.closings == 0 and body.get("result"):
        _closed(case, body, at)


def _reopened(case: _Case, body: Body, at: int) -> None:
    row = case.row
    row.responsible, row.closed, row.open, row.ending, row.result = body["unit"], None, True, None, None
    row.reopened, row.asked, row.reviewing = body["count"], None, False
    row.reopened_by_complainant += body.get("requested_by") == "complainant"
    case.queued, case.signed, case.reported, case.suspended = True, False, False, False
    case.started, case.returned_by = at, ()


def _joined(case: _Case, body: Body, _at: int) -> None:
    case.row.leading, case.row.responsible, case.row.asked = body["leading"], body["responsible"], None
    case.signed = case.reported = case.suspended = False


def _consulted(case: _Case, body: Body, _at: int) -> None:
    case.units.update(body.get("participants", ()))


def _asked_complainant(case: _Case, _body: Body, _at: int) -> None:
    case.row.asked_complainant = True


def _asking_ended(case: _Case, _body: Body, _at: int) -> None:
    case.row.asked_complainant = False


def _review_opened(case: _Case, _body: Body, _at: int) -> None:
    case.row.reviewing, case.row.appealed = True, case.row.answers


def _review_decided(case: _Case, _body: Body, _at: int) -> None:
    case.row.reviewing = False


def _clock_set(case: _Case, body: Body, _at: int) -> None:
    case.row.due, case.row.provisional = micros(body["due_at"]), bool(body.get("provisional"))


def _clock_started(case: _Case, body: Body, at: int) -> None:
    _clock_runs(case, body, at)
    case.row.card = None


def _clock_runs(case: _Case, body: Body, at: int) -> None:
    _clock_set(case, body, at)
    case.row.paused = False


def _rung_reached(case: _Case, body: Body, _at: int) -> None:
    if body["rung"] == Rung.RED or (body["rung"] == Rung.YELLOW and case.row.card is None):
        case.row.card = body["rung"]


def _clock_paused(case: _Case, _body: Body, _at: int) -> None:
    case.row.paused = True


def _clock_stopped(case: _Case, _body: Body, _at: int) -> None:
    case.row.paused = False


def _measured(case: _Case, body: Body, _at: int) -> None:
    answer = body["answer"]
    case.ended[answer] = Handling(
        answer,
        body["unit"],
        micros(body["started_at"]),
        micros(body["ended_at"]),
        answered=body.get("ending") is None,
        on_time=bool(body.get("on_time")),
        returned_by=tuple(body.get("returned_by", ())),
    )
    case.units.update(body.get("returned_by", ()))


def _rated(case: _Case, body: Body, at: int) -> None:
    case.ratings.setdefault(body.get("answer", 1), (at, body.get("satisfaction"), body.get("solved")))


def _say(case: _Case, body: Body, *fields: str) -> None:
    for name in fields:
        if text := body.get(name):
            case.words[text] = None


_STEPS: Mapping[str, Callable[[_Case, Body, int], Any]] = {
    "case.registered": _registered,
    "case.released": _released,
    "case.ended": _ended,
    "supplement.requested": _asks,
    "supplement.received": _supplemented,
    "repeat.linked": _repeats,
    "case.merged": _merged,
    "case.unmerged": _unmerged,
    "identity.erased": _erased,
    "case.assigned": _assigned,
    "case.queued": _queued,
    "case.signed": _signed,
    "handling.reported": _reported,
    "redo.ordered": _redo,
    "case.escalated": _escalated,
    "case.suspended": _suspended,
    "case.resumed": _resumed,
    "case.closed": _closed,
    "case.stored": _stored,
    "case.reopened": _reopened,
    "case.joined": _joined,
    "consultation.held": _consulted,
    "complainant.asked": _asked_complainant,
    "asking.ended": _asking_ended,
    "review.opened": _review_opened,
    "review.decided": _review_decided,
    "clock.started": _clock_started,
    "clock.rung-reached": _rung_reached,
    "clock.paused": _clock_paused,
    "clock.resumed": _clock_runs,
    "clock.extended": _clock_set,
    "clock.reckoned": _clock_set,
    "clock.stopped": _clock_stopped,
    "case.measured": _measured,
    "case.rated": _rated,
}
