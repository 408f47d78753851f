"""Series come out by the clock: what falls due is told to the loop; issues are counted and printed beside it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from contracts.codes import Language
from contracts.notice_tables import Series
from infra.clock import Clock
from infra.decision import Effect, Internal, Record, not_wired
from infra.files import File, FileTooLarge
from infra.logs import describe
from infra.store import Store
from services.notify.domain.issue import (
    Build,
    Issue,
    IssueBuilt,
    IssueFailed,
    IssueFallsDue,
    IssuePrinted,
    Print,
    PrintIssue,
)
from services.notify.domain.issue_facts import Report
from services.notify.domain.policy import Policy
from services.notify.domain.series import editions_due, lengths_of
from services.notify.figures import NotYet, reports
from services.notify.printing.figures import Issuer
from services.notify.printing.issues import issue_sheet
from services.notify.printing.press import Press, PrintError

log = logging.getLogger(__name__)

MOST_WAITING = 50
"""Steps of issues that wait for their turn; what finds no room is left to its lease."""


class Issuing:
    """`record` must be set, and `look` and `work` run, before anything comes out."""

    def __init__(
        self, store: Store, press: Press, policy: Callable[[], Policy], clock: Clock, pause_seconds: float
    ) -> None:
        self._store = store
        self._press = press
        self._policy = policy
        self._clock = clock
        self._pause = pause_seconds
        self._wanted: asyncio.Queue[Build | PrintIssue] = asyncio.Queue(MOST_WAITING)
        self._here: set[str] = set()
        """Issues of which a step waits or is under way."""
        self._told: set[str] = set()
        """Issues that the loop knows."""
        self._first_seen: dict[tuple[str, tuple[tuple[str, int], ...]], date] = {}
        self.record: Record = not_wired

    async def perform(self, effects: Sequence[Effect]) -> None:
        """Every step waits for its turn, once. Waits for nobody."""
        for effect in effects:
            if isinstance(effect, Build | PrintIssue) and effect.key not in self._here and not self._wanted.full():
                self._wanted.put_nowait(effect)
                self._here.add(effect.key)

    async def close(self) -> None:
        """No press is left."""
        await self._press.close()

    # ---- what falls due

    async def look(self) -> None:
        """What has fallen due is with the loop, and a pause. Raises `StoreError`."""
        policy = self._policy()
        for series in policy.table.series:
            since = await self._since(series, policy.zone)
            due = editions_due(series, since, self._clock(), policy.zone)
            new = [each for each in due if each.id not in self._told]
            if new:
                await self.record([(each.id, IssueFallsDue(each)) for each in new])
                self._told.update(each.id for each in new)
        await asyncio.sleep(self._pause)

    async def _since(self, series: Series, zone: ZoneInfo) -> date:
        """The day on which the series was first seen with issues of these lengths: no issue ended before it."""
        which = (series.id, tuple(lengths_of(series).items()))
        if which in self._first_seen:
            return self._first_seen[which]
        name, today = f"series/{series.id}", self._clock().astimezone(zone).date()
        known = await self._store.fact(name)
        if known is None or _begun(known, today) != lengths_of(series, today):
            known = {"since": today.isoformat()}
        known = {"lengths": lengths_of(series), "since": known["since"]}
        await self._store.remember(name, known)
        self._first_seen = {key: day for key, day in self._first_seen.items() if key[0] != series.id}
        self._first_seen[which] = date.fromisoformat(known["since"])
        return self._first_seen[which]

    # ---- counting and printing

    async def work(self) -> None:
        """One step, and what came of it is with the loop. Raises `StoreError`: its lease brings it back."""
        step = await self._wanted.get()
        try:
            outcome = await self._outcome(step)
        finally:
            self._here.discard(step.key)
        await self.record([(step.key, outcome)])

    async def _outcome(self, step: Build | PrintIssue) -> Internal:
        try:
            if isinstance(step, Build):
                return IssueBuilt(
                    await reports(self._store, step.edition, step.languages, self._policy(), step.channels)
                )
            return IssuePrinted(tuple([each async for each in self._kept(step.key, step.issue)]))
        except NotYet:
            return IssueFailed("the issue before is being counted")
        except (PrintError, FileTooLarge) as error:
            why = str(error)
        except ValueError as error:
            why = describe(error)
        log.warning("an issue is not out yet", extra={"fields": {"issue": step.key, "why": why}})
        return IssueFailed(why)

    async def _kept(self, key: str, issue: Issue) -> AsyncIterator[Print]:
        """The pages in each language, once they are in the database."""
        zone = self._policy().zone
        for report in issue.reports:
            for file in await pages(self._press, key, issue, report, zone):
                await self._store.files.keep(file)
                sha256 = hashlib.sha256(file.content).hexdigest()
                yield Print(id=file.id, language=report.language, media_type=file.media_type, sha256=sha256)


def _begun(known: Mapping[str, Any], today: date) -> dict[str, int]:
    """Lengths that were known and have begun; facts written before there were intervals have one length."""
    lengths = known.get("lengths") or {date.min.isoformat(): known["every_days"]}
    return {since: every_days for since, every_days in lengths.items() if since <= today.isoformat()}


async def pages(press: Press, key: str, issue: Issue, report: Report, zone: ZoneInfo) -> tuple[File, File]:
    """The same pages for the screen and for paper. Raises `PrintError`."""
    language = report.language
    sheet = issue_sheet(
        issue.series,
        report.figures,
        Issuer(name=issue.issuer[language], zone=zone, language=language),
        name=issue.name[language],
        number=issue.number,
        nth=issue.nth,
        issued_at=issue.issued_at,
    )
    name = f"{issue.series}-{issue.last_day}.{language.value}"
    return (
        File(print_id(key, language, "html"), f"{name}.html", "text/html", await press.press(sheet, "html")),
        File(print_id(key, language, "pdf"), f"{name}.pdf", "application/pdf", await press.press(sheet, "pdf")),
    )


def print_id(key: str, language: Language, suffix: str) -> str:
    """Of the pages of an issue."""
    return f"{key}.{language.value}.{suffix}"
