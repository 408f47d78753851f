"""Headers of files that a browser gets."""

from __future__ import annotations

import pytest

from apps.desk.replies import filled
from apps.web.downloads import headers_of


@pytest.mark.parametrize("type", ["image/jpeg", "application/pdf", "audio/mpeg"])
def test_pictures_sound_and_pdf_are_shown(type: str) -> None:
    found = headers_of({"content-type": type, "content-length": "12"}, "0f8c")
    assert (found["Content-Type"], found["Content-Disposition"]) == (type, 'inline; filename="0f8c"')
    assert found["Content-Length"] == "12"


@pytest.mark.parametrize("type", ["text/html", "image/svg+xml", "text/html; charset=utf-8", "", "application/xml"])
def test_anything_that_could_act_in_a_browser_is_only_stored(type: str) -> None:
    found = headers_of({"content-type": type}, 'a"\r\nX: y/文')
    assert found["Content-Type"] == "application/octet-stream"
    assert found["Content-Disposition"] == 'attachment; filename="a___X__y__"'
    assert found["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_template_is_filled_with_facts_and_leaves_blanks() -> None:
    assert filled("您好！{title}（{number}）：【情况】{unknown}\n", {"title": "路灯{number}", "number": "7"}) == (
        "您好！路灯7（7）：【情况】{unknown}"
    )
