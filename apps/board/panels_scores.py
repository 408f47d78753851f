"""Panels of the scores: three rates by month and by unit, and bands or ranks by the place's policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.board import charts
from apps.board.charts import Series
from apps.board.panels import Cell, Panel, Seen, number, percent, shown_percent
from apps.board.words import RATES, word

_COLOURS = dict(zip(RATES, (charts.BLUE, charts.GREEN, charts.ORANGE), strict=True))
MOST_UNITS = 20


def source_of(month: str) -> str:
    """The name of the answer with the numbers of a month."""
    return f"numbers {month}"


def rates_by_month(seen: Seen) -> Panel:
    """The three rates of all visible units together, by month."""
    title = seen.t("三率：按月", "Three rates by month")
    if absent := seen.absent("months", title, "months", *map(source_of, seen.months)):
        return absent
    by_month = [_together(seen.answers[source_of(month)]["rows"]) for month in seen.months]
    names = [word(RATES, rate, seen.language) for rate in RATES]
    rows = [
        [Cell(month, f"/scores/{month}"), *(_share(*found[rate]) for rate in RATES)]
        for month, found in reversed(list(zip(seen.months, by_month, strict=True)))
    ]
    series = [
        Series(name, [_plotted(percent(*found[rate])) for found in by_month], _COLOURS[rate])
        for name, rate in zip(names, RATES, strict=True)
    ]
    note = seen.t(
        "本单位及下级单位合计；括号内为分子/分母。",
        "The unit and those below it together; numerator and denominator in brackets.",
    )
    return Panel(
        "months", title, [seen.t("月份", "Month"), *names], rows, charts.lines(seen.months, series, percent=True), note
    )


def rates_by_unit(seen: Seen) -> Panel:
    """The three rates of each unit in this month; each opens into the cases it is made of."""
    month = seen.months[-1]
    title = seen.t(f"三率：各单位（{month}）", f"Three rates by unit ({month})")
    if absent := seen.absent("units", title, "month", source_of(month)):
        return absent
    units = [each for each in seen.answers[source_of(month)]["rows"] if each["counts"]["closed"]]
    units.sort(key=lambda each: (-each["counts"]["closed"], each["of"]))
    rows = [
        [
            Cell(seen.named(each), f"/scores/{month}/{each['of']}"),
            number(each["counts"]["closed"], f"/scores/{month}/{each['of']}/closed"),
            *(_rate(each["rates"][rate], f"/scores/{month}/{each['of']}/{rate}") for rate in RATES),
        ]
        for each in units
    ]
    shown = units[:MOST_UNITS]
    series = [
        Series(word(RATES, rate, seen.language), [_value(each["rates"][rate]) for each in shown], _COLOURS[rate])
        for rate in RATES
    ]
    option = charts.bars([seen.named(each) for each in shown], series, stacked=False) if shown else None
    head = [seen.t("单位", "Unit"), seen.t("办结", "Closed"), *(word(RATES, rate, seen.language) for rate in RATES)]
    note = seen.t("* 样本较少，仅供参考。", "* Small sample, for orientation only.")
    return Panel("units", title, head, rows, option, note)


def grades(seen: Seen) -> Panel:
    """Bands by peer group, or ranks where the policy ranks."""
    month = seen.months[-1]
    title = seen.t(f"考核（{month}）", f"Scores ({month})")
    if absent := seen.absent("grades", title, "scores"):
        return absent
    answer = seen.answers["scores"]
    if answer is None:
        return Panel("grades", title, problem=seen.t("本地未设考核办法。", "The place makes no scores."))
    ranked = answer["grading"] == "ranking"
    bands = {each["id"]: seen.named(each) for each in answer["bands"]}
    rows = [
        _graded(seen, month, group, card, None if ranked else bands)
        for group in answer["groups"]
        for card in group["cards"]
    ]
    head = [
        *(seen.t("单位", "Unit"), seen.t("同类组", "Peer group"), seen.t("得分", "Score")),
        seen.t("名次", "Rank") if ranked else seen.t("等次", "Band"),
    ]
    note = seen.t("* 样本较少，不排名次。", "* Small sample, not ranked.") if ranked else ""
    return Panel("grades", title, head, rows, _by_band(seen, answer["groups"], bands), note)


def _graded(
    seen: Seen, month: str, group: Mapping[str, Any], card: Mapping[str, Any], bands: Mapping[str, str] | None
) -> list[Cell]:
    """`bands`: their names; None where units are ranked."""
    total = "–" if card["total"] is None else f"{Decimal(card['total']):.2f}"
    mark = "*" if card["small_sample"] and card["total"] is not None else ""
    grade = card["rank"] if bands is None else bands.get(card["band"])
    unit = str(card["unit"])
    return [
        Cell(seen.named(card), f"/scores/{month}/{unit}"),
        Cell(seen.named(group)),
        Cell(total + mark, number=True),
        Cell("–" if grade is None else str(grade), number=bands is None, tone="bad" if card["vetoed"] else ""),
    ]


def _by_band(seen: Seen, groups: Sequence[Mapping[str, Any]], bands: Mapping[str, str]) -> charts.Option | None:
    """Number of units of each band, by peer group; a policy that ranks has bands, too."""
    present = {card["band"] for group in groups for card in group["cards"]}
    colours = (charts.GREEN, charts.SKY, charts.YELLOW, charts.ORANGE, charts.PURPLE, charts.GREY)
    series = [
        Series(
            name, [sum(card["band"] == id for card in group["cards"]) for group in groups], colours[n % len(colours)]
        )
        for n, (id, name) in enumerate(bands.items())
        if id in present
    ]
    return charts.bars([seen.named(group) for group in groups], series, across=True) if series else None


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    return {
        rate: (
            sum(each["rates"][rate]["numerator"] for each in rows),
            sum(each["rates"][rate]["denominator"] for each in rows),
        )
        for rate in RATES
    }


def _share(numerator: int, denominator: int) -> Cell:
    text = shown_percent(percent(numerator, denominator))
    return Cell(f"{text} ({numerator:,}/{denominator:,})" if denominator else text, number=True)


def _rate(share: Mapping[str, Any], href: str) -> Cell:
    if share["value"] is None:
        return Cell("–", number=True)
    mark = "*" if share["small_sample"] else ""
    return Cell(f"{Decimal(share['value']):.2f}%{mark}", href, number=True)


def _value(share: Mapping[str, Any]) -> float | None:
    return None if share["value"] is None else float(share["value"])


def _plotted(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
