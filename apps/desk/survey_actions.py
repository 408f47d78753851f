"""Surveys (问卷测评): plan, count papers in batches, close."""

from __future__ import annotations

from apps.desk.action import Action, table
from apps.desk.choices import listed_units, units
from apps.desk.finding_actions import OVERSIGHT
from apps.desk.oversight_fields import REFERENCE_HELP, answers_of, questions_of
from apps.web.forms import Spec
from contracts.surveys import CloseSurvey, PlanSurvey, RecordResponses

BACK = "/surveys"
PERIOD_HELP = ("例如 2026、2026-H2、2026-Q4、2026-11。", "Such as 2026, 2026-H2, 2026-Q4, 2026-11.")

SURVEY = table(
    Action(
        "plan-survey",
        PlanSurvey,
        "安排测评",
        "Plan a survey",
        (
            Spec("reference", "测评编号", "Number", help=REFERENCE_HELP),
            Spec("units", "被测评单位", "Units", "checks", choices=listed_units),
            Spec("period", "考核期", "Period", help=PERIOD_HELP),
            Spec(
                "item",
                "计入考核的指标",
                "Component of the scores",
                help=("指标代码；不计入考核的留空。", "Its code; empty: it enters no score."),
            ),
            Spec(
                "questions",
                "题目",
                "Questions",
                "area",
                rows=6,
                help=(
                    "每行一题：编号 | 权重 | 中文题目 | 英文题目，权重合计 100。例如：q1 | 40 | 服务态度 | Attitude",
                    "One a line: code | weight | Chinese | English; the weights add up to 100.",
                ),
            ),
        ),
        finish=questions_of,
    ),
    Action(
        "record-responses",
        RecordResponses,
        "登记问卷",
        "Record papers",
        (
            Spec("reference", "测评编号", "Number of the survey"),
            Spec(
                "batch", "批次编号", "Number of the batch", help=("同一批次只计一次。", "The same batch counts once.")
            ),
            Spec("about", "被测评单位", "About", "select", choices=units),
            Spec("issued", "发出份数", "Issued", inputmode="numeric"),
            Spec("returned", "收回份数", "Returned", inputmode="numeric"),
            Spec("valid", "有效份数", "Valid", inputmode="numeric"),
            Spec(
                "answers",
                "各题结果",
                "Answers",
                "area",
                rows=6,
                help=(
                    "每行一题：题目编号和五个份数，从很满意到很不满意。例如：q1 | 12 | 8 | 3 | 1 | 0",
                    "One question a line: its code and five counts, the best first, such as q1 | 12 | 8 | 3 | 1 | 0",
                ),
            ),
        ),
        finish=answers_of,
    ),
    Action(
        "close-survey",
        CloseSurvey,
        "结束测评",
        "Close the survey",
        (Spec("reference", "测评编号", "Number of the survey"),),
        hint=(
            "结束后不再计入问卷，结果告知各单位；达到有效比例的计入考核。",
            "No more papers are counted; results go to the units and count if enough papers are valid.",
        ),
        danger=True,
    ),
    **OVERSIGHT,
    back=BACK,
)
