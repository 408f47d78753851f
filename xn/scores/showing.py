"""Tables of scores for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from rich.markup import escape
from rich.table import Table

from services.scoring.domain.scores.comparing import Difference
from services.scoring.domain.scores.counting import COUNTS, RATES, Tally, shown
from services.scoring.domain.scores.items import ITEM_COUNTS, ITEM_RATES, ItemTally
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.domain.scores.scorecard import Scorecard
from services.scoring.score_views import MadeOf, Result

COUNTED = ("received", "closed", "carried-out", "unrated")
RATED = ("response", "on-time", "resolution", "satisfaction")


def score_tables(result: Result) -> Iterator[Table]:
    """One table for each peer group."""
    policy = result.policy
    bands = {band.id: band for band in policy.bands}
    for group, cards in result.cards.items():
        named = policy.groups[group]
        parts = [each.id for each in policy.table.component if named.weights.get(each.id)]
        names = {each.id: each.zh for each in policy.table.component}
        table = Table(title=f"{result.period} · {named.zh} {named.en}", title_justify="left")
        for head in ("单位 unit", "得分 score", "等次 band", "名次 rank"):
            table.add_column(head)
        for part in parts:
            table.add_column(f"{names[part]} {named.weights[part]}%", justify="right")
        table.add_column("")
        for card in cards:
            band = bands[card.band].zh if card.band is not None else ""
            lines = {line.id: line for line in card.lines}
            values = [_number(lines[part].value) + ("*" if lines[part].small_sample else "") for part in parts]
            rank = str(card.rank or "")
            table.add_row(escape(card.unit.zh), _number(card.total), band, rank, *values, escape(_remarks(card)))
        yield table


def _remarks(card: Scorecard) -> str:
    """What else there is to say; a star stands at whatever rests on too few."""
    others = [f"{line.zh} {_number(line.adds)}" for line in card.lines if line.does in {"deduction", "bonus"}]
    missing = [f"缺 {', '.join(card.missing)}"] if card.missing else []
    award = {"yes": ["评优"], "tied": ["评优并列，待定"]}.get(card.award, [])
    return "；".join([*others, *missing, *(f"一票否决 {each}" for each in card.vetoed), *award, *card.consequences])


def numbers_table(found: Mapping[str, Tally], by: str, policy: ScorePolicy) -> Table:
    """Counts and the rates most asked for, by the names of what is counted in Chinese and English."""
    table = Table(by, "名称", "name", *(COUNTS[name].zh for name in COUNTED), *(RATES[name].zh for name in RATED))
    for name, tally in found.items():
        rates = [_number(tally.rates[each].value(RATES[each].scale)) for each in RATED]
        table.add_row(*_called(name, by, policy), *(str(tally.counts[each]) for each in COUNTED), *rates)
    return table


def _called(code: str, by: str, policy: ScorePolicy) -> Iterator[str]:
    """A code and its names."""
    yield escape(code)
    for language in ("zh", "en"):
        yield escape(policy.names.name(by, code, language))


def items_table(found: Mapping[str, ItemTally], by: str, policy: ScorePolicy) -> Table:
    """Every count and rate of watched items."""
    heads = [*(each.zh for each in ITEM_COUNTS.values()), *(each.zh for each in ITEM_RATES.values())]
    table = Table(by, "名称", "name", *heads, title="电子监察 watched items", title_justify="left")
    for name, tally in found.items():
        rates = [_number(tally.rates[each].value()) for each in ITEM_RATES]
        table.add_row(*_called(name, by, policy), *(str(tally.counts[each]) for each in ITEM_COUNTS), *rates)
    return table


def made_of_items_table(found: MadeOf, events: Mapping[str, Sequence[str]]) -> Table:
    """Each item behind a number with its events; the sum in the title."""
    total, count = sum(each.adds for each in found.items), len(found.items)
    value = "" if found.scale is None else f" = {_number(Fraction(total * found.scale, count))}"
    title = f"{found.unit} · {found.zh} {found.en} · {found.period}: {total} / {count}{value}"
    table = Table("系统 system", "编号 reference", "办结 ended", "红牌 red", "计 adds", "事件 events", title=title)
    for each in found.items:
        ended, red = (at.isoformat(" ", "minutes") if at else "" for at in (each.item.ended_at, each.item.red_at))
        said = "\n".join(events.get(each.item.key, ()))
        table.add_row(each.item.system, escape(each.item.external_id), ended, red, str(each.adds), said)
    return table


def made_of_table(found: MadeOf, events: Mapping[tuple[str, int], Sequence[str]]) -> Table:
    """Each addend with its events, or each entry of a body; the sum in the title."""
    title = f"{found.unit} · {found.zh} {found.en} · {found.period}"
    if found.entries:
        table = Table("评定单位 body", "编号 reference", "分 points", "计入 counts", "依据 basis", title=title)
        for entry in found.entries:
            counts = "yes" if entry.counts else "no"
            table.add_row(entry.assessor, escape(entry.reference), str(entry.points), counts, escape(entry.basis))
        return table
    total, count = sum(each.adds for each in found.addends), len(found.addends)
    value = "" if found.scale is None or not count else f" = {_number(Fraction(total * found.scale, count))}"
    table = Table(
        "案件 case", "次 answer", "办结 ended", "计 adds", "事件 events", title=f"{title}: {total} / {count}{value}"
    )
    for each in found.addends:
        ended = each.at.isoformat(" ", "minutes") if each.at else ""
        said = "\n".join(events.get((each.case_id, each.answer), ()))
        table.add_row(each.case_id, str(each.answer), ended, str(each.adds), said)
    return table


def difference_table(found: Sequence[Difference], versions: tuple[str, str]) -> Table:
    """Units whose score, band or rank is another."""
    table = Table("单位 unit", "得分 score", "等次 band", "名次 rank", "因 because of", title=" → ".join(versions))
    for each in found:
        totals, bands, ranks = (
            " → ".join(str("–" if value is None else value) for value in pair)
            for pair in ((shown(each.totals[0]), shown(each.totals[1])), each.bands, each.ranks)
        )
        table.add_row(each.unit, totals, bands, ranks, ", ".join(each.because))
    if not found:
        table.caption = "没有差别 · no difference"
    return table


def _number(value: Fraction | None) -> str:
    told: Decimal | None = shown(value)
    return "–" if told is None else str(told)
