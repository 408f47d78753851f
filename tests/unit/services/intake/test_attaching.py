"""Intake preserves attachments; a stored file can be cited only by its channel and in one case."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.intake import CaseRegistered, SubmissionRefused
from services.intake.domain.attaching import StoredFile, attachment_faults, completed, file_ids
from tests.unit.services.intake.test_submission import decide, submission
from tests.unit.services.speaking import only

FILE = StoredFile("a" * 32, "web", "image/jpeg", 9, "0" * 64)
ADDRESS = Attachment(url="https://p.example/110105194912310021.jpg")
CITED = Attachment(file_id=FILE.id)


def faults(cited: Attachment, file: StoredFile | None = FILE, channel: str = "web") -> list[tuple[str | None, str]]:
    found = attachment_faults([ADDRESS, cited], {file.id: file} if file else {}, channel, "mine")
    return [(each.field, each.code) for each in found]


def test_a_file_of_the_channel_is_cited_and_completed() -> None:
    assert faults(CITED) == []
    assert faults(FILE.reference) == []
    assert completed([ADDRESS, CITED], {FILE.id: FILE}) == (ADDRESS, FILE.reference)
    assert file_ids([ADDRESS, CITED]) == (FILE.id,)


@pytest.mark.parametrize(
    ("changes", "channel", "code"),
    [
        ({}, "radio", RefusalCode.ATTACHMENT_UNKNOWN),
        ({"case_id": "other"}, "web", RefusalCode.ATTACHMENT_TAKEN),
        ({"case_id": "other"}, "radio", RefusalCode.ATTACHMENT_UNKNOWN),
    ],
)
def test_another_channels_or_cases_file_is_not(changes: dict[str, Any], channel: str, code: RefusalCode) -> None:
    values: dict[str, Any] = {
        "id": FILE.id,
        "channel": "web",
        "media_type": "image/jpeg",
        "size_bytes": 9,
        "sha256": "0" * 64,
    }
    assert faults(CITED, StoredFile(**{**values, **changes}), channel) == [("attachments.1.file_id", code)]
    assert faults(CITED, StoredFile(**{**values, "case_id": "mine"})) == []
    assert faults(CITED, None) == [("attachments.1.file_id", RefusalCode.ATTACHMENT_UNKNOWN)]


@pytest.mark.parametrize(("field", "value"), [("media_type", "image/png"), ("size_bytes", 8), ("sha256", "1" * 64)])
def test_what_is_said_of_a_file_must_be_so(field: str, value: Any) -> None:
    wrong = CITED.model_copy(update={field: value})
    assert faults(wrong) == [(f"attachments.1.{field}", RefusalCode.ATTACHMENT_DIFFERS)]


@pytest.mark.parametrize(
    "url",
    [
        "https://p.example",
        "http://p.example:8080/a?b=c#d",
        "HTTPS://P.example/%E7%85%A7",
        "https://xn--fiqs8s/1.jpg",
        "http://[2001:db8::1]/a",
        "https://p.example/" + "a" * 1900,
    ],
)
def test_an_address_is_kept_exactly(url: str) -> None:
    assert Attachment(url=url).url == url


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"url": "https://p.example/1", "file_id": "a" * 32},
        {"url": ""},
        {"url": "ftp://p.example"},
        {"url": "javascript:alert(1)"},
        {"url": "https://"},
        {"url": "https:///etc"},
        {"url": "https://user:secret@p.example/"},
        {"url": "https://p.example/a b"},
        {"url": "https://p.example/照片"},
        {"url": "https://p.example/\n"},
        {"url": "https://p.example/" + "a" * 2000},
        {"file_id": "../../etc/passwd"},
        {"file_id": "A" * 32},
        {"url": "https://p.example/1", "size_bytes": 0},
        {"url": "https://p.example/1", "sha256": "abc"},
        {"url": "https://p.example/1", "media_type": "IMAGE/JPEG"},
    ],
)
def test_a_wrong_reference_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"url|file_id|size_bytes|sha256|media_type"):
        Attachment(**fields)


def test_more_than_twenty_are_refused() -> None:
    assert len(submission(attachments=(ADDRESS,) * 20).attachments) == 20
    with pytest.raises(ValueError, match="attachments"):
        submission(attachments=(ADDRESS,) * 21)


def test_the_case_is_registered_with_every_attachment_in_order() -> None:
    decision = decide(submission(attachments=(ADDRESS, ADDRESS)))
    assert only(CaseRegistered, decision.events).attachments == (ADDRESS, ADDRESS)
    refused = decide(submission(attachments=(ADDRESS, CITED), text=""))
    codes = [each.code for each in only(SubmissionRefused, refused.events).reasons]
    assert codes == [RefusalCode.TEXT_MISSING, RefusalCode.ATTACHMENT_UNKNOWN]
