"""A publication that names a unit: proposed, reviewed by a person of another unit, public, withdrawn.

Nobody reviews what they propose or what names them. Source: S2 (公开道歉), S4 (公开曝光), domain §7: a reviewed step.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from contracts.message import Code, StaffId, UnitId
from services.notify.domain.kept import Kept


class Stage(StrEnum):
    """Where a publication stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """Its day has not come."""
    DECLINED = "declined"
    PUBLIC = "public"
    WITHDRAWN = "withdrawn"


OVER = frozenset({Stage.DECLINED, Stage.WITHDRAWN})
"""Nothing follows any more."""


class Publication(Kept):
    """One text in two languages, with what became of it."""

    kind: Literal["publication"] = "publication"
    by: UnitId
    """Who proposed it."""
    reference: str
    what: Code
    about: UnitId | None = None
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    reviewer: UnitId
    stage: Stage = Stage.PROPOSED
    proposed_at: datetime
    proposed_by: StaffId | None = None
    """None: a measure put it up."""
    reviewed_at: datetime | None = None
    reviewed_by: StaffId | None = None
    review: str | None = None
    """Why it was approved or declined."""
    public_at: datetime | None = None
    """From when on it may be public."""
    public_since: datetime | None = None
    """Set while it is public, and only then."""
    withdrawn_at: datetime | None = None
    withdrawn_by: UnitId | None = None
    withdrawal: str | None = None
    concerns: tuple[UnitId, ...]
    """Who proposed it and who reviews it: by these it is found."""

    @property
    def filed(self) -> tuple[str, ...]:
        """That it is public; whom it concerns."""
        public = () if self.public_since is None else ("public",)
        return (*public, *(f"concerns/{unit}" for unit in dict.fromkeys(self.concerns)))

    @property
    def words(self) -> dict[str, str]:
        """What is read."""
        return {name: getattr(self, name) for name in ("title_zh", "title_en", "text_zh", "text_en")}
