"""What is lost, what was done twice, and whether the promise was kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.codes import NoticeKind
from xn.audit.story import Story


@dataclass(frozen=True)
class Audit:
    """The figures. It passes when nothing was lost, nothing was done twice, and every sum is right."""

    submitted: int
    registered: int
    refused: int
    assigned: int
    queued: int
    """Cases that waited for a dispatcher, were it for a moment."""
    closed: int
    open_with_owner: int
    acknowledged: int
    answered: int
    rated: int
    lost: int
    duplicated: int
    dead_letters: int
    reasons: Mapping[str, int]
    """How often each reason of refusal was given."""
    notices: Mapping[str, int]
    """To complainants and staff, by the way that told them."""
    missed: Mapping[str, int]
    """Notices for which a way was given up, by that way; the next one told."""
    staff_owed: int
    staff_told: int
    """Who sleeps is told in the morning: it may be fewer than are owed."""
    faults: tuple[str, ...]
    """Every loss and duplicate by name, at most the first hundred."""

    @property
    def passed(self) -> bool:
        """The promise was kept."""
        return (
            not self.lost
            and not self.duplicated
            and self.submitted == self.registered + self.refused
            and self.registered == self.closed + self.open_with_owner
        )


def losses(stories: Mapping[str, Story]) -> Iterator[str]:
    """Each case that was lost, or that ended in silence, and how: the first thing that is missing."""
    for case_id, story in stories.items():
        if (missing := _missing(story)) is not None:
            yield f"{case_id}: {missing}"


def _missing(story: Story) -> str | None:
    if story.registered:
        return _missing_of_registered(story)
    if not story.refused:
        return "submitted, neither registered nor refused"
    if not all(story.refused.values()):
        return "refused without a reason"
    if NoticeKind.REFUSAL not in story.told:
        return "refused, and nobody told"
    return None if NoticeKind.REFUSAL in story.channel_told else "refused, its channel not told"


def _missing_of_registered(story: Story) -> str | None:
    given = {
        "registered, without an owner": story.closed or story.owner is not None,
        "registered, never acknowledged": NoticeKind.ACKNOWLEDGEMENT in story.told,
        "registered, its channel not told": NoticeKind.ACKNOWLEDGEMENT in story.channel_told,
        "registered, without a deadline": "clocked" in story.first_at,
        "closed, never answered": not story.closed or story.answered,
        "closed, its channel not told": not story.closed or story.channel_answered,
        "closed, and its clock still runs": not story.closed or story.stopped,
        "rated, neither counted nor refused": not story.closed or story.ratings_owed <= story.ratings_answered,
    }
    return next((fault for fault, right in given.items() if not right), None)


def duplicates(stories: Mapping[str, Story]) -> Iterator[str]:
    """Each thing that was said twice though it may be said once."""
    holders: dict[str, str] = {}
    for case_id, story in stories.items():
        yield from (
            f"{case_id}: {what}: {len(ids)} times"
            for what, ids in story.once.items()
            if len(ids) > story.may_be_said(what)
        )
        for number in set(story.registered.values()):
            if number in holders:
                yield f"{case_id}: has the number of {holders[number]}"
            holders[number] = case_id


def quantiles(seconds: Iterable[float]) -> tuple[float, float] | None:
    """Median and 99th percentile; None of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
