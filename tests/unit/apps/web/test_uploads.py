"""Files of a form: each is stored or refused by its name, and what is stored stays in the form."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

import pytest
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.requests import Request

from apps.web.forms import Spec, build, read
from apps.web.language import Language
from apps.web.place import Place
from apps.web.services import Reason, ServiceProblem
from apps.web.site import Site
from apps.web.uploads import Files, StoredFile, Uploads, kept
from apps.web.view import View
from contracts.attachments import MOST_ATTACHMENTS
from contracts.handling import ReportHandling

ID = "5f0c9a17d2e84b6c8a3e71f4b09d6c25"
EVIDENCE = Spec("evidence", "佐证材料", "Evidence", "file")


def view(language: Language = "zh") -> View:
    return View(Request({"type": "http", "headers": []}), cast(Site, None), language, Place())


def file(name: str, content: bytes = b"photo", media_type: str = "image/jpeg") -> UploadFile:
    return UploadFile(
        io.BytesIO(content), size=len(content), filename=name, headers=Headers({"content-type": media_type})
    )


def form(*values: str | UploadFile) -> FormData:
    return FormData([("evidence", each) for each in values])


async def store(content: BinaryIO, media_type: str) -> str:
    """A service that takes photographs alone."""
    if media_type != "image/jpeg":
        why = Reason("attachment-type-not-taken", "不接收这种文件。", "This type is not taken.", "file")
        raise ServiceProblem(422, "refused", "不行", "no", (why,))
    assert content.read() == b"photo"
    return ID


@pytest.mark.parametrize(("language", "why"), [("zh", "不接收这种文件。"), ("en", "This type is not taken.")])
async def test_a_refused_file_is_named_and_the_others_are_stored(language: Language, why: str) -> None:
    files = Files()
    sent = form(file("C:\\照片\\整改后.jpg"), file("a.html", media_type="text/html"), file("", b""))
    await Uploads(view(language), store).take(sent, files, "evidence")
    assert files.stored == [StoredFile(ID, "整改后.jpg")]
    assert files.refused == [f"a.html: {why}"]


async def test_a_service_away_names_every_file_that_was_not_stored() -> None:
    async def away(_content: BinaryIO, _type: str) -> str:
        raise ServiceProblem(503, "unreachable", "连接不上", "away")

    files = Files(kept(form(f"{ID} 旧.jpg"), "evidence"))
    with pytest.raises(ServiceProblem):
        await Uploads(view(), away).take(form(file("一.jpg"), file("二.jpg")), files, "evidence")
    assert [each.partition(":")[0] for each in files.refused] == ["一.jpg", "二.jpg"]
    assert files.ids == [ID]


async def test_too_large_and_too_many_files_are_not_sent() -> None:
    files = Files([StoredFile(ID, "") for _ in range(MOST_ATTACHMENTS - 1)])
    sent = form(file("大.jpg", b"x" * 11), file("一.jpg"), file("二.jpg"))
    await Uploads(view("en"), store, most_bytes=10).take(sent, files, "evidence")
    assert len(files.stored) == MOST_ATTACHMENTS
    assert [each.partition(": ")[0] for each in files.refused] == ["大.jpg", "二.jpg"]


def test_a_form_shows_the_files_that_are_stored_already() -> None:
    sent = form(f"{ID} 整改后.jpg", file("新.jpg"))
    found, _ = read(view(), (EVIDENCE,), sent, ReportHandling)
    assert found.has_files
    assert found["evidence"].values == [f"{ID} 整改后.jpg"]
    assert not build(view(), (Spec("reply", "答复", "Answer"),), ReportHandling).has_files
    assert kept(form(f"{ID} a", f"{ID} b", "no id", file("x")), "evidence") == [StoredFile(ID, "a")]
