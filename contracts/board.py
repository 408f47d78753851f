"""What everybody may read: the rolling screen (大屏, S0) and reviewed publications, on `board.events`.

Of a case never its words, its place below an area, or anything of who brought it; of a confidential case, and of one
that is still examined, nothing at all. What was released before a reader came is at `GET /v1/board` and
`GET /v1/publications`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID, uuid5

from pydantic import Field

from contracts.codes import Satisfaction
from contracts.instants import AwareDatetime
from contracts.message import ChannelId, Code, Fact, UnitId
from contracts.publicity import Reference, publication_key

EntryId = Annotated[str, Field(max_length=36, description="UUID of the line: made from the case id, which it hides")]


def entry_id_for(case_id: str) -> str:
    """The line of a case on the screen."""
    return str(uuid5(UUID(case_id), "board"))


class BoardEntryPosted(Fact):
    """Where a case stands, for everybody: a line of the screen, which takes the place of the line it had before."""

    TYPE: ClassVar[str] = "cn.xiaoneng.board.entry-posted.v1"
    TOPIC: ClassVar[str] = "board.events"

    entry_id: EntryId
    occurred_at: AwareDatetime
    stage: Code
    """``registered``, ``assigned``, ``answered`` or ``rated``."""
    number: Annotated[str, Field(max_length=40)]
    """Of the case, its last digits masked; the letters of its centre, too, where they would tell more than `area`."""
    channel: ChannelId
    category: Code
    area: Code | None = None
    """Of the matter, or of an area around it where too few cases come from that; None: somewhere in the place."""
    unit: UnitId | None = None
    """Who handles it, or a unit above where that would tell more than `area`; None: nobody yet, or none may be told."""
    registered_on: date
    days: Annotated[int, Field(ge=0)]
    """Calendar days since."""
    result: Code | None = None
    """Of the answer: a `HandlingResult`, or an `Ending`."""
    satisfaction: Satisfaction | None = None

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return self.entry_id


class PublicFact(Fact):
    """About a publication, for everybody."""

    by: UnitId
    """Who proposed it."""
    reference: Reference
    occurred_at: AwareDatetime

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return publication_key(self.by, self.reference)


class PublicationReleased(PublicFact):
    """It was reviewed, and is public from now on."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.released.v1"
    TOPIC: ClassVar[str] = "board.events"

    what: Code
    """``apology``, ``exposure``, ``commendation`` or ``bulletin``."""
    about: UnitId | None = None
    """The unit that is named in it."""
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


class PublicationWithdrawn(PublicFact):
    """It is not public any more: whoever shows it takes it down."""

    TYPE: ClassVar[str] = "cn.xiaoneng.publication.withdrawn.v1"
    TOPIC: ClassVar[str] = "board.events"
