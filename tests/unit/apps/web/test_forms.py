"""Forms: fields read from a command's model, values, faults, and what a service refused."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from apps.web.forms import Choice, Spec, build, read
from apps.web.place import Place, PlaceDocument
from apps.web.services import Reason, ServiceProblem
from apps.web.view import View
from contracts.handling import ReportHandling, SignCase
from tests.unit.apps.web.conftest import PLACE

SPECS = (
    Spec("title", "标题", "Title", required=True, most=10),
    Spec("kind", "类别", "Kind", "select", choices=lambda _: [Choice("a", "甲"), Choice("b", "乙")]),
    Spec("count", "数量", "Count", "number"),
    Spec("at", "时间", "When", "datetime-local"),
    Spec("on", "日期", "Day", "date"),
    Spec("agreed", "同意", "Agreed", "check"),
    Spec("several", "多项", "Several", "checks", choices=lambda _: [Choice("a", "甲"), Choice("b", "乙")]),
    Spec("inner.minutes", "纪要", "Minutes"),
)


@pytest.fixture
def view(site) -> View:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
    return View(request, site, "zh", Place(PlaceDocument.model_validate(PLACE)))


def values(view: View, **fields: Any) -> dict[str, Any]:
    form, data = read(view, SPECS, FormData(list(fields.items())))
    assert form.faults == []
    return data


def test_values_become_what_a_command_has(view):
    data = values(view, title="井盖", kind="a", count="3", at="2026-11-30T08:15", on="2026-12-01", agreed="on")
    assert data == {
        "title": "井盖",
        "kind": "a",
        "count": 3,
        "at": "2026-11-30T08:15:00+08:00",
        "on": "2026-12-01",
        "agreed": True,
    }
    assert values(view, **{"title": "x", "inner.minutes": "会议"})["inner"] == {"minutes": "会议"}
    _, data = read(view, SPECS, FormData([("title", "x"), ("several", "a"), ("several", "b")]))
    assert data["several"] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "value"), [("kind", "c"), ("count", "three"), ("at", "yesterday"), ("on", "2026-13-01"), ("several", "z")]
)
def test_a_value_that_does_not_fit_is_a_fault_beside_its_field_and_stays_there(view, name, value):
    form, data = read(view, SPECS, FormData([("title", "x"), (name, value)]))
    assert [fault.field for fault in form.faults] == [name]
    assert form[name].value == value
    assert "填写不正确" in form[name].fault
    assert name not in data


def test_a_missing_field_is_named_in_the_language_of_the_page(view):
    form, _ = read(view, SPECS, FormData([("title", "  ")]))
    assert [fault.text for fault in form.faults] == ["请填写“标题”。"]
    view.language = "en"
    form, _ = read(view, SPECS, FormData([]))
    assert [fault.text for fault in form.faults] == ["“Title” is missing."]


def test_what_a_service_refuses_stands_beside_the_field_it_is_about(view):
    form, _ = read(view, SPECS, FormData([("title", "x")]))
    reasons = (
        Reason("too-short", "太短", "too short", "data.inner.minutes.text"),
        Reason("closed", "已办结", "closed", "data.other"),
    )
    form.refuse(view, ServiceProblem(422, "refused", "被拒绝", "refused", reasons))
    assert form["inner.minutes"].fault == "太短"
    assert [(fault.text, fault.field) for fault in form.faults] == [("太短", "inner.minutes"), ("已办结", "")]
    assert form["title"].value == "x"


def test_constraints_come_from_the_model_of_the_command(view):
    specs = tuple(Spec(name, name, name) for name in ReportHandling.model_fields if name in {"result", "reply"})
    form = build(view, specs, ReportHandling)
    assert form["result"].kind == "radio"
    assert len(form["result"].choices) > 1
    assert form["reply"].kind == "area"
    assert form["reply"].most
    assert build(view, (), SignCase).fields == []


def test_values_that_were_stored_are_shown_before_any_default(view):
    view.kept = {"title": ["草稿"], "several": ["a", "b"]}
    form = build(view, SPECS, given={"title": "别的", "count": 4})
    assert form["title"].value == "草稿"
    assert list(form["several"].values) == ["a", "b"]
    assert form["count"].value == "4"


def test_the_form_that_was_sent_keeps_its_key_of_repetition(view):
    form, _ = read(view, SPECS, FormData([("title", "x"), ("once", "abc")]))
    assert form.once == "abc"
    assert build(view, SPECS).once != build(view, SPECS).once
