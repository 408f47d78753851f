"""What a partner channel publishes: complaints on `complaints.<channel>`, ratings on `feedback.<channel>`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.codes import AppealType, Channel, Language, ReplyBy, Satisfaction
from contracts.message import Code, Command, Message, UnitId, case_id_for

MAX_TITLE = 200
"""Characters of a title that are accepted."""
MAX_TEXT = 10_000
"""Characters of a complaint's text that are accepted; more is refused by name, never cut."""


class Contact(BaseModel):
    """Who the complainant is and how they chose to be answered. Sealed by intake; nobody but notify reads it."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    name: Annotated[str, Field(max_length=100)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    reply_by: ReplyBy = ReplyBy.CHANNEL
    language: Language = Language.CHINESE


class SubmitComplaint(Message):
    """A citizen spoke, and the channel passes it on.

    The same channel and external id is the same complaint, however often it is sent. Values that a city configures
    (`area`, `category`) and lengths are judged by intake, which refuses with a reason, not by this model.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.complaint.submit.v1"
    TOPIC: ClassVar[str] = "complaints.{channel}"

    channel: Channel
    external_id: Annotated[str, Field(min_length=1, max_length=120)]
    """The channel's own reference; no personal data in it."""
    received_at: AwareDatetime
    """When the citizen spoke; day 0 of every limit."""
    appeal: AppealType
    category: Code
    """The kind of matter, from the city's catalogue."""
    area: Code
    """Where it is, from the city's list of areas."""
    title: str = ""
    text: str
    about: UnitId | None = None
    """The unit complained about; the case is never routed to it."""
    urgent: bool = False
    contact: Contact | None = None
    """Absent when the complainant stays anonymous: the channel then carries the answer."""

    @property
    def case_id(self) -> str:
        """The case this submission is, or becomes."""
        return case_id_for(self.channel, self.external_id)

    @property
    def key(self) -> str:
        return self.case_id

    @property
    def time(self) -> datetime:
        return self.received_at


class RateCase(Command):
    """The person served says how it went. Source: S2, rated per case, at once."""

    TYPE: ClassVar[str] = "cn.xiaoneng.case.rate.v1"
    TOPIC: ClassVar[str] = "feedback.{channel}"

    channel: Channel
    satisfaction: Satisfaction
    solved: bool
