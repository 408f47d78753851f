"""Inspections (明察暗访): plan, record a visit, report what was put right, verify it."""

from __future__ import annotations

from apps.desk.action import Action, table
from apps.desk.choices import coded, listed_units, units
from apps.desk.finding_actions import OVERSIGHT
from apps.desk.oversight_fields import NO_NAMES, REFERENCE_HELP, own_post, rectify_of
from apps.web.forms import Spec
from contracts.inspections import PlanInspection, RecordVisit, ReportRectification, VerifyRectification

BACK = "/inspections"
ABOUT = (
    Spec("body", "检查单位", "Body that inspected", "select", choices=units),
    Spec("reference", "检查编号", "Number of the inspection"),
    Spec("visit", "巡查编号", "Number of the visit"),
    Spec("number", "整改事项序号", "Number of the thing", inputmode="numeric"),
)

INSPECTION = table(
    Action(
        "plan-inspection",
        PlanInspection,
        "安排检查",
        "Plan an inspection",
        (
            Spec("reference", "检查编号", "Number", help=REFERENCE_HELP),
            Spec(
                "covert",
                "方式",
                "How",
                "radio",
                choices=coded(
                    {
                        "false": ("明察，通知被检查单位", "open: the units are informed"),
                        "true": ("暗访，不通知", "covert: they are not"),
                    }
                ),
            ),
            Spec("units", "被检查单位", "Units", "checks", choices=listed_units),
            Spec("first_day", "开始日期", "First day"),
            Spec("last_day", "结束日期", "Last day"),
            Spec("purpose", "检查内容", "Purpose"),
        ),
    ),
    Action(
        "record-visit",
        RecordVisit,
        "登记巡查",
        "Record a visit",
        (
            Spec("reference", "检查编号", "Number of the inspection"),
            Spec(
                "visit",
                "巡查编号",
                "Number of the visit",
                help=("同一检查中不重复，例如 1。", "Unique within the inspection, such as 1."),
            ),
            Spec("about", "被巡查单位", "Unit visited", "select", choices=units),
            Spec("visited_on", "巡查日期", "Visited on"),
            Spec(
                "actor",
                "巡查岗位（明察）",
                "Post that visited, where it was open",
                "select",
                choices=own_post,
                required=False,
                empty=("暗访，不署岗位", "Covert: no post"),
            ),
            Spec(
                "monitor",
                "暗访员代码（暗访）",
                "Code of the monitor, where it was covert",
                help=(
                    "m- 加 32 位十六进制，只有本单位知道它是谁；系统只保存其摘要。",
                    "m- and 32 hexadecimal digits; only a hash is stored.",
                ),
                autocomplete="off",
            ),
            Spec("seen", "发现的情况", "What was seen", rows=6, help=NO_NAMES),
            Spec(
                "rectify",
                "要求整改的事项",
                "What has to be put right",
                rows=4,
                help=(
                    "每行一项：5 工作日 | 更换窗口标牌。时限可用“工作日”“天”“小时”。",
                    "One a line: 5 working days | replace the signs. Limits in working days, calendar days or hours.",
                ),
            ),
        ),
        finish=rectify_of,
    ),
    Action(
        "report-rectification",
        ReportRectification,
        "报告整改完成",
        "Report that it is put right",
        (*ABOUT, Spec("done", "整改情况", "What was done", rows=6)),
        hint=("检查单位核查后销号。", "The body that inspected verifies it."),
    ),
    Action(
        "verify-rectification",
        VerifyRectification,
        "核查整改",
        "Verify what was put right",
        (
            *ABOUT,
            Spec(
                "accepted",
                "核查结论",
                "Decision",
                "radio",
                choices=coded(
                    {
                        "true": ("合格，销号", "right: it is closed"),
                        "false": ("不合格，继续整改", "not right: the limit goes on"),
                    }
                ),
            ),
            Spec("reason", "意见", "Remarks"),
        ),
    ),
    **OVERSIGHT,
    back=BACK,
)
