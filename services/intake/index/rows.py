"""What is derived from the events of a case: its columns, its handlings, its words, and the units concerned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Handling:
    """One handling of a case, from its receipt or reopening until its answer, with the same fields as in scoring."""

    answer: int
    unit: str
    started: int
    ended: int | None = None
    answered: bool = False
    on_time: bool = False
    returned_by: tuple[str, ...] = ()
    rated: int | None = None
    satisfaction: str | None = None
    solved: bool | None = None


@dataclass(slots=True)
class CaseRow:
    """The columns of a case. Instants are microseconds since 1970."""

    number: str = ""
    channel: str = ""
    appeal: str = ""
    category: str = ""
    area: str = ""
    centre: str = ""
    title: str = ""
    about: str | None = None
    urgent: bool = False
    confidential: bool = False
    complainant: str | None = None
    external_id: str | None = None
    received: int = 0
    registered: int = 0
    updated: int = 0
    stage: str = ""
    open: bool = True
    responsible: str = ""
    asked: str | None = None
    supervisor: str | None = None
    due: int | None = None
    provisional: bool = False
    paused: bool = False
    card: str | None = None
    """The latest card of the limit that runs, or ran last: ``yellow`` or ``red``."""
    closed: int | None = None
    """When it was answered or ended last; None while it is open."""
    result: str | None = None
    ending: str | None = None
    answers: int = 0
    """How many answers of units there were."""
    reopened: int = 0
    reopened_by_complainant: int = 0
    asked_complainant: bool = False
    """A unit waits for the complainant's supplement."""
    appealed: int = 0
    """The answer that was appealed last; 0: none."""
    reviewing: bool = False
    """An appeal waits for its decision."""
    satisfaction: str | None = None
    solved: bool | None = None
    rated: int | None = None
    """When the latest answer was rated; None where it was not."""
    leading: str | None = None
    """Id of the case that this one is merged into."""
    repeats: int = 0
    waits: str | None = None
    """What it waits for, as JSON: see `waits.encode`."""


@dataclass(slots=True)
class Folded:
    """Everything that is derived from the facts of one case."""

    row: CaseRow
    words: str
    """Text that is searched: title, text, address, what was added, replies."""
    concerned: frozenset[str]
    """Units that have or had a part in the case; the unit complained about is none by that alone."""
    handlings: list[Handling]
