"""The words a template may put between braces: for each occasion, what is known then and of which kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a variable holds, and how it is shown."""

    LINE = "line"
    """One line."""
    PROSE = "prose"
    """Several lines."""
    LINES = "lines"
    """A list of lines."""
    NUMBER = "number"
    FLAG = "flag"
    """Yes or no: to be tested."""
    RATIO = "ratio"
    """0–1, shown as ``98.14%``."""
    DATE = "date"
    """Shown in the reader's language."""
    INSTANT = "instant"
    """Shown in the reader's language and the place's time zone."""
    LINK = "link"
    """An address that begins with ``https://`` or ``http://``."""
    CODE = "code"
    """An entry of a code list: to be tested. Its words are in the variable of the same name with ``_name``."""
    RECORDS = "records"
    """A list of records."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Something a template may name."""

    kind: Kind
    about: str
    optional: bool = False
    """May be absent: the template has to test it."""
    fields: Mapping[str, Variable] = field(default_factory=dict)
    """Of each record."""


Vocabulary = Mapping[str, Variable]


def _line(about: str) -> Variable:
    return Variable(Kind.LINE, about)


def _prose(about: str) -> Variable:
    return Variable(Kind.PROSE, about)


def _number(about: str) -> Variable:
    return Variable(Kind.NUMBER, about)


def _date(about: str) -> Variable:
    return Variable(Kind.DATE, about)


def _code(about: str) -> Variable:
    return Variable(Kind.CODE, about)


def _maybe(kind: Kind, about: str) -> Variable:
    return Variable(kind, about, optional=True)


PLACE = Variable(Kind.LINE, "the place's name, always known")

_CENTRE: Vocabulary = {
    "name": _maybe(Kind.LINE, "the complainant's name"),
    "centre": _maybe(Kind.LINE, "name of the centre that answers for the case"),
}
_REASONS: Vocabulary = {"reasons": Variable(Kind.LINES, "why, a sentence each")}
_COMPLAINT: Vocabulary = {
    "number": _line("what the complainant knows the case by"),
    "title": _line("of the complaint, identity masked"),
    "registered_on": _date("when it got its number"),
    "receipt_code": _maybe(Kind.LINE, "with the number, it opens the case's page"),
    "due_on": _maybe(Kind.DATE, "when the answer is expected"),
    **_CENTRE,
}
_OWN_PAGE: Vocabulary = {"case_url": _maybe(Kind.LINK, "signed link to the complainant's page of the case")}
_CASE: Vocabulary = {
    "number": _line("of the case"),
    "title": _line("of the complaint, identity masked"),
    "unit_name": _line("the unit that answers for it"),
    "category_name": _maybe(Kind.LINE, "what it is about"),
    "case_url": _maybe(Kind.LINK, "where staff open it"),
}
_MATTER: Vocabulary = {
    **_CASE,
    "attachments": _maybe(Kind.LINE, "how many came with the complaint, and of which kinds"),
}
_LIMIT: Vocabulary = {
    **_CASE,
    "clock": _code("which limit: a stage"),
    "due_at": Variable(Kind.INSTANT, "when the limit ends"),
    "days_left": _maybe(Kind.NUMBER, "working days until then"),
}
_CARD: Vocabulary = {
    "unit_name": _line("the unit that has to keep the limit"),
    "due_at": Variable(Kind.INSTANT, "when the limit ends"),
    "rung": _maybe(Kind.CODE, "reminder, yellow or red"),
    "level": _maybe(Kind.NUMBER, "so many levels up it is told by now"),
}
_SUPERIOR: Vocabulary = {"to_name": _maybe(Kind.LINE, "who is told")}
_COUNTS: Vocabulary = {
    **_SUPERIOR,
    "received": _number("cases registered in that time"),
    "closed": _number("cases answered in that time"),
    "open_cases": _number("cases without an answer at its end"),
    "overdue": _number("of them, past their limit"),
    "cases": Variable(
        Kind.RECORDS,
        "those to look at first",
        optional=True,
        fields={
            "number": _line("of the case"),
            "title": _line("of the complaint"),
            "unit_name": _line("who answers for it"),
            "due_on": _date("when its limit ends"),
        },
    ),
    "report_url": _maybe(Kind.LINK, "where everything is listed"),
}
_SPAN: Vocabulary = {"first_day": _date("of the time told about"), "last_day": _date("both included")}

_FOR_COMPLAINANTS: Mapping[str, Vocabulary] = {
    "acknowledgement": {**_COMPLAINT, **_OWN_PAGE},
    "refusal": {**_REASONS, "title": _maybe(Kind.LINE, "of what was submitted"), **_CENTRE},
    "supplement": {
        **_COMPLAINT,
        **_OWN_PAGE,
        "missing": Variable(Kind.LINES, "everything that is missing, a sentence each"),
        "answer_by": _date("the last day to give it"),
    },
    "extended": {
        **_COMPLAINT,
        "working_days": _number("added to the limit"),
        "reason": _prose("why it takes longer"),
    },
    "suspended": {
        **_COMPLAINT,
        "cause": _code("why it rests"),
        "note": _maybe(Kind.PROSE, "the unit's own words"),
        "until": _date("the last day of rest"),
    },
    "resumed": _COMPLAINT,
    "delayed": {**_COMPLAINT, "reason": _prose("why it is late"), "promised_on": _date("when the answer is promised")},
    "reopened": {**_COMPLAINT, "reason": _prose("why it is handled again")},
    "merged": _COMPLAINT,
    "unmerged": _COMPLAINT,
    "answer": {
        **_COMPLAINT,
        **_OWN_PAGE,
        "result": _code("what became of it"),
        "reply": _prose("the answer"),
        "reasons": _maybe(Kind.LINES, "why, where more is to be said"),
        "unit_name": _maybe(Kind.LINE, "who handled it"),
        "rating_url": _maybe(Kind.LINK, "where it can be rated"),
        "rating_code": _maybe(Kind.LINE, "with the number, it lets one rate"),
        "reopen_days": _maybe(Kind.NUMBER, "for so many days it can be opened again"),
    },
    "ended": {
        **_COMPLAINT,
        **_REASONS,
        "ending": _code("how it ended"),
        "authority": _maybe(Kind.CODE, "who is competent instead"),
        "reply": _maybe(Kind.PROSE, "the clerk's own words"),
    },
    "rating-counted": {
        **_COMPLAINT,
        "satisfaction": _maybe(Kind.CODE, "the grade"),
        "solved": _maybe(Kind.FLAG, "whether the matter was solved"),
    },
    "rating-refused": {**_COMPLAINT, **_REASONS},
}
_FOR_STAFF: Mapping[str, Vocabulary] = {
    "assignment": {
        **_MATTER,
        "due_at": _maybe(Kind.INSTANT, "when the case has to be answered"),
        "days_left": _maybe(Kind.NUMBER, "working days until then"),
        "urgent": _maybe(Kind.FLAG, "it cannot wait"),
    },
    "ruling": {
        **_MATTER,
        "due_at": _maybe(Kind.INSTANT, "when the case has to be answered"),
        "why": _maybe(Kind.PROSE, "the reasons of the ruling"),
    },
    "subtask": {
        **_MATTER,
        "unit_name": _line("the co-handler"),
        "lead_name": _line("who has the case"),
        "task": _prose("what the co-handler is asked for"),
        "part_due_at": _maybe(Kind.INSTANT, "when the part has to be reported"),
        "due_at": _maybe(Kind.INSTANT, "when the case has to be answered"),
        "urgent": _maybe(Kind.FLAG, "it cannot wait"),
    },
    "subtask-ended": {
        **_CASE,
        **_SUPERIOR,
        "unit_name": _line("the co-handler"),
        "outcome": _code("reported or declined"),
        "words": _prose("what was reported, or why not"),
        "task": _maybe(Kind.PROSE, "what the co-handler was asked for"),
        "open_parts": _number("so many parts of co-handlers are still open"),
    },
    "reminder": _LIMIT,
    "yellow": _LIMIT,
    "red": _LIMIT,
    "escalation": {**_LIMIT, **_SUPERIOR, "level": _number("so many levels up")},
    "supervision": {
        **_CASE,
        **_SUPERIOR,
        "why": _code("what happened too often"),
        "count": _number("how often"),
    },
    "redo": {**_CASE, "reason": _prose("why the verifier was not content"), "count": _number("how often by now")},
    "extension-refused": {
        **_CASE,
        "working_days": _number("asked for"),
        "reason": _prose("why they are not granted"),
        "due_at": _maybe(Kind.INSTANT, "when the case has to be answered"),
    },
    "rectification": {
        **_CARD,
        "body_name": _line("who inspected"),
        "task": _prose("what has to be put right"),
        "reference": _maybe(Kind.LINE, "the body's own reference"),
        "rectification_url": _maybe(Kind.LINK, "where it is reported"),
    },
    "item": {
        **_CARD,
        "system_name": _line("whose item it is"),
        "item_number": _line("that system's own reference"),
        "matter_name": _maybe(Kind.LINE, "what kind of work it is"),
    },
    "proposal": {
        "subject_name": _line("the unit or the post it is about; never a person's name"),
        "step_name": _maybe(Kind.LINE, "of the ladder"),
        "measures": Variable(Kind.LINES, "what is proposed"),
        "basis": _line("legal basis"),
        "findings": _number("how many findings it rests on"),
        "since": _date("first day of the time in which they count"),
        "decider_name": _maybe(Kind.LINE, "who decides"),
        "proposal_url": _maybe(Kind.LINK, "where it is decided"),
    },
    "finding": {
        "unit_name": _line("the unit found against"),
        "body_name": _line("who found it"),
        "reference": _line("the body's own reference"),
        "verdict": _code("how far it is true"),
        "found": _prose("what was found; no person's name"),
        "happened_on": _date("when it happened"),
        "appeal_until": Variable(Kind.INSTANT, "until then it may be appealed against"),
        "post": _maybe(Kind.LINE, "the first-responsible post"),
        "finding_url": _maybe(Kind.LINK, "where it is read and appealed against"),
    },
    "publication-review": {
        "title": _line("of what is to be published"),
        "draft": _prose("its words"),
        "unit_name": _maybe(Kind.LINE, "who is named in it"),
        "number": _maybe(Kind.LINE, "of the case it is about"),
        "review_url": _maybe(Kind.LINK, "where it is reviewed"),
    },
}
_FOR_SUPERVISORS: Mapping[str, Vocabulary] = {
    "daily": {**_COUNTS, "day": _date("told about")},
    "weekly": {
        **_COUNTS,
        **_SPAN,
        "on_time_ratio": _maybe(Kind.RATIO, "of the answers"),
        "satisfaction_ratio": _maybe(Kind.RATIO, "of the ratings"),
    },
    "bulletin": {
        **_SPAN,
        "series_name": _maybe(Kind.LINE, "of the series"),
        "issue": _number("position in the series of the year"),
        "year": _number("of the series"),
        "issue_number": _maybe(Kind.LINE, "both as the place writes them"),
        "summary": _maybe(Kind.PROSE, "the main points"),
    },
    "silence": {
        "number": _line("of the case"),
        "title": _line("of the complaint, identity masked"),
        "lack": _code("acknowledgement, owner, deadline, answer or reply"),
        "limit_at": Variable(Kind.INSTANT, "when it should have been there"),
        "unit_name": _maybe(Kind.LINE, "who answers for it"),
        "case_url": _maybe(Kind.LINK, "where staff open it"),
    },
}
VARIABLES: Mapping[str, Vocabulary] = {**_FOR_COMPLAINANTS, **_FOR_STAFF, **_FOR_SUPERVISORS}
"""What is known on each occasion."""


def names(what: str) -> frozenset[str]:
    """Everything that a template of the occasion may name: variables, the words of codes, the place."""
    words = {f"{name}_name" for name, each in VARIABLES[what].items() if each.kind is Kind.CODE}
    return frozenset({*VARIABLES[what], *words, "place"})
