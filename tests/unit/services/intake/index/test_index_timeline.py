"""Timelines for the complainant and for units, what may still be asked for, and lists as files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from contracts.codes import TimeUnit
from contracts.limits import TimeLimit
from infra.spreadsheets import MARK, csv_lines
from services.intake.index.documents import found_case
from services.intake.index.facts import of_instant
from services.intake.index.files import cells_of, head_of, write_xlsx
from services.intake.index.place import Windows
from services.intake.index.projection import case_key, facts_of
from services.intake.index.timeline import complainant_steps, limit_of, possible, staff_steps
from tests.unit.services.intake.index.lives import NOW, PLACE, START, case, event, index, life, registered, searched

POLICE = "police-beicheng"
WINDOWS = Windows(rate_days=30, reopen_days=30, reopenings=1, appeal_days=30)


def steps(*events: Any) -> list[Any]:
    return complainant_steps(facts_of(index(*events), case_key(case(1))), PLACE)


def test_the_complainant_sees_plain_steps_in_order() -> None:
    found = steps(
        *life(1),
        event("note.added", 3, unit=POLICE, text="此人多次来电", by=f"{POLICE}.desk-1"),
        event("clock.extended", 4, clock="close", due_at="2026-11-20T15:59:59Z", reason="复杂"),
        event("reopening.requested", 20, reason="没解决"),
        event("case.reopened", 21, unit=POLICE, count=1),
    )
    assert [each.code for each in found] == [
        *("registered", "with-unit", "signed", "extended", "answered", "rated", "reopening-requested", "reopened"),
    ]
    assert found[3].zh == "办理期限延长至 2026-11-20。"
    assert found[1].en == f"Sent to {PLACE.name('unit', POLICE, 'en')}."
    assert "多次来电" not in str(found)
    assert "desk-1" not in str(found)


def test_the_limit_is_that_of_the_clock_that_began_last() -> None:
    def limit(*events: Any) -> Any:
        return limit_of(facts_of(index(registered(1), *events), case_key(case(1))))

    def begun(hour: int, clock: str, **fields: Any) -> Any:
        return event("clock.started", hour, clock=clock, due_at="2026-11-20T15:59:59Z", **fields)

    first = begun(1, "close", limit={"amount": 15, "unit": "working-days"})
    assert limit(first) == TimeLimit(amount=15, unit=TimeUnit.WORKING_DAYS)
    again = begun(9, "close-2", limit={"amount": 5, "unit": "calendar-days"})
    assert limit(first, again) == TimeLimit(amount=5, unit=TimeUnit.CALENDAR_DAYS)
    assert limit() is None
    assert limit(begun(1, "close")) is None  # published before limits were named


@pytest.mark.parametrize("fields", [{"confidential": True}, {"about": "ecology"}])
def test_units_are_not_named_in_a_confidential_case_or_a_complaint_about_a_unit(fields: dict[str, Any]) -> None:
    found = steps(*life(1, **fields))
    names = [PLACE.name("unit", unit, language) for unit in (POLICE, "ecology") for language in ("zh", "en")]
    assert not [name for name in names if name in str(found)]
    assert found[1].zh == "已交有关单位办理。"


def test_units_see_every_event_with_notes_and_posts_but_not_who_complained() -> None:
    note = event("note.added", 3, unit=POLICE, text="已联系当事人", by=f"{POLICE}.desk-1")
    found = staff_steps(facts_of(index(*life(1, complainant="c-secret"), note), case_key(case(1))))
    assert {"unit": POLICE, "text": "已联系当事人", "by": f"{POLICE}.desk-1"} in [each.details for each in found]
    assert [each.event for each in found] == [
        *("case.registered", "case.assigned", "clock.started", "case.signed", "note.added", "handling.reported"),
        *("case.closed", "clock.stopped", "case.rated"),
    ]
    assert "c-secret" not in str(found)


@pytest.mark.parametrize(
    ("events", "days", "can"),
    [
        ([registered()], 1, ["withdraw"]),
        ([registered(), event("complainant.asked", 2, unit=POLICE)], 1, ["supplement", "withdraw"]),
        (life(1)[:-1], 1, ["rate", "reopen", "appeal"]),
        (life(1), 1, ["reopen", "appeal"]),
        (life(1)[:-1], 31, []),
        ([registered(), event("case.ended", 1, ending="withdrawn")], 1, []),
        ([*life(1), event("review.opened", 20, unit=POLICE, reviewer="city-office", reason="x")], 1, []),
        (
            [
                *life(1),
                event("case.reopened", 20, unit=POLICE, count=1, requested_by="complainant"),
                event("case.closed", 22, unit=POLICE, result="resolved", reply="x"),
            ],
            2,
            ["rate", "appeal"],
        ),
    ],
)
def test_what_a_complainant_may_ask_for_now(events: list[Any], days: int, can: list[str]) -> None:
    (row,) = searched(index(*events), number="BC-2026").rows
    now = of_instant(START + timedelta(days=days))
    assert possible(row, WINDOWS, now, awaits_reception=False) == can


def test_a_list_has_names_and_no_formula() -> None:
    rows = searched(index(*life(1, title="=1+1", urgent=True)), number="BC-2026").rows
    now = of_instant(NOW)
    content = MARK + csv_lines([head_of("en"), *(cells_of(row, PLACE, "en", now) for row in rows)])
    head, line = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    cells = dict(zip(head, line, strict=True))
    assert (cells["title"], cells["urgent"], cells["stage"], cells["solved"]) == ("'=1+1", "yes", "closed", "yes")
    assert cells["responsible unit"] == PLACE.name("unit", POLICE, "en")
    assert cells["received"] == "2026-11-02 09:00:00"
    assert len(head_of("zh")) == len(head) == len(set(head_of("zh")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r"])
def test_no_text_begins_like_a_formula(start: str) -> None:
    assert csv_lines([[f"{start}cmd"]]).decode().strip('"\r\n')[0] == "'"


def test_a_sheet_is_a_workbook_with_text_cells(tmp_path: Path) -> None:
    rows = searched(index(*life(1, title="=1+1")), number="BC-2026").rows
    path = tmp_path / "x.xlsx"
    write_xlsx(
        str(path), iter([head_of("zh"), *(cells_of(row, PLACE, "zh", of_instant(NOW)) for row in rows)]), "cases"
    )
    with ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1" in sheet
    assert "<f>" not in sheet


def test_a_found_case_never_says_who_complained() -> None:
    (row,) = searched(index(*life(1, complainant="c-secret")), number="BC-2026").rows
    shown = found_case(row, of_instant(NOW)).model_dump_json()
    assert "c-secret" not in shown
    assert '"overdue":false' in shown
