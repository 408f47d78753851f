"""Options of ECharts. Colours are told apart by colour-blind people (Okabe and Ito), and bars by patterns, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

BLUE, ORANGE, GREEN, YELLOW, PURPLE, SKY, GREY = (
    *("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9"),
    "#7a8694",
)
SYMBOLS = ("circle", "triangle", "rect", "diamond", "pin", "arrow")
DASHES = ("solid", "dashed", "dotted", "solid", "dashed", "dotted")
INK, LINE = "#1b2430", "#d5dce4"
Option = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of numbers; None where there is nothing to show."""

    name: str
    values: Sequence[float | None]
    colour: str


def lines(categories: Sequence[str], series: Sequence[Series], *, percent: bool = False, area: bool = False) -> Option:
    """A line for each series, with symbols and dashes of its own."""
    drawn = [
        {
            "type": "line",
            "name": each.name,
            "data": list(each.values),
            "symbol": SYMBOLS[place % len(SYMBOLS)],
            "symbolSize": 7,
            "showSymbol": len(categories) <= 24,
            "lineStyle": {"width": 2.5, "type": DASHES[place % len(DASHES)]},
            **({"areaStyle": {"opacity": 0.08}} if area else {}),
        }
        for place, each in enumerate(series)
    ]
    value = {"type": "value", **({"min": 0, "max": 100} if percent else {"minInterval": 1})}
    value["axisLabel"] = {"color": INK, **({"formatter": "{value}%"} if percent else {})}
    return _option(series, drawn, _names(categories), value)


def bars(categories: Sequence[str], series: Sequence[Series], *, across: bool = False, stacked: bool = True) -> Option:
    """Bars of each category; with `across` they lie, and names are on the left."""
    drawn = [
        {
            "type": "bar",
            "name": each.name,
            "data": list(each.values),
            "barMaxWidth": 28,
            **({"stack": "all"} if stacked else {}),
        }
        for each in series
    ]
    value = {"type": "value", "minInterval": 1, "axisLabel": {"color": INK}}
    names = _names(categories, inverse=across)
    return _option(series, drawn, names, value, across=across, patterns=len(series) > 1)


def _names(categories: Sequence[str], inverse: bool = False) -> dict[str, Any]:
    return {
        "type": "category",
        "data": list(categories),
        "inverse": inverse,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": LINE}},
        "axisLabel": {"color": INK, "hideOverlap": True},
    }


def _option(
    series: Sequence[Series],
    drawn: Sequence[Mapping[str, Any]],
    names: Mapping[str, Any],
    value: Mapping[str, Any],
    *,
    across: bool = False,
    patterns: bool = False,
) -> Option:
    axis: Literal["xAxis", "yAxis"] = "yAxis" if across else "xAxis"
    other = "xAxis" if across else "yAxis"
    split = {"splitLine": {"lineStyle": {"color": LINE}}}
    return {
        "color": [each.colour for each in series],
        "animationDuration": 300,
        "textStyle": {"fontFamily": "inherit", "fontSize": 13, "color": INK},
        "aria": {"enabled": True, "label": {"enabled": False}, "decal": {"show": patterns}},
        "grid": {"left": 8, "right": 20, "top": 40 if len(series) > 1 else 16, "bottom": 8, "containLabel": True},
        "legend": {"show": len(series) > 1, "top": 0, "left": 0, "textStyle": {"color": INK}},
        "tooltip": {
            "trigger": "axis",
            "renderMode": "richText",
            "axisPointer": {"type": "shadow" if across or patterns else "line"},
        },
        axis: dict(names),
        other: {**value, **split},
        "series": [dict(each) for each in drawn],
    }
