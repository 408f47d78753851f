"""The letters a complainant gets, in Chinese or English. Pure text; who it goes to is added where it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.codes import Ending, HandlingResult, Language
from services.notify.domain.case import Answer, Asked, Case, Kind, Progress, Registered


@dataclass(frozen=True)
class Letter:
    """Subject and plain text."""

    subject: str
    text: str


_RESULTS: dict[HandlingResult | Ending, dict[str, str]] = {
    HandlingResult.RESOLVED: {"zh": "已解决", "en": "resolved"},
    HandlingResult.EXPLAINED: {"zh": "已解释说明", "en": "explained"},
    HandlingResult.NOT_RESOLVED: {"zh": "暂未解决", "en": "not resolved"},
    Ending.DECLINED: {"zh": "不属于受理范围", "en": "out of scope"},
    Ending.DIVERTED: {"zh": "应由其他机关受理", "en": "another authority is competent"},
    Ending.LAPSED: {"zh": "逾期未补充材料，已终结", "en": "what was missing was not given in time"},
    Ending.WITHDRAWN: {"zh": "已按您的要求撤回", "en": "withdrawn at your request"},
}


def write(kind: Kind, registered: Registered, case: Case, nth: int = 1) -> Letter:
    """The letter of a kind, the nth of it. Raises `LookupError` when what it tells about has not happened."""
    chinese = registered.language is Language.CHINESE
    if kind is Kind.ACKNOWLEDGEMENT:
        return _acknowledgement(registered.number, chinese)
    if kind is Kind.SUPPLEMENT and case.asked is not None:
        return _supplement(registered.number, case.asked, chinese)
    if kind is Kind.PROGRESS and len(case.progress) >= nth:
        return _progress(registered.number, case.progress[nth - 1], chinese)
    if kind is Kind.ANSWER and len(case.answers) >= nth:
        return _answer(registered.number, case.answers[nth - 1], chinese)
    raise LookupError(f"there is no {kind} to be told")


def _supplement(number: str, asked: Asked, chinese: bool) -> Letter:
    missing = "\n".join(f"{n}. {sentence}" for n, sentence in enumerate(asked.missing, 1))
    day = asked.answer_by.date().isoformat()
    if chinese:
        return Letter(
            f"请补充材料：{number}",
            f"您好！办理您的诉求 {number} 还缺以下内容，请在 {day} 前一次补齐：\n{missing}\n\n"
            "补齐之前，办理期限暂停计算。\n",
        )
    return Letter(
        f"Something is missing: {number}",
        f"To handle your complaint {number} we need the following before {day}:\n{missing}\n\n"
        "The limit does not run until then.\n",
    )


def _progress(number: str, progress: Progress, chinese: bool) -> Letter:
    if chinese:
        return Letter(f"诉求办理进展：{number}", f"您好！您的诉求 {number} 有新进展。\n{progress.zh}\n")
    return Letter(f"News of your complaint {number}", f"There is news of your complaint {number}.\n{progress.en}\n")


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
