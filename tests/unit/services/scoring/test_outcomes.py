"""What was done, summed: the table of S1¶4 comes out of outcomes that were recorded one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from contracts.codes import SubjectKind
from contracts.conduct import RecordOutcome
from infra.place import read_place
from services.scoring.conduct_numbers import OutcomeNumbers, outcome_numbers
from services.scoring.domain.conduct.outcomes import summed
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record import ConductRecord
from services.scoring.domain.decide import Rules
from services.scoring.domain.scores.period import Period
from tests.support.deployment import ROOT
from tests.unit.services.scoring.dossier import File, counted

PLACE = read_place(ROOT / "policies" / "jian-county")
RULES = Rules.from_tables(PLACE.version, PLACE.tables)
ZONE = ZoneInfo("Asia/Shanghai")
UNITS = ("forestry", "commerce", "jiebu-township")
TIMES = {"apology": 6, "self-criticism": 21, "detention": 1, "public-order-penalty": 6, "moved": 2, "fined": 150}
"""Of people, as the source counts them: “赔礼道歉6人,书面检查21人,治安拘留1人,治安处罚6人…调整岗位2人…150人次”."""
MONTH = Period.parse("2026-11")


def policy() -> ConductPolicy:
    assert RULES.conduct is not None
    return RULES.conduct


def decided_about(kind: SubjectKind, subject: str, unit: str) -> File:
    """The record of somebody about whom the office has decided."""
    file = File(of=kind, subject=subject, by=RULES)
    file.hear(counted(1, unit=unit, kind=kind, subject=subject, units=(unit,), body="efficiency-centre"))
    file.decide("self-criticism", speaker="efficiency-office", actor="efficiency-office.director")
    return file


def done(kind: SubjectKind, outcome: str, times: int, **money: int) -> Iterator[ConductRecord]:
    """The records of so many to whom it was done, in one unit after the other."""
    for n in range(times):
        unit = UNITS[n % len(UNITS)]
        file = decided_about(kind, f"{unit}.{outcome}-{n}" if kind is SubjectKind.POST else f"{unit}-{n}", unit)
        file.say(RecordOutcome, unit, outcome=outcome, **money)
        yield file.held


def year_of_the_county() -> Iterator[ConductRecord]:
    for outcome, times in TIMES.items():
        yield from done(SubjectKind.POST, outcome, times)
    yield from done(SubjectKind.POST, "circulated-criticism", 3)
    yield from done(SubjectKind.UNIT, "circulated-criticism", 15)
    yield from done(SubjectKind.UNIT, "money-returned", 1, amount_fen=6_600_000, unlawful_fen=6_600_000)
    yield from done(SubjectKind.UNIT, "money-returned", 1, amount_fen=3_165_200)


def numbers(period: Period, *records: ConductRecord) -> OutcomeNumbers:
    return outcome_numbers(period, policy(), summed(records, *period.within(ZONE)))


def test_the_table_of_the_county_comes_out() -> None:
    """S1¶4: “减免收费和罚款97652元(其中查处违规金额6.6万元)…通报批评机关工作人员3人,通报批评单位15个…”."""
    found = {each.outcome: each for each in numbers(MONTH, *year_of_the_county()).together}
    people = {name: each.posts for name, each in found.items() if each.posts}
    assert people == {**TIMES, "circulated-criticism": 3}
    assert {name: each.units for name, each in found.items() if each.units} == {
        "circulated-criticism": 15,
        "money-returned": 2,
    }
    assert (found["money-returned"].amount_fen, found["money-returned"].unlawful_fen) == (9_765_200, 6_600_000)
    assert (found["fined"].zh, found["fined"].en) == ("经济处罚", "fined")


def test_the_numbers_of_the_units_make_those_of_all() -> None:
    found = numbers(MONTH, *year_of_the_county())
    assert [each.unit for each in found.units] == sorted(UNITS)
    moved = {each.unit: row.posts for each in found.units for row in each.outcomes if row.outcome == "moved"}
    assert moved == {"forestry": 1, "commerce": 1}
    for total in found.together:
        rows = [row for each in found.units for row in each.outcomes if row.outcome == total.outcome]
        assert sum(row.posts for row in rows) == total.posts
        assert sum(row.amount_fen for row in rows) == total.amount_fen


def test_what_was_done_counts_in_the_month_in_which_it_was_recorded() -> None:
    (record,) = done(SubjectKind.POST, "apology", 1)
    assert record.filed == ("outcomes/2026-11",)
    assert numbers(Period.parse("2026-10"), record).together == []
    assert [row.posts for row in numbers(Period.parse("2026"), record).together] == [1]


def test_the_month_begins_in_the_days_of_the_place() -> None:
    (record,) = done(SubjectKind.POST, "apology", 1)
    (proposal,) = record.proposals
    (outcome,) = proposal.outcomes
    new_year = outcome.model_copy(update={"at": datetime(2026, 12, 31, 16, 0, tzinfo=UTC)})
    moved = record.with_proposal(proposal.model_copy(update={"outcomes": (new_year,)}))
    assert numbers(Period.parse("2026"), moved).together == []
    assert [row.posts for row in numbers(Period.parse("2027-01"), moved).together] == [1]
