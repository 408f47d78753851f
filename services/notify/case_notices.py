"""The notices to the complainant of a case, as units may see them: without words, contact and receipt."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.notify.domain.case import Case
from services.notify.domain.notice import Notice, NoticeStatus
from services.notify.domain.telling import name_of


class CaseNotice(BaseModel):
    """A notice to the complainant of a case: what, when and by which way, without words and address."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    what: str
    """Such as ``acknowledgement``, ``answer`` or ``extended``."""
    owed_at: datetime
    status: NoticeStatus
    way: str
    """By which it was delivered, or is being delivered."""
    attempts: int
    """By that way."""


class CaseNotices(BaseModel):
    """The notices to the complainant of a case, the first first."""

    notices: list[CaseNotice]


def case_notices(case: Case) -> CaseNotices:
    """Those of a case, in the order in which they became due."""
    return CaseNotices(notices=[_of_case(case, each) for each in case.notices])


def _of_case(case: Case, notice: Notice) -> CaseNotice:
    return CaseNotice(
        id=notice.id,
        what=name_of(case, notice),
        owed_at=notice.owed_at,
        status=notice.status,
        way=notice.way,
        attempts=notice.attempts,
    )
