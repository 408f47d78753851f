"""Answers of fields: codes with their names, and the units, areas and categories of the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apps.web.forms import Choice, Choices
from apps.web.view import View
from apps.web.words import APPEALS, RESULTS, SATISFACTION, STAGES, WAITS, Names, name_of

ENDINGS: Names = {
    "declined": ("不予受理", "decline"),
    "diverted": ("告知向其他机关提出", "divert to another authority"),
}
AUTHORITIES: Names = {
    "police": ("公安机关", "police"),
    "court": ("人民法院", "court"),
    "discipline-inspection": ("纪检监察机关", "discipline inspection"),
    "petition": ("信访部门", "petition office"),
}
HOLDS: Names = {
    "scope": ("待审查是否受理", "scope to be judged"),
    "supplement": ("待诉求人补充", "waits for the complainant"),
}
OUTCOMES: Names = {
    "reached": ("已接通", "reached"),
    "no-answer": ("无人接听", "no answer"),
    "declined": ("不愿评价，不再回访", "does not want to rate; not called again"),
    "unreachable": ("空号或号码有误，不再回访", "wrong number; not called again"),
}
YES_NO: Names = {"true": ("是", "yes"), "false": ("否", "no")}


def named(view: View, names: Names, code: str | None) -> str:
    """The name of a code in the language of the page."""
    return view.t(*name_of(names, code))


def coded(names: Names, *codes: str) -> Choices:
    """These codes, or all, as answers."""
    return lambda view: [Choice(code, view.t(*names[code])) for code in (codes or names)]


def units(view: View) -> Sequence[Choice]:
    """All units, each below its superior."""
    return [Choice(each.id, "　" * depth + view.named("unit", each.id)) for depth, each in view.place.unit_tree]


def listed_units(view: View) -> Sequence[Choice]:
    """All units in the order of the tree, without indentation: for boxes side by side."""
    return [Choice(each.id, view.named("unit", each.id)) for _, each in view.place.unit_tree]


def areas(view: View) -> Sequence[Choice]:
    """All areas, each below the one that it is part of."""
    tree = view.place.tree(view.place.document.areas)
    return [Choice(area.code, "　" * depth + view.named("area", area.code)) for depth, area in tree]


def categories(view: View) -> Sequence[Choice]:
    """All categories in the order of the place."""
    return [Choice(each.code, view.named("category", each.code)) for each in view.place.document.categories]


def channels(view: View) -> Sequence[Choice]:
    """All channels in the order of the place."""
    return [Choice(each.code, view.named("channel", each.code)) for each in view.place.document.channels]


def category_of(view: View, text: str) -> str:
    """The category that was typed: its code or its name in either language; empty for anything else."""
    wanted = text.strip().casefold()
    for each in view.place.document.categories:
        if wanted and wanted in {each.code.casefold(), each.zh.casefold(), each.en.casefold()}:
            return each.code
    return ""


def code_names(view: View) -> Callable[[str, str | None], str]:
    """For templates: `code("stage", case.stage)` is the name of a code in the language of the page."""
    tables: Mapping[str, Names] = {
        "stage": {**STAGES, "in-hand": ("办理中", "in hand")},
        "appeal": APPEALS,
        "satisfaction": SATISFACTION,
        "waits": WAITS,
        "hold": HOLDS,
        "outcome": OUTCOMES,
        "ending": {
            **ENDINGS,
            "lapsed": ("逾期未补充", "lapsed"),
            "withdrawn": ("诉求人撤回", "withdrawn"),
            "declined": ("不予受理", "declined"),
            "diverted": ("转告其他机关", "diverted"),
        },
        "result": RESULTS,
    }
    return lambda kind, code: named(view, tables[kind], code)


def answers_of(view: View, case: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Answers to the questions of the category, in words."""
    if case is None:
        return []
    category = view.place.categories.get(case["category"])
    questions = {each.code: each for each in category.questions} if category else {}
    found = []
    for given in case["attributes"]:
        question = questions.get(given["code"])
        values = {each.key: view.t(each.zh, each.en or each.zh) for each in question.values} if question else {}
        name = view.t(question.zh, question.en or question.zh) if question else given["code"]
        found.append((name, values.get(given["value"], given["value"])))
    return found
