"""The letters a complainant gets, in Chinese or English. Pure text; who it goes to is added where it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.codes import HandlingResult, Language, NoticeKind
from services.notify.domain.case import Answer, Registered


@dataclass(frozen=True)
class Letter:
    """Subject and plain text."""

    subject: str
    text: str


_RESULTS = {
    HandlingResult.RESOLVED: {"zh": "已解决", "en": "resolved"},
    HandlingResult.EXPLAINED: {"zh": "已解释说明", "en": "explained"},
    HandlingResult.NOT_RESOLVED: {"zh": "暂未解决", "en": "not resolved"},
}


def write(kind: NoticeKind, registered: Registered, answer: Answer | None) -> Letter:
    """The letter of a kind. Raises `LookupError` when an answer is to be told and there is none."""
    chinese = registered.language is Language.CHINESE
    if kind is NoticeKind.ACKNOWLEDGEMENT:
        return _acknowledgement(registered.number, chinese)
    if answer is None:
        raise LookupError("no answer to be told")
    return _answer(registered.number, answer, chinese)


def _acknowledgement(number: str, chinese: bool) -> Letter:
    if chinese:
        return Letter(
            f"诉求已登记：{number}",
            f"您好！您的诉求已登记，编号 {number}。\n我们会在规定时限内办理并答复您。件件有回音，事事有着落。\n",
        )
    return Letter(
        f"Your complaint is registered: {number}",
        f"Your complaint is registered under number {number}.\nIt will be handled within its limit and answered.\n",
    )


def _answer(number: str, answer: Answer, chinese: bool) -> Letter:
    if chinese:
        return Letter(
            f"诉求办理结果：{number}",
            f"您好！您的诉求 {number} 已办结。\n结果：{_RESULTS[answer.result]['zh']}\n答复：{answer.reply}\n\n"
            "欢迎对办理情况作出评价。\n",
        )
    return Letter(
        f"The answer to your complaint {number}",
        f"Your complaint {number} is closed.\nResult: {_RESULTS[answer.result]['en']}\nAnswer: {answer.reply}\n\n"
        "You are welcome to rate how it was handled.\n",
    )
