"""Commands for several cases of a list: each for the version that the list showed."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.datastructures import FormData

from apps.desk.bulk import Job, Seen, run, ticked
from apps.web.services import Reason, ServiceProblem
from apps.web.view import View
from contracts.handling import SignCase

CASE, OTHER = "00000000-0000-5000-8000-000000000001", "00000000-0000-5000-8000-000000000002"


def test_a_ticked_case_is_the_one_that_the_list_showed() -> None:
    sent = FormData(
        [
            ("seen", f"{CASE} 7 BC-1 police 夜间 施工 噪声"),
            ("seen", f"{OTHER} - BC-2 - "),
            ("case", OTHER),
            ("case", CASE),
        ]
    )
    assert ticked(sent) == [Seen(OTHER, None, "BC-2"), Seen(CASE, 7, "BC-1", "police", "夜间 施工 噪声")]


@pytest.mark.parametrize("value", ["", CASE, f"{CASE} x", f"{CASE} -1 BC-1"])
def test_a_case_without_a_version_is_sent_for_any(value: str) -> None:
    assert Seen.of(value).version is None
    assert ticked(FormData([("seen", value), ("case", CASE)]))[0].case_id == CASE


class Page:
    """A page whose service refuses what another post has changed."""

    def __init__(self) -> None:
        self.headers: dict[str, Any] = {}

    async def send(self, _service: str, _path: str, body: dict[str, Any], **given: Any) -> dict[str, Any]:
        self.headers[body["case_id"]] = given["headers"]
        if body["case_id"] == CASE:
            return {"accepted": True}
        since = [
            {"type": "cn.xiaoneng.case.signed.v1", "at": "2026-11-23T01:00:00Z", "post": "police.desk-2", "facts": {}}
        ]
        reason = Reason("changed-meanwhile", "已由他人处理。", "Another post has acted.", "If-Match", None)
        raise ServiceProblem(409, "conflict", "冲突", "conflict", (reason,), document={"since": since})

    def t(self, zh: str, _en: str) -> str:
        return zh

    def named(self, _kind: str, code: str | None) -> str:
        return code or ""

    def instant(self, at: str) -> str:
        return at


async def test_the_result_of_a_case_that_another_post_has_changed_lists_the_changes() -> None:
    page = Page()
    jobs = [Seen(CASE, 3).job(SignCase.TYPE, {}), Seen(OTHER, 4).job(SignCase.TYPE, {}), Job("x", "", "", "t", {})]
    done, refused, anyway = await run(cast(View, page), jobs, "once")
    assert (done.done, list(done.changes), refused.done, refused.text) == (True, [], False, "已由他人处理。")
    assert [each.text for each in refused.changes] == ["已签收 · police.desk-2"]
    assert anyway.done is False
    assert page.headers == {CASE: {"If-Match": '"3"'}, OTHER: {"If-Match": '"4"'}, "x": {}}
