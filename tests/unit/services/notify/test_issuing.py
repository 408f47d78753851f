"""Beside the loop: what falls due is told once, steps wait for their turn, failures are said, files go with letters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Channel, Language
from contracts.notice_tables import Series
from infra.decision import Effect, Internal
from infra.files import File
from infra.store import Store, StoreError
from services.notify.domain.issue import (
    Build,
    Issue,
    IssueBuilt,
    IssueFailed,
    IssueFallsDue,
    IssuePrinted,
    PrintIssue,
    issue_of,
)
from services.notify.domain.policy import Policy
from services.notify.domain.series import edition_of
from services.notify.figures import NotYet, totals_before
from services.notify.issuing import Issuing, print_id
from services.notify.printing.press import Form, Press, PrintError
from services.notify.printing.sheet import Sheet
from services.notify.providers.enclosing import Enclosing
from services.notify.providers.port import Accepted, Letter, Refused
from tests.support.kept_files import KeptFiles
from tests.unit.services.notify.test_issue import OURS, SERIES, WEEK, counted
from tests.unit.services.notify.test_tally import TEN

MONDAY = datetime(2026, 11, 30, 4, tzinfo=UTC)


class Shelf(Store):
    """Cases, issues, facts and files in memory."""

    def __init__(self, cases: Sequence[Mapping[str, Any]] = TEN) -> None:
        self.cases = cases
        self.issues: dict[str, Issue] = {}
        self.facts: dict[str, Any] = {}
        self.files = self.memory = KeptFiles()
        self.away = False

    async def every_since(
        self, field: str, value: str, fields: Sequence[str] = ()
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        if self.away:
            raise StoreError("away")
        for n, state in enumerate(self.cases):
            if state[field] >= value:
                yield str(n), dict(state)

    async def state_of(self, key: str) -> dict[str, Any] | None:
        return self.issues[key].model_dump(mode="json") if key in self.issues else None

    async def fact(self, name: str) -> Any:
        return self.facts.get(name)

    async def remember(self, name: str, value: Any) -> None:
        self.facts[name] = value


class FakePress(Press):
    """Prints at once, or not at all."""

    broken = False

    async def press(self, sheet: Sheet, form: Form) -> bytes:
        if self.broken:
            raise PrintError("the press broke: EOFError")
        return (f"<h1>{sheet.title}</h1>" if form == "html" else f"%PDF {sheet.model_dump_json()}").encode()


@dataclass
class Office:
    """Issuing over a shelf, at a time of the test's own."""

    shelf: Shelf = field(default_factory=Shelf)
    press: FakePress = field(default_factory=FakePress)
    at: datetime = MONDAY
    recorded: list[tuple[str, Internal]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issuing = self.opened(OURS)

    def opened(self, policy: Policy) -> Issuing:
        """Issuing by this policy, over the same shelf."""
        issuing = Issuing(self.shelf, self.press, lambda: policy, lambda: self.at, 0.0)
        issuing.record = self.record
        return issuing

    async def record(self, outcomes: Sequence[tuple[str, Internal]]) -> None:
        self.recorded += outcomes

    async def outcome(self, *effects: Effect) -> Internal:
        await self.issuing.perform(effects)
        await self.issuing.work()
        return self.recorded[-1][1]

    async def due(self, at: datetime) -> list[tuple[str, str]]:
        """Series and last day of what is told then."""
        self.at, before = at, len(self.recorded)
        await self.issuing.look()
        new = [each for _, each in self.recorded[before:] if isinstance(each, IssueFallsDue)]
        return [(each.edition.series, each.edition.last_day.isoformat()) for each in new]


TEN_DAYS = Series.model_validate({**SERIES["bulletin"].model_dump(), "every_days": 10})
BUILD = Build(WEEK.id, WEEK, (Language.CHINESE, Language.ENGLISH))


def built() -> Issue:
    issue = issue_of(WEEK, SERIES["bulletin"], OURS, MONDAY)
    return issue.model_copy(update={"reports": counted()})


async def test_what_falls_due_is_told_once_and_a_new_series_tells_nothing_of_the_past() -> None:
    it = Office()
    assert await it.due(datetime(2026, 11, 28, 4, tzinfo=UTC)) == []
    assert await it.due(MONDAY) == [
        ("daily", "2026-11-28"),
        ("daily", "2026-11-29"),
        ("weekly", "2026-11-29"),
        ("bulletin", "2026-11-29"),
    ]
    assert await it.due(MONDAY) == []
    other = Office(shelf=it.shelf)
    assert len(await other.due(MONDAY)) == 4, "another instance does not know what this one has told"


async def test_a_series_of_another_length_begins_anew() -> None:
    it = Office()
    it.shelf.facts["series/bulletin"] = {"every_days": 10, "since": "2026-01-01"}
    assert [each for each in await it.due(MONDAY) if each[0] == "bulletin"] == []
    assert it.shelf.facts["series/bulletin"] == {"lengths": {"0001-01-01": 7}, "since": "2026-11-30"}


def with_interval(since: date) -> Policy:
    """The bulletin every ten days, from that day on every seven."""
    changed = Series.model_validate(
        {**SERIES["bulletin"].model_dump(), "every_days": 10, "interval": [{"since": since, "every_days": 7}]}
    )
    return replace(OURS, table=OURS.table.model_copy(update={"series": [changed]}))


async def test_an_interval_that_begins_later_loses_no_issue() -> None:
    it = Office()
    ten = replace(with_interval(date(2026, 12, 7)), table=OURS.table.model_copy(update={"series": [TEN_DAYS]}))
    it.issuing = it.opened(ten)
    assert await it.due(datetime(2026, 11, 28, 4, tzinfo=UTC)) == []
    it.issuing = it.opened(with_interval(date(2026, 12, 7)))
    assert await it.due(datetime(2026, 11, 29, 4, tzinfo=UTC)) == []
    assert await it.due(datetime(2026, 12, 7, 4, tzinfo=UTC)) == [
        ("bulletin", "2026-11-30"),
        ("bulletin", "2026-12-06"),
    ]
    restarted = Office(shelf=it.shelf)
    restarted.issuing = restarted.opened(with_interval(date(2026, 12, 7)))
    assert await restarted.due(datetime(2026, 12, 14, 4, tzinfo=UTC)) == [
        ("bulletin", "2026-11-30"),
        ("bulletin", "2026-12-06"),
        ("bulletin", "2026-12-13"),
    ]


async def test_an_interval_that_has_begun_already_reissues_nothing() -> None:
    it = Office()
    it.shelf.facts["series/bulletin"] = {"lengths": {"0001-01-01": 10}, "since": "2026-01-01"}
    it.issuing = it.opened(with_interval(date(2026, 10, 5)))
    assert await it.due(MONDAY) == []
    assert it.shelf.facts["series/bulletin"] == {
        "lengths": {"0001-01-01": 10, "2026-10-05": 7},
        "since": "2026-11-30",
    }


async def test_an_issue_is_counted_in_each_language() -> None:
    outcome = await Office().outcome(BUILD)
    assert isinstance(outcome, IssueBuilt)
    assert outcome.reports == counted()


async def test_an_issue_of_some_channels_counts_their_cases_alone() -> None:
    outcome = await Office().outcome(replace(BUILD, channels=(Channel.ENTERPRISE_LINK,)))
    assert isinstance(outcome, IssueBuilt)
    assert {each.figures.received for each in outcome.reports} == {0}
    outcome = await Office().outcome(replace(BUILD, channels=(Channel.WEB,)))
    assert isinstance(outcome, IssueBuilt)
    assert outcome.reports == counted()
    outcome = await Office().outcome(replace(BUILD, channels=(Channel.ENTERPRISE_LINK, Channel.WEB)))
    assert isinstance(outcome, IssueBuilt)
    both, web = outcome.reports[0].figures, counted()[0].figures
    assert both.model_copy(update={"channels": web.channels}) == web
    assert [(each.channel, each.received) for each in both.channels] == [("企政通", 0), ("网站", web.received)]


async def test_an_issue_is_not_compared_with_one_of_other_channels() -> None:
    shelf, before = Shelf(), edition_of(SERIES["bulletin"], date(2026, 11, 22))
    first = issue_of(before, SERIES["bulletin"], OURS, MONDAY)
    shelf.issues[before.id] = first.model_copy(update={"reports": counted(), "channels": ("web",)})
    assert await totals_before(shelf, WEEK) is None
    assert await totals_before(shelf, WEEK, ("web",)) is not None


async def test_an_issue_tells_what_the_one_before_has_told() -> None:
    shelf, before = Shelf(), edition_of(SERIES["bulletin"], date(2026, 11, 22))
    first = issue_of(before, SERIES["bulletin"], OURS, MONDAY)
    shelf.issues[before.id] = first.model_copy(update={"reports": counted()})
    outcome = await Office(shelf).outcome(BUILD)
    assert isinstance(outcome, IssueBuilt)
    found = outcome.reports[0].figures.before
    assert found is not None
    assert (found.received, found.closed, found.open) == (6, 4, 4)


async def test_an_issue_waits_for_the_one_before_and_compares_no_other_length() -> None:
    shelf, before = Shelf(), edition_of(SERIES["bulletin"], date(2026, 11, 22))
    shelf.issues[before.id] = issue_of(before, SERIES["bulletin"], OURS, MONDAY)
    assert await Office(shelf).outcome(BUILD) == IssueFailed("the issue before is being counted")
    with pytest.raises(NotYet):
        await totals_before(shelf, WEEK)
    shelf.issues[before.id] = shelf.issues[before.id].model_copy(update={"first_day": "2026-11-13"})
    assert await totals_before(shelf, WEEK) is None


async def test_printed_again_an_issue_is_the_same_files() -> None:
    it = Office()
    one = await it.outcome(PrintIssue(WEEK.id, built()))
    kept = dict(it.shelf.memory.kept)
    it.at += timedelta(days=3)
    assert await it.outcome(PrintIssue(WEEK.id, built())) == one
    assert it.shelf.memory.kept == kept
    assert isinstance(one, IssuePrinted)
    assert [each.id for each in one.prints] == [
        print_id(WEEK.id, language, suffix) for language in Language for suffix in ("html", "pdf")
    ]
    assert {file.name for file in kept.values()} == {
        f"bulletin-2026-11-29.{language}.{suffix}" for language in ("zh", "en") for suffix in ("html", "pdf")
    }


async def test_the_pages_have_the_name_of_the_series_and_its_number() -> None:
    it = Office()
    await it.outcome(PrintIssue(WEEK.id, built()))
    chinese, english = (it.shelf.memory.kept[print_id(WEEK.id, each, "pdf")].content.decode() for each in Language)
    assert '"title":"效能通报"' in chinese
    assert '"number":"〔2026〕第48期"' in chinese
    assert '"title":"Efficiency Bulletin"' in english
    assert '"number":"No. 48 of 2026"' in english


async def test_a_broken_press_is_said_and_the_next_step_has_its_turn() -> None:
    it = Office()
    it.press.broken = True
    assert await it.outcome(PrintIssue(WEEK.id, built())) == IssueFailed("the press broke: EOFError")
    it.press.broken = False
    assert isinstance(await it.outcome(PrintIssue(WEEK.id, built())), IssuePrinted)


async def test_a_step_waits_once_and_comes_again_after_a_database_that_was_away() -> None:
    it = Office()
    it.shelf.away = True
    await it.issuing.perform([BUILD, BUILD])
    with pytest.raises(StoreError):
        await it.issuing.work()
    it.shelf.away = False
    assert isinstance(await it.outcome(BUILD), IssueBuilt)
    assert len(it.recorded) == 1


# ---- files that go with letters


@dataclass
class Box:
    """A provider that takes everything."""

    name: str = "box"
    taken: list[Letter] = field(default_factory=list)

    async def send(self, letter: Letter) -> Accepted:
        self.taken.append(letter)
        return Accepted(None)

    async def close(self) -> None:
        """Nothing is open."""


LETTER = Letter("n1", "bulletin", "a@city.example", "s", "t", prints=("f1",))


async def test_a_letter_is_handed_over_with_its_files() -> None:
    files, box = KeptFiles(), Box()
    await files.keep(File("f1", "bulletin.pdf", "application/pdf", b"%PDF"))
    await Enclosing(box, files.find).send(LETTER)
    (attachment,) = box.taken[0].attachments
    assert (attachment.name, attachment.media_type, attachment.content) == ("bulletin.pdf", "application/pdf", b"%PDF")
    await Enclosing(box, files.find).send(replace(LETTER, prints=()))
    assert box.taken[1].attachments == ()


async def test_a_letter_without_its_file_is_not_sent() -> None:
    async def away(_id: str) -> File | None:
        raise StoreError("away")

    box = Box()
    for find, permanent in ((KeptFiles().find, True), (away, False)):
        with pytest.raises(Refused) as refused:
            await Enclosing(box, find).send(LETTER)
        assert refused.value.permanent is permanent
    assert not box.taken
