"""Scores beside those of peers: bands, ranks where the place wants them, awards, and what follows for first and last.

Equal scores are equal: they share a rank, and the next one is passed over. A vetoed unit is in the last band and gets
nothing that honours (一票否决). A score that is incomplete, or rests on too few or on none, is never ranked: nothing
follows from chance. Nobody is among the first and among the last. What follows is proposed; a person decides.
Source: S2, S0 (红牌), S1¶4, 国办函〔2025〕66号.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from contracts.score_tables import Consequence
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.domain.scores.scorecard import Scorecard


def graded(cards: Iterable[Scorecard], policy: ScorePolicy) -> dict[str, list[Scorecard]]:
    """By peer group, the best first, those without a score last: with band, rank and awards."""
    groups: dict[str, list[Scorecard]] = {group: [] for group in policy.groups}
    for card in cards:
        groups[card.unit.group or ""].append(replace(card, band=_band(card, policy)))
    return {
        group: _honoured(_ranked(sorted(each, key=_order), policy), policy.awards(group, len(each)))
        for group, each in groups.items()
    }


def with_consequences(
    now: Mapping[str, list[Scorecard]], before: Mapping[str, list[Scorecard]], policy: ScorePolicy, period: Period
) -> dict[str, list[Scorecard]]:
    """The same, with what follows. `before`: the same period of the year before, graded by the same policy."""
    past = {card.unit.id: (group, card) for group, cards in before.items() for card in cards}
    found: dict[str, list[Scorecard]] = {}
    for group, cards in now.items():
        ranked = [card for card in cards if card.rank is not None]
        found[group] = []
        for card in cards:
            follows = []
            for each in policy.consequences:
                if period.kind not in each.periods or not _applies(each, card, ranked, policy):
                    continue
                old_group, old = past.get(card.unit.id, (None, None))
                peers = [peer for peer in before.get(old_group or "", ()) if peer.rank is not None]
                again = old is not None and _applies(each, old, peers, policy)
                if (each.years == 1 or again) and _slow(each, card, old):
                    follows.append(each.id)
            found[group].append(replace(card, consequences=tuple(follows)))
    return found


def needs_the_year_before(policy: ScorePolicy, period: Period) -> bool:
    """Whether anything that may follow asks for it."""
    return any(
        period.kind in each.periods and (each.years > 1 or each.growth_below is not None)
        for each in policy.consequences
    )


def _band(card: Scorecard, policy: ScorePolicy) -> str | None:
    if card.vetoed:
        return policy.bands[-1].id
    if card.total is None:
        return None
    return next((band.id for band in policy.bands if card.total >= band.points), policy.bands[-1].id)


def _order(card: Scorecard) -> tuple[bool, Fraction, str]:
    return card.total is None, -(card.total or Fraction(0)), card.unit.id


def _ranked(cards: list[Scorecard], policy: ScorePolicy) -> list[Scorecard]:
    if policy.table.grading != "ranking":
        return cards
    rankable = [card.total for card in cards if card.total is not None and not card.small_sample]
    return [
        replace(card, rank=1 + sum(1 for other in rankable if other > card.total))
        if card.total is not None and not card.small_sample
        else card
        for card in cards
    ]


def _honoured(cards: list[Scorecard], awards: int) -> list[Scorecard]:
    """So many of the best; where equals would be parted, all of them are left to whoever decides."""
    eligible = [card.total for card in cards if _may_be_honoured(card) and card.total is not None]
    edge = sorted(eligible, reverse=True)[awards - 1] if 0 < awards <= len(eligible) else None

    def award(card: Scorecard) -> str:
        if not awards or not _may_be_honoured(card) or card.total is None:
            return "no"
        if edge is None or card.total > edge:
            return "yes"
        if card.total < edge:
            return "no"
        return "yes" if sum(1 for total in eligible if total >= edge) == awards else "tied"

    return [replace(card, award=award(card)) for card in cards]


def _may_be_honoured(card: Scorecard) -> bool:
    return card.total is not None and not card.vetoed and not card.small_sample


def _applies(rule: Consequence, card: Scorecard, ranked: list[Scorecard], policy: ScorePolicy) -> bool:
    """It is among the first or last of its group, and in such a band."""
    if card.rank is None or not _is_for(rule, card):
        return False
    if rule.top is not None and (card.vetoed or card.rank > rule.top):
        return False
    if rule.bottom is not None and not _among_the_last(rule.bottom, card, ranked, policy):
        return False
    if rule.band_at_most is None:
        return True
    bands = [band.id for band in policy.bands]
    return card.band is not None and bands.index(card.band) >= bands.index(rule.band_at_most)


def _is_for(rule: Consequence, card: Scorecard) -> bool:
    return not rule.groups or card.unit.group in rule.groups


def _among_the_last(last: int, card: Scorecard, ranked: list[Scorecard], policy: ScorePolicy) -> bool:
    """Fewer than so many are worse: who is equal to the last of them is, too.

    Nobody is who is honoured or among the first, and nobody where all would be.
    """
    if len(ranked) <= last or card.award == "yes" or _among_the_first(card, policy):
        return False
    return sum(1 for peer in ranked if peer.rank is not None and peer.rank > (card.rank or 0)) < last


def _among_the_first(card: Scorecard, policy: ScorePolicy) -> bool:
    tops = [rule.top for rule in policy.consequences if rule.top is not None and _is_for(rule, card)]
    return not card.vetoed and card.rank is not None and any(card.rank <= top for top in tops)


def _slow(rule: Consequence, card: Scorecard, old: Scorecard | None) -> bool:
    """Its score has grown too little; what cannot be compared has not."""
    if rule.growth_below is None:
        return True
    if old is None or old.total is None or card.total is None:
        return False
    return (card.total - old.total) * 100 < old.total * rule.growth_below
