"""Series and issues as they are shown to the units that get them, and to those above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language
from infra.files import File
from infra.store import Store
from services.notify.domain.issue import Issue, IssueStatus
from services.notify.domain.policy import Policy
from services.notify.printing.figures import Figures

"""Issues alone have them."""
MOST_LISTED = 60


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class ListedIssue(Shown):
    """One issue, without what it tells."""

    id: str
    number: str
    first_day: date
    last_day: date
    status: IssueStatus
    issued_at: datetime
    """The instant on its pages."""
    why: str | None = None
    """Why it is not out yet."""
    languages: tuple[Language, ...]


class ShownSeries(Shown):
    """A series of the place, with its latest issues."""

    id: str
    zh: str
    en: str
    every_days: int
    intervals: Mapping[date, int] = {}
    """Later lengths of its issues, by the day from which they hold."""
    channels: tuple[str, ...] = ()
    """Counts only cases of these channels; empty: all channels."""
    at: str
    """Local time of the day after the last."""
    to: tuple[str, ...]
    """Units and posts that get it."""
    issues: tuple[ListedIssue, ...]
    """The latest first."""


class AllSeries(Shown):
    """Those that a unit gets, or a unit below it."""

    series: tuple[ShownSeries, ...]


class ShownIssue(ListedIssue):
    """One issue with all that it tells."""

    series: str
    nth: int
    name: Mapping[Language, str]
    to: tuple[str, ...]
    channels: tuple[str, ...] = ()
    """Counts only cases of these channels; empty: all channels."""
    figures: Mapping[Language, Figures]
    """What was counted, in each language; empty until then."""
    sha256: Mapping[str, str]
    """Of each file."""


class SeriesViews:
    """What is asked of the database."""

    def __init__(self, store: Store, policy: Callable[[], Policy]) -> None:
        self._store = store
        self._policy = policy

    async def series(self, unit: str) -> AllSeries:
        """Those that the unit may read. Raises `StoreError`."""
        policy = self._policy()
        mine = [each for each in policy.table.series if may_read(unit, each.to, policy)]
        return AllSeries(
            series=tuple(
                [
                    ShownSeries(
                        id=each.id,
                        zh=each.zh,
                        en=each.en,
                        every_days=each.every_days,
                        intervals={interval.since: interval.every_days for interval in each.interval},
                        channels=tuple(each.channels),
                        at=each.at,
                        to=tuple(each.to),
                        issues=await self._latest(each.id, unit),
                    )
                    for each in mine
                ]
            )
        )

    async def _latest(self, series: str, unit: str) -> tuple[ListedIssue, ...]:
        found = await self._store.states(
            {"filed": f"series/{series}"}, between=("last_day", None, None), limit=MOST_LISTED
        )
        issues = [(id, Issue.model_validate(state, strict=False)) for id, state in found]
        return tuple(ListedIssue(**_listed(id, each)) for id, each in issues if may_read(unit, each.to, self._policy()))

    async def issue(self, id: str, unit: str) -> ShownIssue | None:
        """One that the unit may read; None where there is none. Raises `StoreError`."""
        issue = await self._issue(id, unit)
        if issue is None:
            return None
        return ShownIssue(
            **_listed(id, issue),
            series=issue.series,
            nth=issue.nth,
            name=issue.name,
            to=issue.to,
            channels=issue.channels,
            figures={each.language: each.figures for each in issue.reports},
            sha256={each.id: each.sha256 for each in issue.prints},
        )

    async def file(self, id: str, unit: str, media_type: str, language: Language | None) -> File | None:
        """Its pages in this language, or in the first there is; None where the unit may not read them or they are not
        printed. Raises `StoreError`.
        """
        issue = await self._issue(id, unit)
        prints = [each for each in issue.prints if each.media_type == media_type] if issue else []
        wanted = [each for each in prints if language in (None, each.language)]
        return await self._store.files.find(wanted[0].id) if wanted else None

    async def _issue(self, id: str, unit: str) -> Issue | None:
        state = await self._store.state_of(id)
        if state is None or state.get("kind") != "issue":
            return None
        issue = Issue.model_validate(state, strict=False)
        return issue if may_read(unit, issue.to, self._policy()) else None


def may_read(unit: str, to: tuple[str, ...] | list[str], policy: Policy) -> bool:
    """Whether the unit gets it, or stands above one that does."""
    return any(unit in _upwards(policy.unit_and_post(who)[0], policy) for who in to)


def _upwards(unit: str, policy: Policy) -> list[str]:
    """The unit and those above it."""
    found = [unit]
    while (above := policy.parents.get(found[-1])) is not None:
        found.append(above)
    return found


def _listed(id: str, issue: Issue) -> dict[str, Any]:
    return {
        "id": id,
        "number": issue.number,
        "first_day": date.fromisoformat(issue.first_day),
        "last_day": date.fromisoformat(issue.last_day),
        "status": issue.status,
        "issued_at": issue.issued_at,
        "why": issue.why,
        "languages": issue.languages,
    }
