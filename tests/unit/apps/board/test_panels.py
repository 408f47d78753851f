"""Panels show what services answered, in two languages, and say in words what is missing."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.board.backlog import read_metrics
from apps.board.chart_library import PACKAGE, ChartLibrary
from apps.board.cockpit import PANELS
from apps.board.panels import Panel, Seen, cases, months_until, percent
from apps.board.panels_now import due, figures, open_cases
from apps.board.panels_scores import grades, rates_by_month, rates_by_unit, source_of
from apps.web.language import Language
from apps.web.place import Place, PlaceDocument
from apps.web.services import ServiceProblem

MONTHS = ["2026-10", "2026-11"]
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
OPEN = {
    "open": 5,
    "overdue": 2,
    "urgent": 0,
    "ages": [
        {"from_days": 0, "to_days": 0, "received_from": "2026-11-20", "received_to": "2026-11-20"},
        {"from_days": 1, "received_to": "2026-11-19"},
    ],
    "stages": [{"stage": "signed", "open": 5, "overdue": 2, "by_age": [1, 4]}],
    "areas": [{"of": "beicheng", "zh": "北城区", "en": "Beicheng", "open": 5, "overdue": 2}],
}
DUE = {
    "edges": ["2026-11-20T04:00:00Z", *(f"2026-11-20T{n:02}:00:00Z" for n in range(5, 24))],
    "units": [{"unit": "police", "zh": "公安", "en": "Police", "overdue": 1, "by_hour": [1, 0, 0, 0, 2, *([0] * 14)]}],
}


def share(numerator: int, denominator: int) -> dict[str, Any]:
    value = None if not denominator else str(round(100 * Decimal(numerator) / denominator, 2))
    return {"numerator": numerator, "denominator": denominator, "value": value, "small_sample": denominator < 3}


def numbers(*rows: tuple[str, int, tuple[int, int]]) -> dict[str, Any]:
    rates = ("response", "on-time", "satisfaction")
    return {
        "rows": [
            {"of": unit, "zh": unit, "en": unit, "counts": {"closed": closed}, "rates": {r: share(*of) for r in rates}}
            for unit, closed, of in rows
        ]
    }


def seen(answers: dict[str, Any], language: Language = "zh", problems: dict[str, Any] | None = None) -> Seen:
    return Seen(answers, problems or {}, Place(PlaceDocument()), language, NOW, "city", MONTHS)


def texts(panel: Panel) -> list[list[str]]:
    return [[cell.text for cell in row] for row in panel.rows]


def test_without_answers_every_panel_waits_and_a_service_that_is_away_is_named() -> None:
    for made in PANELS:
        assert made(seen({})).waits, made.__name__
    away = ServiceProblem(503, "unreachable", "连接不上", "cannot be reached")
    sources = ("open", "due", "flow", "waiting", "backlog", "months", "month", "scores")
    for made in PANELS:
        panel = made(seen({}, "en", dict.fromkeys(sources, away)))
        assert (panel.waits, panel.problem) == (False, "cannot be reached"), made.__name__


def test_each_number_of_open_cases_leads_to_its_list_and_nothing_does_not() -> None:
    panel = open_cases(seen({"open": OPEN}))
    assert texts(panel) == [["办理中", "5", "1", "4", "2"]]
    row = panel.rows[0]
    assert row[2].href == cases(state="open", stage="signed", received_from="2026-11-20", received_to="2026-11-20")
    assert row[3].href == "/cases?state=open&stage=signed&received_to=2026-11-19"
    assert texts(open_cases(seen({"open": OPEN}, "en")))[0][0] == "in hand"
    urgent = next(each for each in figures(seen({"open": OPEN})) if each.label == "紧急")
    assert (urgent.text, urgent.tone) == ("0", "")


def test_limits_are_summed_for_the_next_hours_and_all_of_them() -> None:
    panel = due(seen({"due": DUE}))
    assert texts(panel) == [["公安", "1", "3", "1"]]
    assert "due_to=2026-11-20T08%3A00%3A00Z" in panel.rows[0][1].href
    assert panel.option is not None
    assert sum(panel.option["series"][0]["data"]) == 3


def test_rates_of_all_units_are_those_of_their_sums() -> None:
    answers = {
        source_of("2026-10"): numbers(("a", 3, (158, 161))),
        source_of("2026-11"): numbers(("a", 2, (1, 2)), ("b", 9, (7, 9)), ("c", 0, (0, 0))),
    }
    panel = rates_by_month(seen(answers))
    assert texts(panel)[0][:2] == ["2026-11", "72.73% (8/11)"]
    assert texts(panel)[1][:2] == ["2026-10", "98.14% (158/161)"]
    units = rates_by_unit(seen(answers))
    assert texts(units) == [["b", "9", "77.78%", "77.78%", "77.78%"], ["a", "2", "50.00%*", "50.00%*", "50.00%*"]]
    assert units.rows[0][3].href == "/scores/2026-11/b/on-time"


@pytest.mark.parametrize(("grading", "last"), [("bands", "良好"), ("ranking", "1")])
def test_bands_or_ranks_are_shown_as_the_policy_has_them(grading: str, last: str) -> None:
    card = {"unit": "a", "zh": "甲", "en": "A", "total": "81.5", "band": "good", "rank": 1}
    card |= {"small_sample": False, "vetoed": []}
    none = {**card, "unit": "b", "zh": "乙", "total": None, "band": None, "rank": None}
    scores = {
        "grading": grading,
        "bands": [{"id": "good", "zh": "良好", "en": "good"}],
        "groups": [{"id": "g", "zh": "组", "en": "group", "cards": [card, none]}],
    }
    assert texts(grades(seen({"scores": scores}))) == [["甲", "组", "81.50", last], ["乙", "组", "–", "–"]]
    assert grades(seen({"scores": None})).problem


def test_months_and_percentages() -> None:
    assert months_until(date(2026, 2, 28), 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [percent(158, 161), percent(1, 8), percent(0, 5), percent(1, 0)] == [
        Decimal("98.14"),
        Decimal("12.5"),
        Decimal(0),
        None,
    ]


def test_the_lag_of_a_service_is_the_sum_over_its_partitions() -> None:
    text = (
        'xn_consumer_lag{partition="0",topic="a"} 3.0\nxn_consumer_lag{partition="1",topic="a"} 4.0\n'
        "xn_index_age_seconds 1.6\nxn_other 9.0\n"
    )
    found = read_metrics("intake", text)
    assert (found.messages, found.index_seconds) == (7, 2)
    none = read_metrics("notify", "xn_index_age_seconds +Inf\n")
    assert (none.messages, none.index_seconds) == (None, None)


def test_the_chart_library_is_a_module_of_the_installed_wheel_and_may_be_missing() -> None:
    found = ChartLibrary()
    assert found.file is not None
    assert b"Apache Software Foundation" in found.file.read_bytes()[:1_000]
    assert found.url.startswith("/static/echarts.js?v=")
    missing = ChartLibrary("no_such_package")
    assert (missing.file, missing.url) == (None, "")
    assert importlib.util.find_spec(PACKAGE) is not None
