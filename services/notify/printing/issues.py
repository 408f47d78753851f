"""The pages of an issue of a series, whichever series it is."""

from __future__ import annotations

from datetime import datetime

from contracts.codes import Language
from services.notify.printing.bulletin import bulletin, series_number
from services.notify.printing.digest import daily_digest, weekly_digest
from services.notify.printing.figures import Figures, Issuer
from services.notify.printing.sheet import Sheet


def issue_sheet(
    series: str, figures: Figures, issuer: Issuer, *, name: str, number: str, nth: int, issued_at: datetime
) -> Sheet:
    """Under the name of the series, with the number as the place writes it; in English as English has it."""
    match series:
        case "daily":
            sheet = daily_digest(figures, issuer, issued_at=issued_at)
        case "weekly":
            sheet = weekly_digest(figures, issuer, issued_at=issued_at)
        case _:
            sheet = bulletin(figures, issuer, nth=nth, issued_at=issued_at)
    shown = number if issuer.language is Language.CHINESE else series_number(figures.last_day.year, nth, issuer)
    return Sheet.model_validate(dict(sheet) | {"title": name, "number": shown})
