"""Fields that the forms of accountability share: codes of the place, several entries as lines, amounts of money."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.desk.action import FieldFaultError
from apps.desk.parts import document
from apps.web.forms import Choice, Choices, Spec
from apps.web.view import View
from apps.web.words import SATISFACTION, Names

VERDICTS: Names = {
    "valid": ("属实", "valid"),
    "partly": ("部分属实", "partly valid"),
    "invalid": ("不属实", "invalid"),
    "undetermined": ("无法认定", "undetermined"),
}
SOURCES: Names = {
    "complaint": ("群众投诉", "complaint"),
    "superior": ("上级点名", "named by a superior"),
    "media": ("媒体曝光", "media"),
    "e-supervision": ("电子监察", "e-supervision"),
    "inspection": ("明察暗访", "inspection"),
}
CODE_LISTS: Names = {
    "problem": ("问题类别", "Kind of problem"),
    "rule": ("违反的制度", "Breached rule"),
    "ban": ("违反的禁令", "Breached ban"),
    "cause": ("原因", "Root cause"),
    "area": ("整治领域", "Rectification area"),
}
TIME_UNITS: Mapping[str, str] = {
    "工作日": "working-days",
    "working days": "working-days",
    "working day": "working-days",
    "天": "calendar-days",
    "calendar days": "calendar-days",
    "calendar day": "calendar-days",
    "小时": "hours",
    "hours": "hours",
    "hour": "hours",
}
LINE = re.compile(r"\s*[|｜]\s*")
REFERENCE_HELP = (
    "本单位自定的编号，之后以它指称，例如 2026-031。",
    "Your unit's own number, by which it is referred to later, such as 2026-031.",
)
NO_NAMES = (
    "不写任何人的姓名，也不写能认出诉求人的内容。",
    "No person's name, and nothing by which a complainant is known.",
)


def posts(view: View) -> Sequence[Choice]:
    """All posts of the place."""
    return [Choice(each.id, view.named("post", each.id)) for each in view.place.document.posts]


def own_post(view: View) -> Sequence[Choice]:
    """The post that is signed in."""
    return [Choice(view.post, view.named("post", view.post))] if view.post else []


def codes_of(entries: Sequence[Mapping[str, Any]]) -> Choices:
    """Codes with their names, as a service lists them."""
    return lambda view: [Choice(each["id"], view.t(each["zh"], each["en"])) for each in entries]


async def accountability(view: View) -> Any:
    """Names and roles of accountability in the place. Raises `ServiceProblem`."""
    return document(await view.get("scoring", "/v1/accountability"))


async def with_codes(view: View, specs: tuple[Spec, ...]) -> tuple[Spec, ...]:
    """The fields with the place's measures, outcomes and code lists as choices."""
    names = await accountability(view)
    lists = {**names["codes"], "measures": names["measures"], "outcome": names["outcomes"]}
    wanted = (each for each in specs if each.name not in CODE_LISTS or lists.get(each.name))
    return tuple(replace(each, choices=codes_of(lists[each.name])) if each.name in lists else each for each in wanted)


def fen_of(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """Amounts typed in yuan as whole fen. Raises `FieldFaultError`."""
    for name in names:
        if name in data:
            try:
                fen = Decimal(str(data[name]).replace(",", "").replace("，", "")) * 100
            except InvalidOperation:
                fen = Decimal("NaN")
            if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value():
                raise FieldFaultError(name, "金额请写成 1200 或 1200.50。", "Write the amount as 1200 or 1200.50.")
            data[name] = int(fen)
    return data


def rectify_of(data: dict[str, Any]) -> dict[str, Any]:
    """Lines such as `5 工作日 | 更换窗口标牌` as things to put right. Raises `FieldFaultError`."""
    data["rectify"] = [_rectify(n, line) for n, line in enumerate(data.get("rectify", ()), 1)]
    return data


def questions_of(data: dict[str, Any]) -> dict[str, Any]:
    """Lines such as `attitude | 40 | 服务态度 | Attitude` as questions. Raises `FieldFaultError`."""
    data["questions"] = [_question(n, line) for n, line in enumerate(data.get("questions", ()), 1)]
    return data


def answers_of(data: dict[str, Any]) -> dict[str, Any]:
    """Lines such as `attitude | 12 | 8 | 3 | 1 | 0` as counts of answers by grade. Raises `FieldFaultError`."""
    data["answers"] = [count for n, line in enumerate(data.get("answers", ()), 1) for count in _answers(n, line)]
    return data


def _rectify(number: int, line: str) -> dict[str, Any]:
    parts = LINE.split(line, maxsplit=1)
    found = re.fullmatch(r"(\d{1,4})\s*个?\s*(.+)", parts[0].strip())
    unit = TIME_UNITS.get(found[2].strip().lower()) if found else None
    if len(parts) < 2 or not parts[1].strip() or found is None or unit is None:
        raise FieldFaultError(
            "rectify",
            f"第 {number} 行不正确：请写成“5 工作日 | 要整改的事项”。",
            f"Line {number} is not right: write “5 working days | what has to be put right”.",
        )
    return {"amount": int(found[1]), "unit": unit, "what": parts[1].strip()}


def _question(number: int, line: str) -> dict[str, Any]:
    parts = LINE.split(line.strip())
    if len(parts) not in {3, 4} or not parts[1].isdigit():
        raise FieldFaultError(
            "questions",
            f"第 {number} 行不正确：请写成“编号 | 权重 | 中文题目 | 英文题目”。",
            f"Line {number} is not right: write “code | weight | Chinese | English”.",
        )
    return {"id": parts[0], "weight": int(parts[1]), "zh": parts[2], "en": parts[3] if len(parts) > 3 else ""}


def _answers(number: int, line: str) -> list[dict[str, Any]]:
    question, *counts = LINE.split(line.strip())
    if len(counts) != len(SATISFACTION) or not all(each.isdigit() for each in counts):
        raise FieldFaultError(
            "answers",
            f"第 {number} 行不正确：请写成“题目编号 | 很满意 | 满意 | 基本满意 | 不满意 | 很不满意”的份数。",
            f"Line {number} is not right: write the code of the question and five counts, the best grade first.",
        )
    pairs = zip(SATISFACTION, map(int, counts), strict=True)
    return [{"question": question, "grade": grade, "count": count} for grade, count in pairs if count]
