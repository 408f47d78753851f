"""What an issue has counted, in one language, and what a notice about it tells; see `vocabulary`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language
from services.notify.domain.occasion import known_there
from services.notify.domain.series import Edition
from services.notify.printing.figures import Figures, Issuer
from services.notify.printing.parts import overview


class LateCase(BaseModel):
    """An open case whose limit is over, as a notice names it: by what it is about, never by anybody's words."""

    model_config = ConfigDict(frozen=True)

    number: str
    title: str
    unit_name: str
    due_on: date


class Report(BaseModel):
    """Everything that was counted, in one language."""

    model_config = ConfigDict(frozen=True)

    language: Language
    figures: Figures
    late: tuple[LateCase, ...] = ()
    """Those to look at first."""


def facts_of(edition: Edition, report: Report, *, number: str, name: str, to_name: str | None) -> Mapping[str, object]:
    """What the notice of an issue tells; of the issue's own occasion alone."""
    figures = report.figures
    facts: dict[str, object] = {
        "to_name": to_name,
        "received": figures.received,
        "closed": figures.closed,
        "open_cases": figures.open,
        "overdue": figures.overdue,
        "cases": [dict(each) for each in report.late] or None,
        "day": edition.last_day,
        "first_day": edition.first_day,
        "last_day": edition.last_day,
        "on_time_ratio": ratio(figures.punctual),
        "satisfaction_ratio": ratio(figures.ratings.satisfied),
        "series_name": name,
        "issue": edition.nth,
        "year": edition.year,
        "issue_number": number,
        "summary": overview(figures, Issuer(name="", zone=UTC, language=report.language)).text,
    }
    return known_there(edition.series, facts)


def ratio(percent: str) -> str | None:
    """``98.14%`` as ``0.9814``; None of nothing, where there is a dash."""
    return str(Decimal(percent.removesuffix("%")).scaleb(-2)) if percent.endswith("%") else None
