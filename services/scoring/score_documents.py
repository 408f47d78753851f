"""Scores as they are told over HTTP and printed: with two decimals, and with what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.comparing import Difference
from services.scoring.domain.scores.counting import RATES, Rate, RateRule, Tally, shown
from services.scoring.domain.scores.items import ITEM_RATES, ItemRate, ItemTally
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.domain.scores.scorecard import Scorecard, ScoreLine
from services.scoring.item_documents import AddedItem, added_item
from services.scoring.score_views import MadeOf, Result


class Document(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Entry(Document):
    """What a body has entered."""

    assessor: str
    reference: str
    points: Decimal
    basis: str
    counts: bool
    """False for a bonus that nobody has approved yet."""


class Line(Document):
    """A part of a score."""

    id: str
    does: str
    """``component``, ``deduction``, ``bonus`` or ``veto``."""
    zh: str
    en: str
    value: Decimal | None
    weight: int
    """Percent, of a component."""
    adds: Decimal | None
    """To the score."""
    numerator: int | None
    denominator: int | None
    small_sample: bool
    entries: list[Entry]


class Follows(Document):
    """What is proposed for the first or the last of a group."""

    id: str
    zh: str
    en: str
    basis: str


class Card(Document):
    """The score of a unit."""

    unit: str
    zh: str
    en: str
    total: Decimal | None
    """None as long as a component is missing."""
    band: str | None
    rank: int | None
    """None where the place ranks nobody, and where it would be chance."""
    award: str
    small_sample: bool
    missing: list[str]
    vetoed: list[str]
    consequences: list[Follows]
    lines: list[Line]


class PeerGroup(Document):
    """Units that are compared with each other, the best first."""

    id: str
    zh: str
    en: str
    cards: list[Card]


class BandName(Document):
    """What a band is called."""

    id: str
    zh: str
    en: str


class Scores(Document):
    """The scores of a period."""

    period: str
    policy: str
    """Version of the tables by which they were made."""
    grading: str
    """``bands``, or ``ranking`` where units are ranked, too."""
    bands: list[BandName]
    """The best first."""
    groups: list[PeerGroup]


class Share(Document):
    """A rate."""

    zh: str
    en: str
    numerator: int
    denominator: int
    value: Decimal | None
    """In percent, or points."""
    small_sample: bool


class Numbers(Document):
    """Numbers of cases and rates of one unit, channel …"""

    of: str
    """Its code."""
    zh: str
    en: str
    counts: dict[str, int]
    rates: dict[str, Share]


class NumbersTable(Document):
    """Numbers by a dimension."""

    period: str
    policy: str
    by: str
    rows: list[Numbers]


class UnitScore(Document):
    """Everything about one unit."""

    period: str
    policy: str
    card: Card | None
    """None for a unit that is compared with nobody."""
    numbers: Numbers


class Added(Document):
    """A handling of a case, and what it adds to a number."""

    case_id: str
    answer: int
    unit: str
    at: datetime | None
    adds: int
    events: list[str]
    """CloudEvents ids on `scoring.events`."""


class Opened(Document):
    """What a number is made of."""

    period: str
    policy: str
    unit: str
    number: str
    zh: str
    en: str
    numerator: int
    denominator: int
    value: Decimal | None
    addends: list[Added]
    """Some of them, by case; all are counted above."""
    items: list[AddedItem]
    """The same of a number of items, by system and reference."""
    more: bool
    entries: list[Entry]


class Change(Document):
    """What another policy makes of one unit."""

    unit: str
    totals: tuple[Decimal | None, Decimal | None]
    bands: tuple[str | None, str | None]
    ranks: tuple[int | None, int | None]
    because: list[str]
    """Parts of the score that add something else."""


def scores_document(result: Result, visible: frozenset[str] | None = None) -> Scores:
    """Of all units, or of those that may be seen."""
    policy = result.policy
    return Scores(
        period=str(result.period),
        policy=policy.version,
        grading=policy.table.grading,
        bands=[BandName(id=each.id, zh=each.zh, en=each.en) for each in policy.bands],
        groups=[
            PeerGroup(id=group, zh=policy.groups[group].zh, en=policy.groups[group].en, cards=shown_cards)
            for group, cards in result.cards.items()
            if (shown_cards := [card_of(each, policy) for each in cards if visible is None or each.unit.id in visible])
        ],
    )


def card_of(card: Scorecard, policy: ScorePolicy) -> Card:
    """As it is told."""
    follows = {each.id: each for each in policy.consequences}
    return Card(
        unit=card.unit.id,
        zh=card.unit.zh,
        en=card.unit.en,
        total=shown(card.total),
        band=card.band,
        rank=card.rank,
        award=card.award,
        small_sample=card.small_sample,
        missing=list(card.missing),
        vetoed=list(card.vetoed),
        consequences=[
            Follows(id=each, zh=follows[each].zh, en=follows[each].en, basis=follows[each].basis)
            for each in card.consequences
        ],
        lines=[_line(line) for line in card.lines],
    )


def _line(line: ScoreLine) -> Line:
    return Line(
        id=line.id,
        does=line.does,
        zh=line.zh,
        en=line.en,
        value=shown(line.value),
        weight=line.weight,
        adds=shown(line.adds) if line.value is not None else None,
        numerator=line.numerator,
        denominator=line.denominator,
        small_sample=line.small_sample,
        entries=[entry_of(each) for each in line.entries],
    )


def entry_of(entry: Assessment) -> Entry:
    """As it is told."""
    return Entry(
        assessor=entry.assessor,
        reference=entry.reference,
        points=entry.points,
        basis=entry.basis,
        counts=entry.counts,
    )


def numbers_of(by: str, code: str, tally: Tally, policy: ScorePolicy) -> Numbers:
    """Numbers of one code of a dimension, with its names."""
    return Numbers(
        of=code,
        zh=policy.names.name(by, code, "zh"),
        en=policy.names.name(by, code, "en"),
        counts=dict(tally.counts),
        rates={each: _share(rule, tally.rates[each], policy) for each, rule in RATES.items()},
    )


def _share(rule: RateRule | ItemRate, rate: Rate, policy: ScorePolicy) -> Share:
    return Share(
        zh=rule.zh,
        en=rule.en,
        numerator=rate.numerator,
        denominator=rate.denominator,
        value=shown(rate.value(rule.scale)),
        small_sample=policy.is_small(rate),
    )


def opened(
    found: MadeOf,
    offset: int,
    most: int,
    events: Mapping[tuple[str, int], list[str]],
    of_items: Mapping[str, list[str]],
) -> Opened:
    """As it is told, with some of its addends."""
    adds = [*(each.adds for each in found.addends), *(each.adds for each in found.items)]
    rate = Rate(sum(adds), len(adds))
    return Opened(
        period=str(found.period),
        policy=found.policy,
        unit=found.unit,
        number=found.number,
        zh=found.zh,
        en=found.en,
        numerator=rate.numerator,
        denominator=rate.denominator,
        value=None if found.scale is None else shown(rate.value(found.scale)),
        addends=[
            Added(
                case_id=each.case_id,
                answer=each.answer,
                unit=each.unit,
                at=each.at,
                adds=each.adds,
                events=events.get((each.case_id, each.answer), []),
            )
            for each in found.addends[offset : offset + most]
        ],
        items=[added_item(each, of_items) for each in found.items[offset : offset + most]],
        more=len(adds) > offset + most,
        entries=[entry_of(each) for each in found.entries],
    )


def item_numbers_of(by: str, code: str, tally: ItemTally, policy: ScorePolicy) -> Numbers:
    """Numbers of items of one code of a dimension, with its names."""
    return Numbers(
        of=code,
        zh=policy.names.name(by, code, "zh"),
        en=policy.names.name(by, code, "en"),
        counts=dict(tally.counts),
        rates={each: _share(rule, tally.rates[each], policy) for each, rule in ITEM_RATES.items()},
    )


def change_of(difference: Difference) -> Change:
    """As it is told."""
    return Change(
        unit=difference.unit,
        totals=(shown(difference.totals[0]), shown(difference.totals[1])),
        bands=difference.bands,
        ranks=difference.ranks,
        because=list(difference.because),
    )
