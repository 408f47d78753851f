"""Digests: every day for the leader in charge (分管领导), every week for the mayor. Source: S2, 企政通."""

from __future__ import annotations

from datetime import datetime

from services.notify.printing.bulletin import overdue_blocks
from services.notify.printing.figures import Figures, Issuer
from services.notify.printing.parts import (
    category_table,
    channel_table,
    day_chart,
    key_table,
    overview,
    satisfaction,
    unit_chart,
    unit_table,
)
from services.notify.printing.sheet import Block, Heading, Sheet


def daily_digest(figures: Figures, issuer: Issuer, *, issued_at: datetime) -> Sheet:
    """One day: what came, what is late, and with whom."""
    blocks: list[Block] = [overview(figures, issuer), key_table(figures, issuer)]
    blocks += [Heading(text=issuer.says("超期事项", "Overdue cases")), *overdue_blocks(figures, issuer)]
    if figures.units:
        blocks += [Heading(text=issuer.says("各单位办理情况", "Units")), unit_table(figures, issuer)]
    blocks += _channels(figures, issuer)
    return _digest(issuer.says("群众诉求办理日报", "Daily Digest of Complaints"), blocks, figures, issuer, issued_at)


def weekly_digest(figures: Figures, issuer: Issuer, *, issued_at: datetime) -> Sheet:
    """One week: the course of it, the units, what it was about, and how it was rated."""
    blocks: list[Block] = [overview(figures, issuer), key_table(figures, issuer)]
    if figures.days:
        blocks.append(day_chart(figures, issuer))
    if figures.units:
        blocks += [Heading(text=issuer.says("各单位办理情况", "Units")), unit_table(figures, issuer)]
        blocks.append(unit_chart(figures, issuer))
    if figures.categories:
        blocks += [Heading(text=issuer.says("诉求类别", "Categories")), category_table(figures, issuer)]
    blocks += _channels(figures, issuer)
    blocks += [Heading(text=issuer.says("满意度评价", "Satisfaction")), satisfaction(figures, issuer)]
    blocks += [Heading(text=issuer.says("超期事项", "Overdue cases")), *overdue_blocks(figures, issuer)]
    return _digest(issuer.says("群众诉求办理周报", "Weekly Digest of Complaints"), blocks, figures, issuer, issued_at)


def _channels(figures: Figures, issuer: Issuer) -> list[Block]:
    if not figures.channels:
        return []
    return [Heading(text=issuer.says("受理渠道", "Channels")), channel_table(figures, issuer)]


def _digest(title: str, blocks: list[Block], figures: Figures, issuer: Issuer, issued_at: datetime) -> Sheet:
    return Sheet(
        language=issuer.language,
        title=title,
        number=issuer.period(figures.first_day, figures.last_day),
        issuer=issuer.name,
        dateline=issuer.day(issued_at.astimezone(issuer.zone).date()),
        blocks=tuple(blocks),
        footer=title,
        issued_at=issued_at,
    )
