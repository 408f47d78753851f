"""What is counted of handlings, and the rates: each a numerator and a denominator, kept as they are.

A rate is shown in percent with two decimals, halves rounded up (`shown`); whatever is compared is compared exactly.
The cases of a period: carried in + received + opened again = closed + carried out. Who is carried over the end of a
year is received once, in the year of receipt, and closed in the year of the answer (S2: 办结 28,260 > 22,746).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from services.scoring.domain.scores.handling import Handling


@dataclass(frozen=True)
class Span:
    """What is asked about: from an instant to before another, by the place's way of counting ratings."""

    start: datetime
    end: datetime
    satisfied: frozenset[str]
    points: Mapping[str, int]
    by_rating: bool = True
    """A rating counts in the period in which it was given; otherwise in that of the answer."""
    signed_in_time: bool = True
    """What a response is; otherwise any answer of a unit, of whatever was closed."""

    def rule(self, rate: str) -> RateRule:
        """How a rate is made here. Raises `KeyError`."""
        return _ANY_ANSWER if rate == "response" and not self.signed_in_time else RATES[rate]

    def rates_of(self, count: str) -> tuple[tuple[str, RateRule], ...]:
        """Names and rules of the rates that are shares of that count."""
        return _RATES_OF[self.signed_in_time][count]

    def has(self, at: datetime | None) -> bool:
        """Whether that instant lies in it."""
        return at is not None and self.start <= at < self.end

    def answered(self, handling: Handling) -> bool:
        """A unit has answered in it."""
        return handling.answered and self.has(handling.ended_at)

    def rated(self, handling: Handling) -> bool:
        """The person served has said how it went, and that counts in it."""
        if handling.rated_at is None:
            return False
        return self.has(handling.rated_at) if self.by_rating else self.answered(handling)


@dataclass(frozen=True)
class Count:
    """A number of cases, each of whoever answered it or answers for it."""

    zh: str
    en: str
    test: Callable[[Span, Handling], bool]


@dataclass(frozen=True)
class RateRule:
    """A rate: what each of so many cases adds."""

    zh: str
    en: str
    of: str
    """The count that it is a share of."""
    adds: Callable[[Span, Handling, str], int]
    """What a case adds to the numerator of a unit."""
    units: Callable[[Handling], tuple[str, ...]] = lambda handling: (handling.unit,)
    """Whose it is, each in its own row; where nothing is asked by unit, it counts once, as for the last of them."""
    scale: int = 100
    """What a numerator like the denominator makes: 100 for a rate, 1 for a mean."""


def _open_at(handling: Handling, instant: datetime) -> bool:
    return handling.started_at < instant and (handling.ended_at is None or handling.ended_at >= instant)


def _called_back(result: str) -> Callable[[Span, Handling], bool]:
    """Whether the call-back ended in the span with that result."""
    return lambda span, each: each.callback == result and span.has(each.called_back_at)


COUNTS: Mapping[str, Count] = {
    "carried-in": Count("上期结转", "carried in", lambda span, each: _open_at(each, span.start)),
    "received": Count("受理", "received", lambda span, each: each.answer == 1 and span.has(each.started_at)),
    "reopened": Count("重办", "opened again", lambda span, each: each.answer > 1 and span.has(each.started_at)),
    "closed": Count("办结", "closed", lambda span, each: span.has(each.ended_at)),
    "carried-out": Count("结转下期", "carried out", lambda span, each: _open_at(each, span.end)),
    "answered": Count("已答复", "answered", Span.answered),
    "ended": Count(
        "未经办理终结", "ended without an answer", lambda span, each: span.has(each.ended_at) and not each.answered
    ),
    "rated": Count("已评价", "rated", Span.rated),
    "unrated": Count("未评价", "not rated", lambda span, each: span.answered(each) and each.rated_at is None),
    "unanswered": Count("回访未答", "call-back not answered", _called_back("unanswered")),
    "declined": Count("回访拒评", "call-back declined", _called_back("declined")),
    "unreachable": Count("回访无法联系", "call-back unreachable", _called_back("unreachable")),
    "called": Count("已回访", "called back", lambda span, each: each.attempts > 0 and span.has(each.called_back_at)),
}
"""Numbers of cases. Not rated is not satisfied: it is counted apart (S2)."""

RATES: Mapping[str, RateRule] = {
    "response": RateRule("响应率", "response", "answered", lambda _, each, __: each.signed_on_time is not False),
    "on-time": RateRule("按时办结率", "on time", "answered", lambda _, each, __: each.on_time),
    "resolution": RateRule("解决率", "resolution", "rated", lambda _, each, __: bool(each.solved)),
    "satisfaction": RateRule(
        "满意率", "satisfaction", "rated", lambda span, each, _: each.satisfaction in span.satisfied
    ),
    "points": RateRule(
        "满意度测评得分",
        "points of ratings",
        "rated",
        lambda span, each, _: span.points.get(str(each.satisfaction), 0),
        scale=1,
    ),
    "return": RateRule(
        "退单率",
        "returns",
        "closed",
        lambda _, each, unit: unit in each.returned_by,
        units=lambda each: tuple(dict.fromkeys((each.unit, *each.returned_by))),
    ),
    "redo": RateRule("返工率", "handled again", "answered", lambda _, each, __: each.redos > 0),
    "repeat": RateRule("重复投诉率", "repeats", "answered", lambda _, each, __: each.repeats > 0),
    "supplement": RateRule(
        "多次补正率",
        "asked more than once",
        "closed",
        lambda _, each, __: each.supplements > 1,
        units=lambda each: (each.centre,),
    ),
    "reach": RateRule("回访接通率", "call-backs reached", "called", lambda _, each, __: each.reached),
}
"""Rates by name. A second round of asking counts against the centre, a return against who returned (S3)."""

_ANY_ANSWER = replace(RATES["response"], of="closed", adds=lambda _, each, __: each.answered)
"""`response = "answered"`: what ended without an answer lowers it, whoever ended it."""


def _by_count(rules: Mapping[str, RateRule]) -> Mapping[str, tuple[tuple[str, RateRule], ...]]:
    return {name: tuple((rate, rule) for rate, rule in rules.items() if rule.of == name) for name in COUNTS}


_RATES_OF = {True: _by_count(RATES), False: _by_count({**RATES, "response": _ANY_ANSWER})}
"""By count, for either way of counting responses."""


@dataclass(slots=True)
class Rate:
    """A numerator and its denominator, exact."""

    numerator: int = 0
    denominator: int = 0

    def add(self, adds: int) -> None:
        """One more case."""
        self.denominator += 1
        self.numerator += adds

    def value(self, scale: int = 100) -> Fraction | None:
        """None where there is nothing to divide by."""
        return Fraction(self.numerator * scale, self.denominator) if self.denominator else None


@dataclass(slots=True)
class Tally:
    """The numbers of one unit, of several together, or of whatever else is counted by."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    rates: dict[str, Rate] = field(default_factory=lambda: {name: Rate() for name in RATES})

    def add(self, handling: Handling, span: Span) -> None:
        """Counted once, for whoever it concerns most."""
        for name in counted(handling, span):
            self.counts[name] += 1
            for rate, rule in span.rates_of(name):
                self.rates[rate].add(rule.adds(span, handling, rule.units(handling)[-1]))

    def take_in(self, other: Tally) -> None:
        """Those of another unit are part of these."""
        for name, count in other.counts.items():
            self.counts[name] += count
        for name, rate in other.rates.items():
            self.rates[name].numerator += rate.numerator
            self.rates[name].denominator += rate.denominator


def counted(handling: Handling, span: Span) -> list[str]:
    """The names of all numbers of cases that it is one of."""
    return [name for name, count in COUNTS.items() if count.test(span, handling)]


Part = tuple[str, frozenset[str]]
"""The name of a rate, and the channels it is taken of; none: all."""


class Tallies:
    """The numbers of all units, from one pass over the handlings of a span."""

    def __init__(self, span: Span, parts: Iterable[Part] = ()) -> None:
        """`parts`: rates of some channels only, which scores are made of."""
        self._span = span
        self._parts = tuple(parts)
        self.by_unit: dict[str, Tally] = defaultdict(Tally)
        self._of_channels: dict[tuple[str, Part], Rate] = defaultdict(Rate)

    def add(self, handling: Handling) -> None:
        """Counted for every unit that it concerns."""
        names = counted(handling, self._span)
        for name in names:
            self.by_unit[handling.unit].counts[name] += 1
            for rate, rule in self._span.rates_of(name):
                for unit in rule.units(handling):
                    self.by_unit[unit].rates[rate].add(rule.adds(self._span, handling, unit))
        for part in self._parts:
            rule = self._span.rule(part[0])
            if handling.channel in part[1] and rule.of in names:
                for unit in rule.units(handling):
                    self._of_channels[unit, part].add(rule.adds(self._span, handling, unit))

    def rate(self, unit: str, part: Part) -> Rate:
        """Of a unit; nothing over nothing where it has no handlings."""
        name, channels = part
        if channels:
            return self._of_channels.get((unit, part), Rate())
        return self.by_unit[unit].rates[name] if unit in self.by_unit else Rate()


@dataclass(frozen=True)
class Addend:
    """A handling, and what it adds to a number."""

    case_id: str
    answer: int
    unit: str
    at: datetime | None
    """When it ended."""
    adds: int


def addends(
    name: str, unit: str, span: Span, handlings: Iterable[Handling], channels: frozenset[str] = frozenset()
) -> Iterator[Addend]:
    """Every handling behind a number of a unit, with what it adds; those that add nothing, too. Raises `KeyError`."""
    rule = span.rule(name) if name in RATES else None
    test = COUNTS[rule.of if rule is not None else name].test
    for each in handlings:
        units = (each.unit,) if rule is None else rule.units(each)
        if unit in units and (not channels or each.channel in channels) and test(span, each):
            adds = 1 if rule is None else rule.adds(span, each, unit)
            yield Addend(each.case_id, each.answer, each.unit, each.ended_at, int(adds))


def shown(value: Fraction | None) -> Decimal | None:
    """With two decimals, halves rounded up: 158 of 161 are 98.14."""
    if value is None:
        return None
    return Decimal(floor(value * 100 + Fraction(1, 2))).scaleb(-2)
