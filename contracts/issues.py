"""What notify says of its series (日报、周报、简报) on `notices.events`; keyed by the issue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.instants import AwareDatetime
from contracts.message import Code, Fact

IssueId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    Field(description="UUIDv5 of series and last day, lower case"),
]


class IssuePages(BaseModel):
    """The pages of an issue in one language."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    language: Code
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the PDF: whoever holds the file can tell that it is the one that was issued."""


class IssuePublished(Fact):
    """An issue of a series is printed and goes out. Once per series and last day. Source: S1¶4, S1¶6, S2."""

    TYPE: ClassVar[str] = "cn.xiaoneng.issue.published.v1"
    TOPIC: ClassVar[str] = "notices.events"

    issue_id: IssueId
    occurred_at: AwareDatetime
    series: Code
    """``daily``, ``weekly`` or ``bulletin``."""
    number: Annotated[str, Field(max_length=300)]
    """As it stands on the pages: 〔2026〕第47期."""
    year: Annotated[int, Field(ge=1)]
    """Of its last day."""
    nth: Annotated[int, Field(ge=1)]
    """Which it is in that year."""
    first_day: date
    last_day: date
    """Of the days it tells about, both included."""
    pages: Annotated[tuple[IssuePages, ...], Field(min_length=1)]

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return self.issue_id
