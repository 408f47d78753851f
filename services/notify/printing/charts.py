"""Charts as SVG, the same for the screen and for paper. Letters are outlines: no reader needs the font."""

from __future__ import annotations

import re
from io import StringIO
from itertools import count
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ticker import MaxNLocator
from pylopdf_fonts_zh_cn import sans_path

from services.notify.printing.marks import MISSING
from services.notify.printing.sheet import Chart, Series, Tone

COLOURS: dict[Tone, str] = {"main": "#1f4e79", "second": "#c08a1e", "alarm": "#b3261e"}
"""Apart in print without colour, too."""
WIDTH_INCHES = 6.3
"""Of the text on A4."""
_GREY = "#5f6368"
_MARKERS: dict[Tone, str] = {"main": "o", "second": "s", "alarm": "D"}
_INK: Any = {"svg.fonttype": "path", "svg.hashsalt": "xiaoneng", "axes.unicode_minus": False, "path.simplify": False}
_STYLE = re.compile(r" <defs>\s*<style.*?</style>\s*</defs>\n", re.DOTALL)
"""Would hold for the whole document that the element stands in."""
_PAINT = '<svg fill="#202124" stroke="none" '
"""Said aloud, since not every reader begins with the defaults of SVG."""
_NO_METADATA: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def svg_of(chart: Chart, prefix: str) -> str:
    """An `<svg>` element; the same chart gives the same text, whatever the settings of this machine.

    No id in it is used with another prefix.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_INK)
        figure = Figure(figsize=(WIDTH_INCHES, height_inches(chart)), layout="constrained")
        axes = figure.subplots()
        _bars(axes, chart) if chart.form == "bar" else _lines(axes, chart)
        _dress(axes, chart)
        out = StringIO()
        figure.savefig(out, format="svg", metadata=_NO_METADATA, transparent=True)
    return _element(out.getvalue(), prefix)


def height_inches(chart: Chart) -> float:
    """How high a chart is."""
    if chart.form == "line":
        return 2.5
    return 0.75 + len(chart.labels) * (0.14 + 0.16 * len(chart.series))


def _font(size: float) -> FontProperties:
    return FontProperties(fname=str(sans_path()), size=size)


def _bars(axes: Axes, chart: Chart) -> None:
    thickness = 0.8 / len(chart.series)
    for n, series in enumerate(chart.series):
        at = [i + (n - (len(chart.series) - 1) / 2) * thickness for i in range(len(chart.labels))]
        bars = axes.barh(at, series.values, thickness * 0.9, color=COLOURS[series.tone], label=_inert(series.name))
        axes.bar_label(bars, [f"{value:g}" for value in series.values], padding=2, fontproperties=_font(7.5))
    axes.set_yticks(range(len(chart.labels)), [_inert(_short(label, 14)) for label in chart.labels])
    axes.invert_yaxis()
    axes.margins(x=0.08, y=0.02)
    axes.set_xlim(left=0, right=None if _top(chart.series) > 0 else 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.grid(visible=True, axis="x", color="#e3e6ea", linewidth=0.6)
    axes.tick_params(axis="y", length=0)


def _lines(axes: Axes, chart: Chart) -> None:
    at = list(range(len(chart.labels)))
    for series in chart.series:
        marker, colour = _MARKERS[series.tone], COLOURS[series.tone]
        axes.plot(
            at, series.values, color=colour, marker=marker, markersize=4, linewidth=1.5, label=_inert(series.name)
        )
        for x, value in zip(at, series.values, strict=True) if len(at) <= 10 else ():
            above = value >= max(each.values[x] for each in chart.series)
            axes.annotate(
                f"{value:g}",
                (x, value),
                (0, 5 if above else -11),
                textcoords="offset points",
                ha="center",
                color=colour,
                fontproperties=_font(7.5),
            )
    step = -(-len(at) // 12)
    axes.set_xticks(at[::step], [_inert(_short(label, 10)) for label in chart.labels[::step]])
    top = max(1.0, _top(chart.series))
    axes.set_ylim(bottom=-0.12 * top if len(chart.series) > 1 else 0, top=1.18 * top)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, axis="y", color="#e3e6ea", linewidth=0.6)


def _dress(axes: Axes, chart: Chart) -> None:
    """What every chart has: its title, small grey scales, and a legend where there are several series."""
    axes.set_axisbelow(True)
    axes.set_title(_inert(chart.title), fontproperties=_font(10.5), loc="left", pad=8)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(_font(8))
    axes.tick_params(colors=_GREY, labelcolor="#202124")
    for spine in axes.spines.values():
        spine.set_edgecolor(_GREY)
    if len(chart.series) > 1:
        axes.legend(prop=_font(8), frameon=False, ncols=len(chart.series), loc="lower right", bbox_to_anchor=(1.0, 1.0))


def _top(series: tuple[Series, ...]) -> float:
    return max((value for each in series for value in each.values), default=0.0)


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _inert(text: str) -> str:
    """Never a formula, whatever a unit is called; one line, of characters that the font has."""
    font = get_font(str(sans_path()))
    shown = (c if font.get_char_index(ord(c)) else MISSING for c in text.replace("\n", " "))
    return "".join(shown).replace("$", r"\$")


def _element(document: str, prefix: str) -> str:
    """The element alone, with ids of its own."""
    svg = _STYLE.sub("", document[document.index("<svg") :].strip()).replace("<svg ", _PAINT, 1)
    names: dict[str, str] = {}
    numbers = count(1)

    def named(match: re.Match[str]) -> str:
        name = names.setdefault(match[2], f"{prefix}{next(numbers)}" if match[2] not in names else "")
        return f"{match[1]}{name}{match[3]}"

    return re.sub(r'(\bid="|href="#|url\(#)([^")]+)("|\))', named, svg)
