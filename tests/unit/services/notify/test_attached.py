"""Notices to staff and printed forms list what came with a case, and with its supplements."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.attachments import Attachment
from contracts.codes import Language
from contracts.intake import SupplementReceived
from contracts.staff_notices import StaffNoticeOwed
from services.notify.domain.attached import summary_of
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.facts import read_facts
from services.notify.domain.notice import LEASE
from services.notify.domain.samples import samples
from services.notify.paper_facts import Wording
from tests.unit.services.notify.place import POLICY
from tests.unit.services.notify.test_house import assigned
from tests.unit.services.notify.test_papers import facts
from tests.unit.services.notify.test_templates import OURS
from tests.unit.services.speaking import AT, CASE, context, decided, registered

PHOTO = Attachment(file_id="0" * 32, media_type="image/jpeg", size_bytes=482_133, sha256="a" * 64)
PAPER = Attachment(file_id="1" * 32, media_type="application/pdf", size_bytes=9_000, sha256="b" * 64)
SOUND = Attachment(file_id="2" * 32, media_type="audio/mpeg", size_bytes=9_000, sha256="c" * 64)
LINK = Attachment(url="https://photos.example.com/wang-xiaoming.jpg")


@pytest.mark.parametrize(
    ("attachments", "zh", "en"),
    [
        ((), None, None),
        ((PHOTO,), "1 个（图片 1）", "1 (1 image)"),
        (
            (LINK, PHOTO, SOUND, PAPER, PHOTO),
            "5 个（图片 2、录音 1、PDF 文件 1、网络链接 1）",
            "5 (2 images, 1 recording, 1 PDF file, 1 web address)",
        ),
    ],
)
def test_attachments_are_counted_by_their_kinds(attachments: Any, zh: str | None, en: str | None) -> None:
    assert summary_of(attachments, Language.CHINESE) == zh
    assert summary_of(attachments, Language.ENGLISH) == en


def on(*subjects: Any, attachments: tuple[Attachment, ...] = ()) -> tuple[Case, list[StaffNoticeOwed]]:
    case, owed = Case(), []
    for subject in (registered(attachments=attachments), *subjects):
        decision = decided(CaseRules(POLICY, LEASE).decide(case, subject, context()))
        assert decision.state is not None
        case = decision.state
        owed += [each for each in decision.events if isinstance(each, StaffNoticeOwed)]
    return case, owed


def supplement(*attachments: Attachment) -> SupplementReceived:
    return SupplementReceived(case_id=CASE, occurred_at=AT, round=1, complete=True, attachments=attachments)


def test_an_assignment_counts_what_came_with_the_case_and_with_supplements_without_a_name() -> None:
    _, (notice,) = on(supplement(SOUND), supplement(PAPER), assigned(binding=True), attachments=(PHOTO, LINK))
    told = read_facts(notice.what, {each.name: each.value for each in notice.facts})
    assert told["attachments"] == "4 个（图片 1、录音 1、PDF 文件 1、网络链接 1）"
    assert "wang" not in notice.model_dump_json()


@pytest.mark.parametrize("what", ["assignment", "ruling", "subtask"])
def test_the_words_of_a_notice_mention_attachments_where_there_are_any(what: str) -> None:
    for language, words in ((Language.CHINESE, "附件"), (Language.ENGLISH, "Attachments")):
        known = samples(what, language)
        with_them = OURS.render(what, language, {**known, "attachments": summary_of((PHOTO,), language)})
        assert f"{words}{'：' if language is Language.CHINESE else ': '}1" in with_them.text
        assert words in (with_them.html or "")
        without = OURS.render(what, language, {name: each for name, each in known.items() if name != "attachments"})
        assert words not in without.text


def test_an_assignment_of_a_case_without_attachments_mentions_none() -> None:
    _, (notice,) = on(supplement(), assigned(binding=True))
    assert "attachments" not in {each.name for each in notice.facts}


def test_a_printed_form_lists_what_came_with_supplements() -> None:
    case, _ = on(supplement(SOUND), attachments=(PHOTO,))
    listed = facts(case, "registration").attachments
    assert listed == ("共 2 个", "系统内文件：image/jpeg，482133 字节", "系统内文件：audio/mpeg，9000 字节")
    english = facts(case, "registration", Wording(POLICY, Language.ENGLISH)).attachments
    assert english[0] == "2 in all"
