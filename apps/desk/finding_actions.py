"""Findings: record, appeal, decide on an appeal, reverse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.desk.action import Action, table
from apps.desk.choices import coded, listed_units, units
from apps.desk.oversight_fields import (
    CODE_LISTS,
    NO_NAMES,
    REFERENCE_HELP,
    SOURCES,
    VERDICTS,
    posts,
    with_codes,
)
from apps.web.forms import Spec
from contracts.conduct import AppealFinding, DecideAppeal, RecordFinding, ReverseFinding

OVERSIGHT: Mapping[str, Any] = {
    "service": "scoring",
    "path": "/v1/oversight",
    "about_case": False,
    "group": ("问责", "Accountability"),
}
"""What all commands of accountability have in common."""
ONE = "/findings/{body}/{reference}"
ABOUT = (
    Spec("body", "认定单位", "Body that found it", "select", choices=units),
    Spec("reference", "认定编号", "Number of the finding"),
)

FINDING = table(
    Action(
        "record-finding",
        RecordFinding,
        "作出认定",
        "Record a finding",
        (
            Spec("reference", "认定编号", "Number", help=REFERENCE_HELP),
            Spec("verdict", "结论", "Verdict", choices=coded(VERDICTS)),
            Spec("source", "来源", "Came to light by", choices=coded(SOURCES)),
            Spec(
                "case_id",
                "有关诉求",
                "Case",
                help=(
                    "从诉求页面进入时自动填写；没有诉求的留空。",
                    "Filled in from the page of a case; empty without one.",
                ),
                autocomplete="off",
            ),
            Spec(
                "units",
                "责任单位",
                "Units found against",
                "checks",
                choices=listed_units,
                help=("勾选几个的，共同负责。", "Several answer jointly."),
            ),
            Spec("post", "首办责任人（岗位）", "First-responsible post", "select", choices=posts, empty=("无", "None")),
            Spec("happened_on", "发生日期", "Happened on"),
            *(Spec(name, *label, "select", empty=("未分类", "None")) for name, label in CODE_LISTS.items()),
            Spec("facts", "查明的事实", "Facts", rows=6, help=NO_NAMES),
            Spec(
                "evidence",
                "证据",
                "Evidence",
                rows=3,
                help=(
                    "每行一件：文号、照片编号、录音编号。",
                    "One a line: numbers of papers, photographs, recordings.",
                ),
            ),
        ),
        hint=(
            "责任单位可在申诉期内申诉；期满或申诉决定后才生效、才计入。",
            "The units may appeal; it counts once the time is over or the appeal is decided.",
        ),
        back="/conduct",
        fill=with_codes,
    ),
    Action(
        "appeal-finding",
        AppealFinding,
        "申诉",
        "Appeal against the finding",
        (*ABOUT, Spec("grounds", "申诉理由", "Grounds", rows=6)),
        hint=("申诉决定之前，认定不生效。", "It does not count until the appeal is decided."),
        back=ONE,
    ),
    Action(
        "decide-appeal",
        DecideAppeal,
        "作出申诉决定",
        "Decide on the appeal",
        (
            *ABOUT,
            Spec("verdict", "决定后的结论", "Verdict from now on", choices=coded(VERDICTS)),
            Spec("reason", "理由", "Reason"),
        ),
        hint=(
            "认定和申诉都是他人作出的，才能决定。",
            "Neither the post that found nor the one that appealed may decide.",
        ),
        back=ONE,
        after="/conduct",
    ),
    Action(
        "reverse-finding",
        ReverseFinding,
        "撤销认定",
        "Reverse the finding",
        (*ABOUT, Spec("reason", "理由", "Reason")),
        hint=(
            "撤销后视为从未计入，依据它的处理随之失效或复核。",
            "It never counted: what rests on it falls or is reviewed.",
        ),
        back=ONE,
        danger=True,
    ),
    **OVERSIGHT,
)
