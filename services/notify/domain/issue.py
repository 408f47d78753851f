"""An issue of a series: due, counted, printed and announced, once. What was counted is kept, so that it prints again.

An attempt is leased: after a crash it is made again, and two instances make it once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language
from contracts.issues import IssuePages, IssuePublished
from contracts.message import Fact
from contracts.notice_tables import Series
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context, Decision, Due, Effect, Internal, Subject
from services.notify.domain.issue_facts import Report, facts_of
from services.notify.domain.kept import Kept
from services.notify.domain.owing import told_as
from services.notify.domain.policy import Policy
from services.notify.domain.series import Edition

LEASE = timedelta(minutes=5)
"""How long counting or printing may take before it is begun again; longer than the limit of the press."""
RETRY_AFTER = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Pauses between attempts; the last one for good: an issue is never given up."""


class IssueStatus(StrEnum):
    """How far it has come."""

    DUE = "due"
    """It is being counted."""
    BUILT = "built"
    """Counted; it is being printed."""
    ANNOUNCED = "announced"
    """Printed, and owed to its receivers."""


class Print(BaseModel):
    """A file of an issue."""

    model_config = ConfigDict(frozen=True)

    id: str
    language: Language
    media_type: str
    sha256: str


class Issue(Kept):
    """One issue. Its key follows from series and last day."""

    kind: Literal["issue"] = "issue"
    series: str
    first_day: str
    """Local day, ISO 8601."""
    last_day: str
    nth: int
    number: str
    name: dict[Language, str]
    """Of the series."""
    issuer: dict[Language, str]
    languages: tuple[Language, ...]
    channels: tuple[str, ...] = ()
    """Counts only cases of these channels; empty: all channels."""
    to: tuple[str, ...]
    """Units and posts that get it."""
    issued_at: datetime
    """The one instant on its pages."""
    status: IssueStatus = IssueStatus.DUE
    attempts: int = 0
    """Of the step it is at."""
    next_at: datetime
    """When to look again: the end of the lease while an attempt is under way."""
    why: str | None = None
    """Why the last attempt did not work."""
    reports: tuple[Report, ...] = ()
    """What was counted, in each language."""
    prints: tuple[Print, ...] = ()

    @property
    def filed(self) -> tuple[str, ...]:
        """Its series."""
        return (f"series/{self.series}",)

    @property
    def edition(self) -> Edition:
        """Which issue it is."""
        return Edition(self.series, date.fromisoformat(self.first_day), date.fromisoformat(self.last_day), self.nth)

    def report(self, language: Language) -> Report:
        """What was counted, in this language, or in the first there is. Raises `LookupError` before it is counted."""
        return next((each for each in self.reports if each.language is language), self.reports[0])


# ---- what the rules want, and what came of it


@dataclass(frozen=True, slots=True)
class IssueFallsDue(Internal):
    """The day after its last has come."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class Build(Effect):
    """Count what the issue tells, in each language."""

    key: str
    edition: Edition
    languages: tuple[Language, ...]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintIssue(Effect):
    """Print what was counted, and keep the files."""

    key: str
    issue: Issue


@dataclass(frozen=True, slots=True)
class IssueBuilt(Internal):
    """It is counted."""

    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class IssuePrinted(Internal):
    """Its files are kept."""

    prints: tuple[Print, ...]


@dataclass(frozen=True, slots=True)
class IssueFailed(Internal):
    """The attempt did not work, and why; it is made again."""

    why: str


OfIssue: TypeAlias = IssueFallsDue | IssueBuilt | IssuePrinted | IssueFailed


# ---- the rules


@dataclass(frozen=True)
class IssueRules:
    """The rules of one place."""

    policy: Policy

    def decide(self, issue: Issue | None, subject: Subject, context: Context) -> Decision[Issue]:
        """The next state, what is announced, and what is to be counted or printed."""
        match subject:
            case IssueFallsDue() if issue is None:
                return self._begun(subject.edition, context)
            case Due() if issue and self.is_open(issue) and issue.next_at <= context.at:
                return _tried(issue, context)
            case IssueBuilt() if issue and issue.status is IssueStatus.DUE:
                return _tried(_at(issue, IssueStatus.BUILT, reports=subject.reports), context)
            case IssuePrinted() if issue and issue.status is IssueStatus.BUILT:
                return self._announced(_at(issue, IssueStatus.ANNOUNCED, prints=subject.prints), context)
            case IssueFailed() if issue and self.is_open(issue):
                pause = RETRY_AFTER[min(issue.attempts, len(RETRY_AFTER)) - 1]
                return Decision(issue.model_copy(update={"next_at": context.at + pause, "why": subject.why}))
        return Decision(issue)

    def due(self, issue: Issue) -> datetime | None:
        """When it wants to be tried."""
        return issue.next_at if self.is_open(issue) else None

    def is_open(self, issue: Issue) -> bool:
        """Whether it has not been announced yet."""
        return issue.status is not IssueStatus.ANNOUNCED

    def _begun(self, edition: Edition, context: Context) -> Decision[Issue]:
        series = self.policy.series(edition.series)
        if series is None:  # the place has given it up meanwhile
            return Decision(None)
        return _tried(issue_of(edition, series, self.policy, context.at), context)

    def _announced(self, issue: Issue, context: Context) -> Decision[Issue]:
        edition = issue.edition
        pages = tuple(IssuePages(language=each.language, sha256=each.sha256) for each in issue.prints if is_pdf(each))
        published = IssuePublished(
            issue_id=context.key,
            occurred_at=context.at,
            series=issue.series,
            number=issue.number,
            year=edition.year,
            nth=issue.nth,
            first_day=edition.first_day,
            last_day=edition.last_day,
            pages=pages,
        )
        return Decision(issue, (published, *self._owed(issue, context)))

    def _owed(self, issue: Issue, context: Context) -> Iterator[Fact]:
        for who in issue.to:
            unit, post = self.policy.unit_and_post(who)
            language = Language(self.policy.receiver(unit, post).language)
            report = issue.report(language)
            pdf = next((each for each in issue.prints if is_pdf(each) and each.language is report.language), None)
            yield StaffNoticeOwed(
                notice_id=str(uuid5(UUID(context.key), f"{issue.series}/{who}")),
                owed_at=context.at,
                to=unit,
                post=post,
                what=issue.series,
                facts=told_as(
                    facts_of(
                        issue.edition,
                        report,
                        number=issue.number,
                        name=issue.name[language],
                        to_name=self.policy.names.unit(unit, language),
                    )
                ),
                prints=(pdf.id,) if pdf else (),
            )


def issue_of(edition: Edition, series: Series, policy: Policy, at: datetime) -> Issue:
    """An issue of which nothing is counted yet."""
    return Issue(
        series=edition.series,
        first_day=edition.first_day.isoformat(),
        last_day=edition.last_day.isoformat(),
        nth=edition.nth,
        number=edition.number(series.number),
        name={Language.CHINESE: series.zh, Language.ENGLISH: series.en},
        issuer={language: policy.names.place[language] for language in Language},
        languages=tuple(dict.fromkeys(Language(each) for each in series.languages)),
        channels=tuple(dict.fromkeys(series.channels)),
        to=tuple(dict.fromkeys(series.to)),
        issued_at=at,
        next_at=at,
    )


def is_pdf(each: Print) -> bool:
    """Whether it is for paper."""
    return each.media_type == "application/pdf"


def _at(issue: Issue, status: IssueStatus, **changes: object) -> Issue:
    return issue.model_copy(update={"status": status, "attempts": 0, "why": None, **changes})


def _tried(issue: Issue, context: Context) -> Decision[Issue]:
    leased = issue.model_copy(update={"attempts": issue.attempts + 1, "next_at": context.at + LEASE})
    if issue.status is IssueStatus.DUE:
        return Decision(leased, effects=(Build(context.key, issue.edition, issue.languages, issue.channels),))
    return Decision(leased, effects=(PrintIssue(context.key, leased),))
