"""What digests and bulletins are made of: figures told in a table, a sentence or a picture."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.codes import Satisfaction
from services.notify.printing.figures import Figures, Issuer, OverdueCase, Totals
from services.notify.printing.sheet import Chart, Column, Paragraph, Series, Table

GRADES = {
    Satisfaction.VERY_SATISFIED: ("很满意", "very satisfied"),
    Satisfaction.SATISFIED: ("满意", "satisfied"),
    Satisfaction.FAIRLY_SATISFIED: ("基本满意", "fairly satisfied"),
    Satisfaction.DISSATISFIED: ("不满意", "dissatisfied"),
    Satisfaction.VERY_DISSATISFIED: ("很不满意", "very dissatisfied"),
}


def overview(figures: Figures, issuer: Issuer) -> Paragraph:
    """The period in one paragraph."""
    period = issuer.period(figures.first_day, figures.last_day)
    closing = "" if figures.closing == "—" else f"，办结率{figures.closing}"
    punctual = "" if figures.punctual == "—" else f"（按期办结{figures.on_time}件，按期办结率{figures.punctual}）"
    return Paragraph(
        text=issuer.says(
            f"{period}，共受理群众诉求{figures.received}件，办结{figures.closed}件{punctual}{closing}；"
            f"期末在办{figures.open}件，其中超期{figures.overdue}件。"
            f"期间发出黄牌{figures.yellow_cards}张、红牌{figures.red_cards}张。",
            f"{period}: {figures.received} complaints were received and {figures.closed} closed, {figures.on_time} of "
            f"them on time. {figures.open} were open at the end, {figures.overdue} of them overdue. "
            f"{figures.yellow_cards} yellow and {figures.red_cards} red cards were issued.",
        )
    )


def key_table(figures: Figures, issuer: Issuer, caption: str = "") -> Table:
    """The figures beside those of the period before, where they are known."""
    before = figures.before
    names = (
        ("受理（件）", "Received"),
        ("办结（件）", "Closed"),
        ("按期办结（件）", "Closed on time"),
        ("期末在办（件）", "Open at the end"),
        ("其中超期（件）", "Overdue"),
        ("办结率", "Closed of all to be handled"),
        ("按期办结率", "On time of those closed"),
    )
    now, then = _values(figures), _values(before) if before else ()
    columns = [Column(title=issuer.says("指标", "Figure"), share=2.2)]
    columns += [Column(title=title, align="right") for title in _periods(before, issuer)]
    rows = tuple(
        (issuer.says(*name), now[n], *((then[n], _change(now[n], then[n])) if before else ()))
        for n, name in enumerate(names)
    )
    return Table(columns=tuple(columns), rows=rows, caption=caption)


def _periods(before: Totals | None, issuer: Issuer) -> tuple[str, ...]:
    now = issuer.says("本期", "This period")
    return (now, issuer.says("上期", "Before"), issuer.says("增减", "Change")) if before else (now,)


def _values(totals: Totals) -> tuple[str, ...]:
    counts = (totals.received, totals.closed, totals.on_time, totals.open, totals.overdue)
    return (*map(str, counts), totals.closing, totals.punctual)


def _change(now: str, then: str) -> str:
    """More or less than before; of rates in percentage points."""
    if "—" in (now, then):
        return "—"
    if now.endswith("%"):
        difference = float(now.rstrip("%")) - float(then.rstrip("%"))
        return _signed(f"{difference:+.2f}") if round(difference, 2) else "0.00"
    return _signed(f"{int(now) - int(then):+d}") if now != then else "0"


def _signed(number: str) -> str:
    return number.replace("-", "−")


def unit_table(figures: Figures, issuer: Issuer, caption: str = "") -> Table:
    """A row for each unit, the busiest first, and all of them together."""
    titles = (
        ("承办单位", "Unit"),
        ("受理", "Received"),
        ("办结", "Closed"),
        ("按期办结率", "On time"),
        ("在办", "Open"),
        ("超期", "Overdue"),
    )
    columns = tuple(
        Column(title=issuer.says(*title), align="right" if n else "left", share=share)
        for n, (title, share) in enumerate(zip(titles, (2.6, 1.0, 1.0, 1.4, 1.0, 1.0), strict=True))
    )
    units = sorted(figures.units, key=lambda each: (-each.received, each.unit))
    rows = [_unit_row(each.unit, each) for each in units]
    whole = Totals(
        received=sum(each.received for each in units),
        closed=sum(each.closed for each in units),
        on_time=sum(each.on_time for each in units),
        open=sum(each.open for each in units),
        overdue=sum(each.overdue for each in units),
    )
    return Table(
        columns=columns, rows=(*rows, _unit_row(issuer.says("合计", "All"), whole)), caption=caption, total=True
    )


def _unit_row(name: str, totals: Totals) -> tuple[str, ...]:
    return (
        name,
        str(totals.received),
        str(totals.closed),
        totals.punctual,
        str(totals.open),
        str(totals.overdue),
    )


def category_table(figures: Figures, issuer: Issuer, caption: str = "") -> Table:
    """A row for each category, the most frequent first."""
    flows = [(each.category, each.received, each.closed) for each in figures.categories]
    return _flow_table(issuer.says("诉求类别", "Category"), flows, figures.received, issuer, caption)


def channel_table(figures: Figures, issuer: Issuer, caption: str = "") -> Table:
    """A row for each channel, the one that brought most first."""
    flows = [(each.channel, each.received, each.closed) for each in figures.channels]
    return _flow_table(issuer.says("受理渠道", "Channel"), flows, figures.received, issuer, caption)


def _flow_table(title: str, flows: Sequence[tuple[str, int, int]], whole: int, issuer: Issuer, caption: str) -> Table:
    """Names with the numbers of cases received and closed, by falling number received, then by name."""
    return Table(
        columns=(
            Column(title=title, share=2.6),
            Column(title=issuer.says("受理", "Received"), align="right"),
            Column(title=issuer.says("办结", "Closed"), align="right"),
            Column(title=issuer.says("占受理量", "Share"), align="right"),
        ),
        rows=tuple(
            (name, str(received), str(closed), _share(received, whole))
            for name, received, closed in sorted(flows, key=lambda each: (-each[1], each[0]))
        ),
        caption=caption,
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def overdue_table(cases: Sequence[OverdueCase], issuer: Issuer, caption: str = "") -> Table:
    """The longest overdue first."""
    rows = tuple(
        (each.number, each.unit, issuer.day(each.due_on), str(each.days))
        for each in sorted(cases, key=lambda each: (each.due_on, each.number))
    )
    return Table(
        columns=(
            Column(title=issuer.says("编号", "Number"), share=2),
            Column(title=issuer.says("承办单位", "Unit"), share=2.2),
            Column(title=issuer.says("办结期限", "Limit"), share=1.6),
            Column(title=issuer.says("超期（天）", "Days over"), align="right", share=1.3),
        ),
        rows=rows,
        caption=caption,
    )


def satisfaction(figures: Figures, issuer: Issuer) -> Paragraph:
    """How it was rated; who did not answer is counted apart (S2)."""
    ratings = figures.ratings
    if not ratings.answered:
        return Paragraph(
            text=issuer.says(
                f"期内尚无满意度评价，未评价{ratings.unanswered}件。",
                f"Nobody has rated yet; {ratings.unanswered} were not answered.",
            )
        )
    zh = "、".join(f"{GRADES[grade][0]}{ratings.grades.get(grade, 0)}件" for grade in GRADES)
    en = ", ".join(f"{GRADES[grade][1]} {ratings.grades.get(grade, 0)}" for grade in GRADES)
    return Paragraph(
        text=issuer.says(
            f"收到满意度评价{ratings.answered}件：{zh}；满意率{ratings.satisfied}。未评价{ratings.unanswered}件，不计入满意率。",
            f"{ratings.answered} ratings: {en}. Satisfied: {ratings.satisfied}. Not answered: {ratings.unanswered}, "
            "not counted.",
        )
    )


def day_chart(figures: Figures, issuer: Issuer) -> Chart:
    """Received and closed, day by day. Raises `pydantic.ValidationError` when there is no day."""
    return Chart(
        form="line",
        title=issuer.says("每日受理与办结（件）", "Received and closed by day"),
        labels=tuple(f"{each.day.month}/{each.day.day}" for each in figures.days),
        series=(
            Series(name=issuer.says("受理", "Received"), values=tuple(float(each.received) for each in figures.days)),
            Series(
                name=issuer.says("办结", "Closed"),
                values=tuple(float(each.closed) for each in figures.days),
                tone="second",
            ),
        ),
    )


def unit_chart(figures: Figures, issuer: Issuer, most: int = 10) -> Chart:
    """Closed and overdue, of the units that closed most. Raises `pydantic.ValidationError` when there is no unit."""
    units = sorted(figures.units, key=lambda each: (-each.closed, -each.overdue, each.unit))[:most]
    return Chart(
        form="bar",
        title=issuer.says("各单位办结与超期（件）", "Closed and overdue by unit"),
        labels=tuple(each.unit for each in units),
        series=(
            Series(name=issuer.says("办结", "Closed"), values=tuple(float(each.closed) for each in units)),
            Series(
                name=issuer.says("超期", "Overdue"), values=tuple(float(each.overdue) for each in units), tone="alarm"
            ),
        ),
    )
