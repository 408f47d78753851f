"""Names of codes in the two languages, as complainants read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from apps.web.words import SATISFACTION

Words = tuple[str, str]
APPEALS: Mapping[str, tuple[Words, Words]] = {
    "consult": (("咨询", "Ask"), ("问政策、办事流程", "about rules and procedures")),
    "request": (("求助", "Request help"), ("请求帮助解决困难", "with something you need")),
    "complaint": (("投诉", "Complain"), ("对事情或服务不满意", "about a matter or a service")),
    "report": (("举报", "Report"), ("违法违规行为", "a breach of law or rules")),
    "suggestion": (("建议", "Suggest"), ("对城市工作的意见", "how something could be better")),
    "praise": (("表扬", "Praise"), ("对单位或工作人员", "a unit or its staff")),
}
STAGE_TONES: Mapping[str, str] = {"in-hand": "info", "scope": "info", "awaits-complainant": "warn", "closed": "good"}
ENDINGS: Mapping[str, Words] = {
    "declined": ("不予受理", "Not accepted"),
    "diverted": ("由其他机关办理", "For another authority"),
    "lapsed": ("逾期未补充材料，已终结", "Ended: what was missing did not come in time"),
    "withdrawn": ("您已撤回", "Withdrawn by you"),
}
LIMITS: Mapping[str, tuple[Words, Words]] = {
    "working-days": (("{n} 个工作日", "{n} working days"), ("当日办结", "the same working day")),
    "calendar-days": (("{n} 天", "{n} days"), ("当日办结", "the same day")),
    "hours": (("{n} 小时", "{n} hours"), ("立即", "at once")),
}
"""A limit of so many units, and of none."""
GRADES: Mapping[str, Words] = {code: (zh, en.capitalize()) for code, (zh, en) in SATISFACTION.items()}
PUBLICATIONS: Mapping[str, tuple[Words, Words]] = {
    "bulletin": (("通报", "Bulletins"), ("效能通报和工作情况。", "Reports on how the city handles complaints.")),
    "apology": (("公开道歉", "Apologies"), ("单位负责人的公开道歉。", "Public apologies of units.")),
    "exposure": (("曝光", "Exposures"), ("查实的问题。", "What has been found wrong.")),
    "commendation": (("表扬", "Commendations"), ("做得好的单位。", "Units that did well.")),
}
"""Name and what it is, in the order of the page."""


class Limit(Protocol):
    """So many units of time."""

    @property
    def amount(self) -> int:
        """How many."""

    @property
    def unit(self) -> str:
        """Of what."""


def limit_words(limit: Limit) -> Words:
    """A limit in words."""
    some, none = LIMITS.get(limit.unit, (("{n}", "{n}"), ("0", "0")))
    zh, en = some if limit.amount else none
    return zh.format(n=limit.amount), en.format(n=limit.amount)
