"""The bulletin (效能监察通报): numbered, every seven days. Source: S1¶6; the series S4, S1¶4 (编发简报, 督查通报)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.notify.printing.figures import Figures, Issuer
from services.notify.printing.parts import (
    category_table,
    channel_table,
    day_chart,
    key_table,
    overdue_table,
    overview,
    satisfaction,
    unit_chart,
    unit_table,
)
from services.notify.printing.sheet import Block, Heading, Paragraph, Sheet

_NUMERALS = "一二三四五六七八九"


def series_number(year: int, nth: int, issuer: Issuer) -> str:
    """〔2026〕第7期: the seventh of that year."""
    return issuer.says(f"〔{year}〕第{nth}期", f"No. {nth} of {year}")


def bulletin(figures: Figures, issuer: Issuer, *, nth: int, issued_at: datetime) -> Sheet:
    """The nth of the year in which it is issued."""
    day = issued_at.astimezone(issuer.zone).date()
    return Sheet(
        language=issuer.language,
        title=issuer.says("机关效能通报", "Efficiency Bulletin"),
        number=series_number(day.year, nth, issuer),
        issuer=issuer.name,
        dateline=issuer.day(day),
        red_head=True,
        blocks=tuple(_numbered(_parts(figures, issuer), issuer)),
        footer=issuer.says(
            f"统计期间：{issuer.period(figures.first_day, figures.last_day)}",
            f"Period: {issuer.period(figures.first_day, figures.last_day)}",
        ),
        issued_at=issued_at,
    )


def _numbered(parts: Iterator[tuple[str, tuple[Block, ...]]], issuer: Issuer) -> Iterator[Block]:
    for n, (title, blocks) in enumerate(parts):
        yield Heading(text=issuer.says(f"{_NUMERALS[n]}、{title}", f"{n + 1}. {title}"))
        yield from blocks


def _parts(figures: Figures, issuer: Issuer) -> Iterator[tuple[str, tuple[Block, ...]]]:
    days: tuple[Block, ...] = (day_chart(figures, issuer),) if figures.days else ()
    yield issuer.says("总体情况", "The period"), (overview(figures, issuer), key_table(figures, issuer), *days)
    if figures.units:
        units = (unit_table(figures, issuer), unit_chart(figures, issuer))
        yield issuer.says("各单位办理情况", "Units"), units
    if figures.categories:
        yield issuer.says("诉求类别", "Categories"), (category_table(figures, issuer),)
    if figures.channels:
        yield issuer.says("受理渠道", "Channels"), (channel_table(figures, issuer),)
    yield issuer.says("满意度评价", "Satisfaction"), (satisfaction(figures, issuer),)
    yield issuer.says("超期事项", "Overdue cases"), overdue_blocks(figures, issuer)


def overdue_blocks(figures: Figures, issuer: Issuer) -> tuple[Block, ...]:
    """The overdue cases and what is expected, with a word where not all are listed; or that there are none."""
    if not figures.overdue_cases:
        return (Paragraph(text=issuer.says("截至期末，无超期事项。", "No case is overdue at the end of the period.")),)
    listed, more = len(figures.overdue_cases), figures.overdue - len(figures.overdue_cases)
    longest = (
        Paragraph(
            text=issuer.says(f"仅列超期最久的{listed}件。", f"Listed are the {listed} that are late the longest.")
        ),
    )
    return (
        Paragraph(
            text=issuer.says(
                "下列事项已超过办结期限，请承办单位抓紧办理，并向诉求人说明原因、承诺办结时间。",
                "The limits of the following cases are over. Their units are asked to close them, and to tell the "
                "complainants why they are late and when they will be answered.",
            )
        ),
        *(longest if more > 0 else ()),
        overdue_table(figures.overdue_cases, issuer),
    )
