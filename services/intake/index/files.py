"""Lists of cases (台账) and figures as CSV and XLSX: no cell is a formula, and none tells who complained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.spreadsheets import fill_sheet
from services.intake.index.facts import instant
from services.intake.index.place import IndexPlace

Cell = str | int | float | datetime | None

_HEADS: tuple[tuple[str, str, str], ...] = (
    ("number", "编号", "number"),
    ("title", "标题", "title"),
    ("stage", "阶段", "stage"),
    ("appeal", "诉求类型", "appeal"),
    ("category", "类别", "category"),
    ("area", "区域", "area"),
    ("channel", "渠道", "channel"),
    ("centre", "受理中心", "centre"),
    ("responsible", "责任单位", "responsible unit"),
    ("urgent", "紧急", "urgent"),
    ("received", "来电时间", "received"),
    ("registered", "登记时间", "registered"),
    ("due", "办理期限", "due"),
    ("overdue", "是否超期", "overdue"),
    ("closed", "办结时间", "closed"),
    ("result", "办理结果", "result"),
    ("ending", "终结方式", "ending"),
    ("satisfaction", "满意度", "satisfaction"),
    ("solved", "是否解决", "solved"),
    ("reopened", "重办次数", "reopened"),
    ("repeats", "重复次数", "repeats"),
)
_STAGES = {
    "scope": ("受理审查", "scope"),
    "awaits-complainant": ("待诉求人补充", "awaits complainant"),
    "queued": ("待派单", "queued"),
    "proposed": ("待审批", "proposed"),
    "merged": ("已并案", "merged"),
    "offered": ("待签收", "offered"),
    "signed": ("办理中", "signed"),
    "suspended": ("挂账", "suspended"),
    "reported": ("待核查", "reported"),
    "closed": ("已办结", "closed"),
    "ended": ("已终结", "ended"),
}
_WORDS = {
    "resolved": "已解决",
    "explained": "已解释",
    "not-resolved": "未解决",
    "declined": "不予受理",
    "diverted": "转其他机关",
    "lapsed": "逾期未补",
    "withdrawn": "撤诉",
    "very-satisfied": "很满意",
    "satisfied": "满意",
    "fairly-satisfied": "基本满意",
    "dissatisfied": "不满意",
    "very-dissatisfied": "很不满意",
}
_NAMED = {
    "appeal": "appeal",
    "category": "category",
    "area": "area",
    "channel": "channel",
    "centre": "unit",
    "responsible": "unit",
}


def head_of(language: str) -> list[Cell]:
    """The heads of the columns."""
    return [zh if language == "zh" else en for _, zh, en in _HEADS]


def cells_of(row: Mapping[str, Any], place: IndexPlace, language: str, now: int) -> list[Cell]:
    """One case as cells, in the order of the heads."""
    late = row["open"] and not row["paused"] and row["due"] is not None and row["due"] < now
    given = {**row, "overdue": bool(late)}
    return [_cell(name, given[name], place, language) for name, _, _ in _HEADS]


def _cell(name: str, value: Any, place: IndexPlace, language: str) -> Cell:
    if value is None:
        return None
    match name:
        case "received" | "registered" | "due" | "closed":
            return instant(value).astimezone(place.zone).replace(tzinfo=None, microsecond=0)
        case "urgent" | "overdue" | "solved":
            yes, no = ("是", "否") if language == "zh" else ("yes", "no")
            return yes if value else no
        case "stage":
            return _STAGES[value][language == "en"]
        case "result" | "ending" | "satisfaction":
            return _WORDS.get(value, value) if language == "zh" else str(value)
        case _ if name in _NAMED:
            return place.name(_NAMED[name], value, language)
        case _:
            found: Cell = value
            return found


def write_xlsx(path: str, rows: Iterator[Sequence[Cell]], name: str) -> None:
    """One sheet, written row by row to a file."""
    import xlsxwriter  # noqa: PLC0415 - needed for this kind of file alone

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(name)
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 30, 16)
        fill_sheet(sheet, rows, bold, {datetime: moment})
