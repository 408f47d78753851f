"""An issue: due, counted, printed and announced, once, whatever falls and however often it is said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Language
from contracts.issues import IssuePublished
from contracts.notice_tables import Receiver, Series
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Due, Internal, Subject
from services.notify.domain.issue import (
    LEASE,
    RETRY_AFTER,
    Build,
    Issue,
    IssueBuilt,
    IssueFailed,
    IssueFallsDue,
    IssuePrinted,
    IssueRules,
    IssueStatus,
    Print,
    PrintIssue,
)
from services.notify.domain.issue_facts import Report
from services.notify.domain.kept import Kept
from services.notify.domain.notice import LEASE as NOTICE_LEASE
from services.notify.domain.rules import Rules
from services.notify.domain.sending import DeliveryFailed, Send, Way
from services.notify.domain.series import edition_of
from services.notify.domain.staff import StaffNotice, StaffRules
from services.notify.domain.tally import Tally
from services.notify.domain.templates import Templates
from tests.unit.services.notify.place import POLICY, words
from tests.unit.services.notify.test_tally import TEN
from tests.unit.services.speaking import context, decided, demo, read

AT = datetime(2026, 11, 30, 1, tzinfo=UTC)
POST = "beicheng-centre.director"
SERIES = {
    id: Series.model_validate(
        {
            "id": id,
            "zh": "效能通报",
            "en": "Efficiency Bulletin",
            "every_days": 1 if id == "daily" else 7,
            "to": ["city-12345", POST],
            "languages": ["zh", "en"],
        }
    )
    for id in ("daily", "weekly", "bulletin")
}
TABLE = POLICY.table.model_copy(update={"series": list(SERIES.values())})
BY_MAIL = Receiver(unit="city-12345", ways=["email"], email="bulletin@city.example", language="en")
OURS = replace(POLICY, table=TABLE, receivers={"city-12345": BY_MAIL})
RULES = IssueRules(OURS)
WEEK = edition_of(SERIES["bulletin"], date(2026, 11, 29))


def counted(edition: Any = WEEK) -> tuple[Report, ...]:
    tally = Tally(edition, POLICY.zone)
    for each in TEN:
        tally.add(each)
    return tuple(tally.report(language, POLICY.names, None) for language in Language)


def printed(edition: Any = WEEK) -> tuple[Print, ...]:
    return tuple(
        Print(id=f"{edition.id}.{language}.{suffix}", language=language, media_type=media_type, sha256="0" * 64)
        for language in Language
        for suffix, media_type in (("html", "text/html"), ("pdf", "application/pdf"))
    )


@dataclass
class Desk:
    """One issue, and what was announced and wanted for it."""

    edition: Any = WEEK
    issue: Issue | None = None
    at: datetime = AT
    events: list[Any] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)

    def hear(self, *subjects: Subject) -> Desk:
        for subject in subjects:
            decision = decided(RULES.decide(self.issue, subject, context(key=self.edition.id, at=self.at)))
            kept = decision.state
            self.issue = None if kept is None else _saved(kept)
            self.events += read(decision.events)
            self.effects += decision.effects
        return self

    def wait(self, time: timedelta) -> Desk:
        self.at += time
        return self.hear(Due())

    @property
    def status(self) -> IssueStatus | None:
        return self.issue.status if self.issue else None


def _saved(issue: Issue) -> Issue:
    """As the database gives it back."""
    found = Kept.model_validate(issue.model_dump(mode="json"))
    assert found == issue
    assert isinstance(found, Issue)
    return found


def desk(edition: Any = WEEK) -> Desk:
    return Desk(edition).hear(IssueFallsDue(edition))


def issued(edition: Any = WEEK) -> Desk:
    return desk(edition).hear(IssueBuilt(counted(edition)), IssuePrinted(printed(edition)))


def test_an_issue_is_counted_printed_and_announced() -> None:
    it = desk()
    assert (it.status, it.effects) == (IssueStatus.DUE, [Build(WEEK.id, WEEK, (Language.CHINESE, Language.ENGLISH))])
    it.hear(IssueBuilt(counted()))
    assert it.status is IssueStatus.BUILT
    assert isinstance(it.effects[-1], PrintIssue)
    assert not it.events
    it.hear(IssuePrinted(printed()))
    published, *owed = it.events
    assert isinstance(published, IssuePublished)
    assert (published.series, published.number, published.year, published.nth) == (
        "bulletin",
        "〔2026〕第48期",
        2026,
        48,
    )
    assert (published.first_day, published.last_day) == (date(2026, 11, 23), date(2026, 11, 29))
    assert [each.language for each in published.pages] == ["zh", "en"]
    assert [(each.to, each.post, each.what) for each in owed] == [
        ("city-12345", None, "bulletin"),
        ("beicheng-centre", POST, "bulletin"),
    ]
    assert it.issue is not None
    assert (RULES.is_open(it.issue), RULES.due(it.issue)) == (False, None)


@pytest.mark.parametrize("step", [IssueFallsDue(WEEK), IssueBuilt(counted()), IssuePrinted(printed())])
def test_what_is_said_twice_is_done_once(step: Internal) -> None:
    it = desk()
    for each in (IssueBuilt(counted()), IssuePrinted(printed())):
        it.hear(each)
    before, said = it.issue, list(it.events)
    it.hear(step, step, Due())
    assert (it.issue, it.events) == (before, said)


def test_a_second_instance_that_was_late_changes_nothing_that_was_counted() -> None:
    it = desk().hear(IssueBuilt(counted()))
    first = it.issue
    it.hear(IssueBuilt(()))
    assert it.issue == first


def test_after_a_crash_the_step_is_made_again_when_its_lease_ends() -> None:
    it = desk()
    it.wait(LEASE - timedelta(seconds=1))
    assert len(it.effects) == 1
    it.wait(timedelta(seconds=1))
    assert it.effects[1] == it.effects[0]
    it.hear(IssueBuilt(counted())).wait(LEASE)
    assert [type(each) for each in it.effects] == [Build, Build, PrintIssue, PrintIssue]
    assert it.effects[3].issue.reports == it.effects[2].issue.reports
    assert it.effects[3].issue.issued_at == AT
    it.hear(IssuePrinted(printed()))
    assert sum(isinstance(each, IssuePublished) for each in it.events) == 1


def test_what_fails_is_tried_again_more_and_more_slowly_and_says_why() -> None:
    it = desk()
    for pause in (*RETRY_AFTER, RETRY_AFTER[-1]):
        it.hear(IssueFailed("the press broke"))
        assert it.issue is not None
        assert (it.issue.why, RULES.due(it.issue)) == ("the press broke", it.at + pause)
        before = len(it.effects)
        it.wait(pause)
        assert len(it.effects) == before + 1
    it.hear(IssueBuilt(counted()))
    assert it.issue is not None
    assert it.issue.why is None
    assert it.issue.attempts == 1


def test_a_series_that_the_place_has_given_up_issues_nothing() -> None:
    nobody = IssueRules(replace(OURS, table=TABLE.model_copy(update={"series": []})))
    decision = nobody.decide(None, IssueFallsDue(WEEK), context(key=WEEK.id, at=AT))
    assert decided(decision).state is None
    assert not decided(decision).effects


def test_an_issue_begins_a_document_of_its_own_kind() -> None:
    rules = Rules.from_tables("demo", demo().tables, NOTICE_LEASE)
    week = edition_of(SERIES["bulletin"], date(2026, 11, 29))
    state = decided(rules.decide(None, IssueFallsDue(week), context(key=week.id, at=AT))).state
    assert isinstance(state, Issue)
    assert rules.is_open(state)
    assert rules.due(state) == AT + LEASE


# ---- what receivers are told


def notice(owed: StaffNoticeOwed) -> StaffNotice:
    state = decided(StaffRules(OURS, NOTICE_LEASE).decide(None, owed, context(key=owed.notice_id, at=AT))).state
    assert isinstance(state, StaffNotice)
    return state


def sent(owed: StaffNoticeOwed) -> Send:
    decision = decided(StaffRules(OURS, NOTICE_LEASE).decide(None, owed, context(key=owed.notice_id, at=AT)))
    (send,) = decision.effects
    assert isinstance(send, Send)
    return send


@pytest.mark.parametrize("series", ["daily", "weekly", "bulletin"])
@pytest.mark.parametrize("language", list(Language))
def test_every_notice_of_an_issue_can_be_read(series: str, language: Language) -> None:
    it = issued(edition_of(SERIES[series], date(2026, 11, 29)))
    templates = Templates.from_tables("demo", demo().tables)
    for owed in it.events[1:]:
        rendered = templates.render(series, language, notice(owed).told)
        assert rendered.subject
        assert rendered.text


def test_a_mail_carries_the_pages_in_its_receiver_s_language() -> None:
    mail = sent(issued().events[1])
    assert (mail.way, mail.language, mail.prints) == (Way.EMAIL, Language.ENGLISH, (f"{WEEK.id}.en.pdf",))
    said = words(mail)
    assert "〔2026〕第48期" in said.subject
    assert "6 complaints were received and 4 closed" in said.text


def test_the_digest_of_a_week_tells_its_rates_as_they_were_counted() -> None:
    week = edition_of(SERIES["weekly"], date(2026, 11, 29))
    told = notice(issued(week).events[1]).told
    assert (told["on_time_ratio"], told["satisfaction_ratio"]) == (0.75, 1.0)
    assert (told["received"], told["closed"], told["open_cases"], told["overdue"]) == (6, 4, 4, 1)
    assert [each["number"] for each in told["cases"]] == ["BC-carried-and-open"]  # type: ignore[attr-defined]


def test_the_inbox_carries_no_file() -> None:
    owed = issued().events[1]
    rules, at = StaffRules(OURS, NOTICE_LEASE), context(key=owed.notice_id, at=AT)
    kept = notice(owed)
    failed = DeliveryFailed(owed.notice_id, Way.EMAIL, "file: not found", permanent=True)
    decision = decided(rules.decide(kept, failed, at))
    assert decision.state is not None
    assert decision.state.notice.way is Way.INBOX
    assert not decision.effects


def test_each_receiver_has_one_notice_of_an_issue_whoever_owes_it() -> None:
    one, other = issued(), issued()
    assert [each.notice_id for each in one.events[1:]] == [each.notice_id for each in other.events[1:]]
    assert len({each.notice_id for each in one.events[1:]}) == 2
