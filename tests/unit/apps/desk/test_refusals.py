"""A form that was refused: reasons beside fields, and a command of its own when it is sent again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from apps.desk.changes import changes_of
from apps.web.forms import Field, Form, Spec, build
from apps.web.services import Reason, ServiceProblem
from apps.web.view import View
from contracts.handling import ExplainDelay

VIEW = cast(
    View,
    SimpleNamespace(
        t=lambda zh, _en: zh,
        kept={},
        post="",
        named=lambda _kind, code: code or "",
        instant=lambda at: f"<{at}>",
        deadline=lambda at: f"<{at}>",
    ),
)


@pytest.mark.parametrize(("document", "is_new"), [({"command_id": "c"}, True), ({}, False)])
def test_what_is_sent_after_a_decision_is_another_command(document: dict[str, Any], is_new: bool) -> None:
    form = Form([Field("working_days", "number", "天数")])
    before = form.once
    reasons = (Reason("extension-too-long", "太长", "too long", "data.working_days"),)
    form.refuse(VIEW, ServiceProblem(422, "refused", "不行", "no", reasons, document=document))
    assert (form["working_days"].fault, form.once != before) == ("太长", is_new)


def test_an_instant_is_asked_for_by_date_and_time() -> None:
    form = build(VIEW, (Spec("promised_at", "承诺", "promised"),), ExplainDelay)
    assert (form["promised_at"].kind, form["promised_at"].required) == ("datetime-local", True)


def test_what_others_did_is_listed_with_who_and_their_words() -> None:
    since = [
        {"type": "cn.xiaoneng.case.suspended.v1", "at": "T1", "unit": "police", "post": "police.desk-2",
         "facts": {"reason": "third-party", "note": "等检测", "until": "T9"}},
        {"type": "cn.xiaoneng.case.closed.v1", "at": "T2", "facts": {"unit": "police", "result": "resolved"}},
        {"type": "cn.xiaoneng.case.unheard-of.v1", "at": "T3", "facts": {}},
    ]  # fmt: skip
    found = changes_of(VIEW, since)
    assert [each.text for each in found] == [
        "已挂账 · police.desk-2 · 等待第三方 · 至 <T9>",
        "已办结 · police · 已解决",
        "case.unheard-of",
    ]
    assert found[0].note == "等检测"
