"""What the overview of a unit's cases answers."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class _Document(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class AgeBand(_Document):
    """A span of ages in calendar days since receipt, with the days of receipt by which a search finds the same."""

    from_days: int
    to_days: int | None = None
    """Included; absent in the last band."""
    received_from: date | None = None
    """Absent in the last band."""
    received_to: date


class StageCount(_Document):
    """Open cases in one stage."""

    stage: str
    """One of the stages in docs/search.md."""
    open: int = 0
    overdue: int = 0
    by_age: list[int]
    """Of each of `ages`."""


class AreaCount(_Document):
    """Open cases of one area, without those of areas in it."""

    of: str
    zh: str
    en: str
    open: int = 0
    overdue: int = 0


class OpenCases(_Document):
    """Open cases by stage and age, and by area."""

    open: int = 0
    overdue: int = 0
    """Not paused, and past the limit of the whole case."""
    urgent: int = 0
    ages: list[AgeBand]
    stages: list[StageCount]
    """In the order of a case's life; those with an open case."""
    areas: list[AreaCount]
    """The greatest number first."""
    as_of: datetime | None = None
    """Everything published until then is counted; absent while the index is being built."""


class DueUnit(_Document):
    """Limits of whole cases that one unit answers for and that are not paused."""

    unit: str
    zh: str
    en: str
    overdue: int = 0
    """Ended before now."""
    by_hour: list[int]
    """Between each two of `edges`."""


class DueSoon(_Document):
    """Limits of whole cases that end soon, by unit; the unit with most of them first."""

    edges: list[datetime]
    """Now, then full hours of the place's clock."""
    units: list[DueUnit]
    as_of: datetime | None = None
    """Everything published until then is counted; absent while the index is being built."""


class Workload(_Document):
    """Open cases that one unit answers for, by the limit of the whole case."""

    unit: str
    open: int
    overdue: int
    """Red: the limit has passed, or the red card has fallen."""
    soon: int
    """Yellow: the yellow card has fallen."""
    paused: int
    """The limit does not run at present."""


class Workloads(_Document):
    """A row for the unit and for each below it."""

    units: list[Workload]
    as_of: datetime | None = None
    """Everything published until then is counted; absent while the index is being built."""


class Flow(_Document):
    """What happened in each of the last minutes, the current one last."""

    first: datetime
    """Beginning of the first minute."""
    registered: list[int]
    assigned: list[int]
    """Each assignment counts, also a second one of the same case."""
    answered: list[int]
    as_of: datetime | None = None
    """Everything published until then is counted; absent while the index is being built."""
