"""What an agent types, the calls of a caller, and the record of a call-back."""

from __future__ import annotations

from typing import Any

import pytest

from apps.desk.callbacks import with_course
from apps.desk.filing import as_field, body_of
from apps.desk.hotline_search import Found, alike, criterion_of
from apps.web.services import Reason


@pytest.mark.parametrize(
    ("typed", "criterion"),
    [
        ("13800138000", "telephone"),
        ("＋86 138 0013 8000", "telephone"),
        ("(0571) 8700-1234", "telephone"),
        ("BC-20261129-000042", "number"),
        ("bc 2026", "number"),
        ("BC—20261129—000042", "number"),
        ("烧烤 噪声", "words"),
        ("3号楼", "words"),
        ("1234", "words"),
    ],
)
def test_what_an_agent_types_is_a_telephone_a_number_or_words(typed: str, criterion: str) -> None:
    assert criterion_of(typed) == criterion


def found(case_id: str, **fields: Any) -> Found:
    case = {"case_id": case_id, "stage": "signed", "category": "noise-construction", "area": "beicheng", **fields}
    return Found(case, own=True)


def test_only_open_cases_of_the_same_category_or_area_are_alike() -> None:
    every = [
        found("same"),
        found("other-area", area="nancheng"),
        found("other-category", category="heating"),
        found("other", category="heating", area="nancheng"),
        found("answered", stage="closed"),
        found("withdrawn", stage="ended"),
    ]
    kept = [each.case_id for each in alike(every, "noise-construction", "beicheng")]
    assert kept == ["same", "other-area", "other-category"]


def test_a_submission_has_the_answers_of_its_category_and_no_empty_contact() -> None:
    data = {
        "text": "t",
        "category": "施工噪声",
        "answers": {"site": "一号", "kind": ["a", "b"]},
        "contact": {"language": "zh"},
    }
    body = body_of("noise-construction", data)
    assert body == {
        "text": "t",
        "category": "noise-construction",
        "receipt_wanted": True,
        "attributes": [
            {"code": "site", "value": "一号"},
            {"code": "kind", "value": "a"},
            {"code": "kind", "value": "b"},
        ],
    }
    assert body_of("x", {"contact": {"language": "zh", "phone": "1"}})["contact"] == {"language": "zh", "phone": "1"}


def test_a_refused_answer_is_shown_beside_its_question() -> None:
    assert as_field(Reason("malformed", "", "", "attributes.site")).field == "answers.site"
    assert as_field(Reason("malformed", "", "", "contact.phone")).field == "contact.phone"


def step(event: str, **details: Any) -> dict[str, Any]:
    return {"event": event, "at": "2026-11-29T10:00:00+08:00", "details": details}


def test_attempts_are_those_since_the_latest_answer() -> None:
    first = [step("case.closed"), step("callback.recorded", outcome="no-answer")]
    assert [each["outcome"] for each in with_course({}, first).attempts] == ["no-answer"]
    assert not with_course({}, first).ended
    again = [*first, step("callback.ended", result="reopened"), step("case.reopened"), step("case.closed")]
    assert (list(with_course({}, again).attempts), with_course({}, again).ended) == ([], False)
    assert with_course({}, [*again, step("callback.ended", result="declined")]).ended
