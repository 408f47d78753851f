"""The criteria of a search as a form, as the query of a page, and as the body of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from apps.desk.choices import YES_NO, areas, categories, channels, coded, named, units
from apps.web.forms import Spec
from apps.web.view import View
from apps.web.words import APPEALS, SATISFACTION, STAGES, WAITS, Names

STATES: Names = {"open": ("未办结", "open"), "closed": ("已办结", "closed")}
SORTS: Names = {
    "received": ("收到时间", "received"),
    "due": ("期限", "due"),
    "updated": ("最近变动", "last change"),
    "waiting": ("等待时间", "waiting"),
}
ORDERS: Names = {"asc": ("升序", "ascending"), "desc": ("降序", "descending")}
COLUMNS: Names = {
    "title": ("标题", "Title"),
    "stage": ("状态", "Stage"),
    "category": ("类别", "Category"),
    "area": ("地区", "Area"),
    "responsible": ("承办单位", "Unit"),
    "received_at": ("收到", "Received"),
    "due_at": ("期限", "Due"),
    "centre": ("受理中心", "Centre"),
    "channel": ("渠道", "Channel"),
    "appeal": ("诉求类型", "Appeal"),
    "updated_at": ("最近变动", "Last change"),
    "closed_at": ("办结", "Closed"),
    "satisfaction": ("满意度", "Satisfaction"),
    "repeats": ("重复次数", "Repeats"),
    "waits": ("等待", "Waits for"),
}
USUAL_COLUMNS = ("title", "stage", "category", "responsible", "received_at", "due_at")
_STAGE_CODES = (
    *("scope", "awaits-complainant", "queued", "proposed", "merged", "offered", "signed", "suspended", "reported"),
    *("closed", "ended"),
)
MAIN = (
    Spec("words", "关键词", "Words", "search", autocomplete="off", most=400),
    Spec("number", "编号", "Number", "search", autocomplete="off", most=60),
    Spec("state", "办结与否", "Open or closed", "select", choices=coded(STATES), empty=("全部", "All")),
    Spec("unit", "承办单位", "Unit", "select", choices=units, empty=("全部", "All")),
    Spec("area", "地区", "Area", "select", choices=areas, empty=("全部", "All")),
    Spec("category", "类别", "Category", "select", choices=categories, empty=("全部", "All")),
    Spec("received_from", "收到：自", "Received from", "date"),
    Spec("received_to", "至", "to", "date"),
)
MORE = (
    Spec("telephone", "诉求人电话", "Complainant's telephone", "tel", autocomplete="off", inputmode="tel", most=40),
    Spec("stage", "状态", "Stage", "checks", choices=coded(STAGES, *_STAGE_CODES)),
    Spec("appeal", "诉求类型", "Appeal", "checks", choices=coded(APPEALS)),
    Spec("channel", "渠道", "Channel", "select", choices=channels, empty=("全部", "All")),
    Spec("centre", "受理中心", "Centre", "select", choices=units, empty=("全部", "All")),
    Spec("urgent", "紧急", "Urgent", "select", choices=coded(YES_NO), empty=("不限", "Any")),
    Spec("overdue", "超期", "Overdue", "select", choices=coded(YES_NO), empty=("不限", "Any")),
    Spec("rated", "已评价", "Rated", "select", choices=coded(YES_NO), empty=("不限", "Any")),
    Spec("satisfaction", "满意度", "Satisfaction", "checks", choices=coded(SATISFACTION)),
    Spec("closed_from", "办结：自", "Closed from", "date"),
    Spec("closed_to", "至", "to", "date"),
    Spec("what", "等待事项", "Waits for", "checks", choices=coded(WAITS)),
    Spec("waits_for", "等待哪个单位", "Waits for which unit", "select", choices=units, empty=("本单位", "Own unit")),
    Spec("below", "包括下级", "With those below", "select", choices=coded(YES_NO), empty=("是", "Yes")),
    Spec("sort", "排序", "Order by", "select", choices=coded(SORTS), empty=("默认", "Default")),
    Spec("order", "方向", "Direction", "select", choices=coded(ORDERS), empty=("默认", "Default")),
    Spec("columns", "显示的列", "Columns", "checks", choices=coded(COLUMNS)),
)
SPECS = (*MAIN, *MORE)
LISTS = frozenset({"stage", "satisfaction", "category", "area", "channel", "appeal", "centre", "unit", "what"})
_BOOLS = frozenset({"below", "urgent", "overdue", "rated"})
_SHOWN_ONLY = frozenset({"columns"})
BODY_ONLY = "telephone"
"""Travels in bodies only: addresses are logged and stay in the history of the browser."""
_LINKED = frozenset({"complainant_of"})
"""Criteria that only links have."""
Criteria = Mapping[str, Sequence[str]]


def criteria_of(given: FormData | QueryParams) -> dict[str, list[str]]:
    """What was asked for, by name; lists may be given several times or with commas. Unknown names are left out."""
    known = {each.name for each in SPECS} | _LINKED
    found: dict[str, list[str]] = {}
    for name, value in given.multi_items():
        if name in known and isinstance(value, str) and value.strip():
            parts = value.split(",") if name in LISTS | _SHOWN_ONLY else [value]
            found.setdefault(name, []).extend(part.strip() for part in parts if part.strip())
    return found


def query_of(criteria: Criteria, **more: Any) -> str:
    """The query of an address. The telephone number is never in it."""
    pairs = {name: ",".join(values) for name, values in criteria.items() if name != BODY_ONLY and values}
    return urlencode({**pairs, **{name: str(value) for name, value in more.items()}}, safe=",")


def body_of(criteria: Criteria, page: int = 1, page_size: int = 50) -> dict[str, Any]:
    """The body of `POST /v1/cases/search`."""
    body: dict[str, Any] = {"page": page, "page_size": page_size}
    for name, values in criteria.items():
        if name in _SHOWN_ONLY or not values:
            continue
        if name in LISTS:
            body[name] = list(values)
        elif name in _BOOLS:
            body[name] = values[0] == "true"
        else:
            body[name] = values[0]
    return body


def is_asked(criteria: Criteria) -> bool:
    """Whether anything is searched for; order and columns are no criteria."""
    return any(name not in {"columns", "sort", "order", "below"} for name in criteria)


def columns_of(criteria: Criteria) -> Sequence[str]:
    """The columns to show, in the order of the list."""
    wanted = set(criteria.get("columns", ())) & set(COLUMNS)
    return [name for name in COLUMNS if name in wanted] or USUAL_COLUMNS


def words_of(view: View, criteria: Criteria) -> list[str]:
    """The criteria in words, for the heading of the results; never the telephone number itself."""
    labels = {each.name: view.t(each.zh, each.en) for each in SPECS}
    labels["complainant_of"] = view.t("同一诉求人的案件", "Cases of one complainant")
    found = []
    for name, values in criteria.items():
        if name in {"columns", "sort", "order"}:
            continue
        if name in {BODY_ONLY, "complainant_of"}:
            found.append(labels[name])
        else:
            found.append(f"{labels[name]}{view.t('：', ': ')}{view.t('、', ', ').join(_names(view, name, values))}")
    return found


def _names(view: View, name: str, values: Iterable[str]) -> list[str]:
    tables: Mapping[str, Names] = {
        "state": STATES,
        "stage": STAGES,
        "appeal": APPEALS,
        "satisfaction": SATISFACTION,
        "what": WAITS,
        **dict.fromkeys(_BOOLS, YES_NO),
    }
    kinds = {"unit": "unit", "centre": "unit", "waits_for": "unit", "area": "area", "category": "category"}
    kinds["channel"] = "channel"
    if name in tables:
        return [named(view, tables[name], each) for each in values]
    return [view.named(kinds[name], each) if name in kinds else each for each in values]
