"""What codes are called in Chinese and English: well-known channels, types of appeals, levels of units."""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[str, Mapping[str, str]]
"""By code: the name in each language."""

CHANNEL_NAMES: Names = {
    "hotline-12345": {"zh": "12345热线", "en": "12345 hotline"},
    "centre-96666": {"zh": "96666效能投诉", "en": "96666 complaint centre"},
    "radio": {"zh": "民生热线（广播）", "en": "radio programme"},
    "petition-office": {"zh": "信访局", "en": "petition office"},
    "service-hall": {"zh": "行政服务中心", "en": "service hall"},
    "media": {"zh": "媒体", "en": "media"},
    "leader-mobile": {"zh": "领导手机", "en": "a leader's telephone"},
    "mayor-mailbox": {"zh": "市长信箱", "en": "the mayor's mailbox"},
    "deputy-proposal": {"zh": "人大代表建议", "en": "a deputy's proposal"},
    "enterprise-link": {"zh": "企政通", "en": "enterprise link"},
    "web": {"zh": "网站", "en": "web"},
    "letter-box": {"zh": "意见箱", "en": "letter box"},
    "visit": {"zh": "来访", "en": "visit"},
    "partner": {"zh": "合作单位", "en": "partner"},
}
"""Of the channels that a place has when it names none of its own."""
APPEAL_NAMES: Names = {
    "consult": {"zh": "咨询", "en": "question"},
    "request": {"zh": "求助", "en": "request"},
    "complaint": {"zh": "投诉", "en": "complaint"},
    "report": {"zh": "举报", "en": "report"},
    "suggestion": {"zh": "建议", "en": "suggestion"},
    "praise": {"zh": "表扬", "en": "praise"},
}
LEVEL_NAMES: Names = {
    "city": {"zh": "市", "en": "city"},
    "district": {"zh": "区县", "en": "district or county"},
    "town": {"zh": "乡镇街道", "en": "town or street"},
    "village": {"zh": "村", "en": "village"},
}
