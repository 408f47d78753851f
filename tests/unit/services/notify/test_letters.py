"""The letters a complainant gets, in Chinese or English."""

from __future__ import annotations

import pytest

from contracts.codes import Channel, Ending, HandlingResult, Language, ReplyBy
from services.notify.domain.case import Answer, Asked, Case, Kind, Registered
from services.notify.domain.letters import write
from tests.unit.services.speaking import AT

NUMBER = "BC-20261123-000001"


def case(language: Language) -> Registered:
    return Registered(
        number=NUMBER,
        channel=Channel.WEB,
        registered_at=AT,
        title="夜间噪声",
        reply_by=ReplyBy.EMAIL,
        language=language,
    )


def test_an_acknowledgement_tells_the_number_in_chinese() -> None:
    letter = write(Kind.ACKNOWLEDGEMENT, case(Language.CHINESE), Case())
    assert letter.subject == f"诉求已登记：{NUMBER}"
    assert NUMBER in letter.text
    assert "件件有回音，事事有着落" in letter.text


def test_an_acknowledgement_tells_the_number_in_english() -> None:
    letter = write(Kind.ACKNOWLEDGEMENT, case(Language.ENGLISH), Case())
    assert letter.subject == f"Your complaint is registered: {NUMBER}"
    assert f"registered under number {NUMBER}." in letter.text
    assert letter.text.isascii()


@pytest.mark.parametrize(
    ("result", "zh", "en"),
    [
        (HandlingResult.RESOLVED, "结果：已解决", "Result: resolved"),
        (HandlingResult.EXPLAINED, "结果：已解释说明", "Result: explained"),
        (HandlingResult.NOT_RESOLVED, "结果：暂未解决", "Result: not resolved"),
        (Ending.DECLINED, "结果：不属于受理范围", "Result: out of scope"),
        (Ending.DIVERTED, "结果：应由其他机关受理", "Result: another authority is competent"),
        (Ending.LAPSED, "结果：逾期未补充材料，已终结", "Result: what was missing was not given in time"),
        (Ending.WITHDRAWN, "结果：已按您的要求撤回", "Result: withdrawn at your request"),
    ],
)
def test_an_answer_tells_result_and_words_and_asks_for_a_rating(
    result: HandlingResult | Ending, zh: str, en: str
) -> None:
    answer = Answer(result=result, reply="Done {as} promised.")
    chinese = write(Kind.ANSWER, case(Language.CHINESE), Case(answers=(answer,)))
    english = write(Kind.ANSWER, case(Language.ENGLISH), Case(answers=(answer,)))
    assert chinese.subject == f"诉求办理结果：{NUMBER}"
    assert english.subject == f"The answer to your complaint {NUMBER}"
    for letter, said, rate in ((chinese, zh, "评价"), (english, en, "rate")):
        assert said in letter.text.splitlines()
        assert "Done {as} promised." in letter.text
        assert rate in letter.text
        assert "\n" not in letter.subject


def test_an_answer_that_nobody_gave_cannot_be_told() -> None:
    with pytest.raises(LookupError, match="no answer"):
        write(Kind.ANSWER, case(Language.CHINESE), Case())


def test_what_is_missing_is_told_once_and_completely_with_its_last_day() -> None:
    asked = Case(asked=Asked(round=1, missing=("地址。", "时间。"), answer_by=AT))
    letter = write(Kind.SUPPLEMENT, case(Language.CHINESE), asked)
    assert letter.subject == f"请补充材料：{NUMBER}"
    for said in (NUMBER, "1. 地址。", "2. 时间。", AT.date().isoformat(), "暂停"):
        assert said in letter.text
    english = write(
        Kind.SUPPLEMENT, case(Language.ENGLISH), Case(asked=Asked(round=1, missing=("Where?",), answer_by=AT))
    )
    assert english.text.isascii()
    assert "1. Where?" in english.text
