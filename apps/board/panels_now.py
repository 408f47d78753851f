"""Panels of the present: flow, open cases, limits that end soon, areas, what waits, how far services are behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.board import charts
from apps.board.charts import Series
from apps.board.panels import Cell, Figure, Panel, Seen, cases, number
from apps.board.words import SERVICES, word
from apps.web.words import STAGES, WAITS

MOST_UNITS, MOST_AREAS = 12, 15
_AGE_COLOURS = ("#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c", charts.ORANGE)
"""From young to old: one hue that darkens, and another for the oldest."""


def figures(seen: Seen) -> list[Figure]:
    """The numbers at the head of the cockpit."""
    found: list[Figure] = []
    if (now := seen.answers.get("open")) is not None:
        found += [
            Figure(seen.t("在办", "Open"), f"{now['open']:,}", cases(state="open", sort="due")),
            Figure(
                seen.t("超期", "Overdue"),
                f"{now['overdue']:,}",
                cases(overdue="true", sort="due"),
                _bad(now["overdue"]),
            ),
            Figure(
                seen.t("紧急", "Urgent"), f"{now['urgent']:,}", cases(state="open", urgent="true"), _warn(now["urgent"])
            ),
        ]
    if (due := seen.answers.get("due")) is not None:
        soon = sum(sum(each["by_hour"]) for each in due["units"])
        span = {"due_from": due["edges"][0], "due_to": due["edges"][-1]}
        href = cases(state="open", paused="false", sort="due", **span)
        found.append(Figure(seen.t("24小时内到期", "Due within 24 h"), f"{soon:,}", href, _warn(soon)))
    if (flow := seen.answers.get("flow")) is not None:
        last = seen.t("近1小时", "last hour")
        for name, zh, en in _FLOW:
            found.append(Figure(f"{seen.t(zh, en)} · {last}", f"{sum(flow[name]):,}"))
    return found


_FLOW = (("registered", "登记", "Registered"), ("assigned", "派单", "Assigned"), ("answered", "办结", "Answered"))
_FLOW_COLOURS = (charts.BLUE, charts.YELLOW, charts.GREEN)


def flow(seen: Seen) -> Panel:
    """Registrations, assignments and answers of each minute of the last hour."""
    title = seen.t("实时流量（每分钟）", "Flow (per minute)")
    if absent := seen.absent("flow", title, "flow"):
        return absent
    answer = seen.answers["flow"]
    first = datetime.fromisoformat(answer["first"])
    minutes = [seen.clock(first + timedelta(minutes=n)) for n in range(len(answer["registered"]))]
    names = [seen.t(zh, en) for _, zh, en in _FLOW]
    rows = [
        [Cell(minute), *(number(answer[name][place]) for name, _, _ in _FLOW)]
        for place, minute in reversed(list(enumerate(minutes)))
    ]
    series = [Series(names[n], answer[name], _FLOW_COLOURS[n]) for n, (name, _, _) in enumerate(_FLOW)]
    option = charts.lines(minutes, series, area=True)
    note = seen.t(
        "本单位及下级单位的案件；最后一分钟尚未结束。",
        "Cases of the unit and of units below it; the last minute is not over.",
    )
    return Panel("flow", title, [seen.t("时间", "Time"), *names], rows, option, note)


def open_cases(seen: Seen) -> Panel:
    """Open cases by stage and age."""
    title = seen.t("在办案件：环节与时长", "Open cases by stage and age")
    if absent := seen.absent("open", title, "open"):
        return absent
    answer = seen.answers["open"]
    ages = [_age(seen, band) for band in answer["ages"]]
    stages = [word(STAGES, each["stage"], seen.language) for each in answer["stages"]]
    rows = []
    for name, each in zip(stages, answer["stages"], strict=True):
        stage = {"state": "open", "stage": each["stage"]}
        row = [Cell(name), number(each["open"], cases(**stage))]
        for band, count in zip(answer["ages"], each["by_age"], strict=True):
            row.append(
                number(count, cases(**stage, received_from=band.get("received_from"), received_to=band["received_to"]))
            )
        row.append(number(each["overdue"], cases(stage=each["stage"], overdue="true"), "bad"))
        rows.append(row)
    series = [
        Series(age, [each["by_age"][n] for each in answer["stages"]], _AGE_COLOURS[n % len(_AGE_COLOURS)])
        for n, age in enumerate(ages)
    ]
    head = [seen.t("环节", "Stage"), seen.t("合计", "All"), *ages, seen.t("超期", "Overdue")]
    note = seen.t("时长为受理后的自然日。", "Age in calendar days since receipt.")
    return Panel("open", title, head, rows, charts.bars(stages, series, across=True), note)


def due(seen: Seen) -> Panel:
    """Limits of whole cases that end within the next hours."""
    title = seen.t("未来24小时到期", "Limits that end within 24 hours")
    if absent := seen.absent("due", title, "due"):
        return absent
    answer = seen.answers["due"]
    edges, units = answer["edges"], answer["units"]
    hours = [seen.clock(each) for each in edges[:-1]]
    totals = [sum(each["by_hour"][n] for each in units) for n in range(len(hours))]
    span = {"state": "open", "paused": "false", "sort": "due", "due_from": edges[0], "due_to": edges[-1]}
    rows = [
        [
            Cell(seen.named(each)),
            number(sum(each["by_hour"][:4]), cases(**{**span, "due_to": edges[4]}, responsible=each["unit"]), "warn"),
            number(sum(each["by_hour"]), cases(**span, responsible=each["unit"])),
            number(each["overdue"], cases(overdue="true", responsible=each["unit"], sort="due"), "bad"),
        ]
        for each in units[:MOST_UNITS]
    ]
    head = [
        *(seen.t("责任单位", "Responsible unit"), seen.t("4小时内", "Within 4 h")),
        *(seen.t("24小时内", "Within 24 h"), seen.t("已超期", "Overdue")),
    ]
    option = charts.bars(hours, [Series(seen.t("到期", "Due"), totals, charts.BLUE)])
    note = seen.t("整案办理期限；停表的案件不计。", "Limits of whole cases; paused ones are not counted.")
    if len(units) > MOST_UNITS:
        note += seen.t(
            f"列出{MOST_UNITS}个单位，共{len(units)}个。", f" {MOST_UNITS} of {len(units)} units are listed."
        )
    return Panel("due", title, head, rows, option, note)


def areas(seen: Seen) -> Panel:
    """Open cases by area."""
    title = seen.t("各区域在办", "Open cases by area")
    if absent := seen.absent("areas", title, "open"):
        return absent
    every = seen.answers["open"]["areas"]
    rows = [
        [
            Cell(seen.named(each)),
            number(each["open"], cases(state="open", area=each["of"], below="false")),
            number(each["overdue"], cases(overdue="true", area=each["of"], below="false"), "bad"),
        ]
        for each in every
    ]
    shown = every[:MOST_AREAS]
    option = charts.bars(
        [seen.named(each) for each in shown],
        [
            Series(
                seen.t("期限内", "Within the limit"), [each["open"] - each["overdue"] for each in shown], charts.BLUE
            ),
            Series(seen.t("超期", "Overdue"), [each["overdue"] for each in shown], charts.ORANGE),
        ],
        across=True,
    )
    return Panel(
        "areas", title, [seen.t("区域", "Area"), seen.t("在办", "Open"), seen.t("超期", "Overdue")], rows, option
    )


def waiting(seen: Seen) -> Panel:
    """What waits for the unit itself."""
    title = seen.t("等待本单位处理", "Waiting for this unit")
    if absent := seen.absent("waiting", title, "waiting"):
        return absent
    answer = seen.answers["waiting"]
    rows = [
        [
            Cell(word(WAITS, what, seen.language)),
            number(count, cases(what=what)),
            Cell(_since(seen, answer["oldest"].get(what))),
        ]
        for what, count in answer["counts"].items()
    ]
    head = [seen.t("事项", "What"), seen.t("件数", "Cases"), seen.t("最早", "Oldest since")]
    return Panel("waiting", title, head, rows)


def backlog(seen: Seen) -> Panel:
    """How far the services are behind."""
    title = seen.t("系统滞后", "Lag of the services")
    if absent := seen.absent("backlog", title, "backlog"):
        return absent
    rows = []
    for each in seen.answers["backlog"]:
        lag = seen.t("未测", "not measured") if each["messages"] is None else f"{each['messages']:,}"
        state = Cell(seen.t("正常", "answers")) if each["answers"] else Cell(seen.t("无应答", "away"), tone="bad")
        age = (
            "–" if each["index_seconds"] is None else seen.t(f"{each['index_seconds']}秒", f"{each['index_seconds']} s")
        )
        rows.append(
            [
                Cell(word(SERVICES, each["service"], seen.language)),
                state,
                Cell(lag, number=True),
                Cell(age, number=True),
            ]
        )
    head = [
        *(seen.t("服务", "Service"), seen.t("状态", "State")),
        *(seen.t("待处理消息", "Messages behind"), seen.t("统计滞后", "Figures behind")),
    ]
    return Panel("backlog", title, head, rows)


def _age(seen: Seen, band: dict[str, int | str]) -> str:
    first, last = band["from_days"], band.get("to_days")
    if last is None:
        return seen.t(f"{first}天以上", f"{first} days +")
    if first == last:
        return seen.t("当天", "today") if first == 0 else seen.t(f"{first}天", f"{first} d")
    return seen.t(f"{first}–{last}天", f"{first}–{last} d")


def _since(seen: Seen, at: str | None) -> str:
    if at is None:
        return "–"
    return f"{datetime.fromisoformat(at).astimezone(seen.place.zone):%Y-%m-%d %H:%M}"


def _bad(count: int) -> str:
    return "bad" if count else ""


def _warn(count: int) -> str:
    return "warn" if count else ""
