"""What a mail is made of, and what nobody can make of it."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from services.notify.providers.mail import message_of
from services.notify.providers.port import Attachment, Letter, Refused

LETTER = Letter(notice_id="answer.1", what="answer", to="li@example.cn", subject="办理结果", text="已办结。\n")
SENDER = "效能中心 <xiaoneng@city.example>"
DATE = "Mon, 23 Nov 2026 09:00:00 +0000"


def sent(letter: Letter) -> EmailMessage:
    """As the receiver reads it."""
    read = message_from_bytes(message_of(letter, SENDER, DATE).as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_a_mail_names_its_notice_and_says_that_nobody_wrote_it() -> None:
    mail = sent(LETTER)
    assert mail["From"] == SENDER
    assert mail["To"] == "li@example.cn"
    assert mail["Subject"] == "办理结果"
    assert mail["Message-ID"] == "<answer.1@city.example>"
    assert mail["X-Xiaoneng-Notice"] == "answer"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == DATE
    assert mail.get_content() == "已办结。\n"


def test_html_stands_beside_the_text_and_files_behind_both() -> None:
    form = Attachment("登记表.pdf", "application/pdf", b"%PDF")
    mail = sent(replace(LETTER, html="<p>已办结。</p>", attachments=(form,)))
    assert mail.get_content_type() == "multipart/mixed"
    body = mail.get_body(("html",))
    plain = mail.get_body(("plain",))
    assert body is not None
    assert plain is not None
    assert (body.get_content(), plain.get_content()) == ("<p>已办结。</p>\n", "已办结。\n")
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "登记表.pdf",
        "application/pdf",
        b"%PDF",
    )


@pytest.mark.parametrize(
    "to",
    [
        "",
        "li",
        "li@example.cn\nBcc: all@example.cn",
        "li@example.cn\r\n\r\ntext",
        "li@example.cn, wang@example.cn",
        "li@example.cn;wang@example.cn",
        "li <li@example.cn>",
        "li@example.cn@example.org",
        "@example.cn",
        "li @example.cn",
        "li\x00@example.cn",
        "group:li@example.cn",
    ],
)
def test_what_is_not_one_plain_address_is_refused_without_being_quoted(to: str) -> None:
    with pytest.raises(Refused, match=r"^contact: no e-mail address$"):
        message_of(replace(LETTER, to=to), SENDER, DATE)


def test_a_subject_of_several_lines_is_one_line_and_adds_no_header() -> None:
    mail = sent(replace(LETTER, subject="办理\r\nBcc: all@example.cn\n\nmore"))
    assert mail["Subject"] == "办理 Bcc: all@example.cn more"
    assert mail["Bcc"] is None
    assert mail.get_content() == "已办结。\n"


def test_neither_the_notice_nor_the_name_of_a_file_adds_a_header() -> None:
    with pytest.raises(Refused, match=r"^mail: ValueError$"):
        message_of(replace(LETTER, notice_id="a\nBcc: all@example.cn"), SENDER, DATE)
    with pytest.raises(Refused, match=r"^mail: ValueError$"):
        message_of(replace(LETTER, what="a\nBcc: all@example.cn"), SENDER, DATE)
    file = Attachment("a\r\nBcc: all@example.cn", "text/plain", b"x")
    mail = sent(replace(LETTER, attachments=(file,)))
    (attached,) = mail.iter_attachments()
    assert (mail["Bcc"], attached["Bcc"]) == (None, None)


@pytest.mark.parametrize("media_type", ["", "pdf", "text/plain\nBcc: x@example.cn"])
def test_a_media_type_adds_no_header(media_type: str) -> None:
    try:
        mail = sent(replace(LETTER, attachments=(Attachment("a", media_type, b"x"),)))
    except Refused as refused:
        assert refused.why.startswith("mail: ")  # noqa: PT017 - either is right
    else:
        assert all(part["Bcc"] is None for part in mail.walk())


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(Refused, match=r"^mail: UnicodeEncodeError$"):
        message_of(replace(LETTER, text="\ud800"), SENDER, DATE)


def test_a_letter_shows_neither_whom_it_is_for_nor_what_it_says() -> None:
    letter = replace(
        LETTER,
        html="<p>秘密</p>",
        sms={"秘密": "秘密"},
        data={"秘密": "秘密"},
        text="秘密",
        subject="秘密",
        attachments=(Attachment("a.pdf", "application/pdf", "秘密".encode()),),
    )
    assert "秘密" not in repr(letter)
    assert "li@" not in repr(letter)
    assert "answer.1" in repr(letter)
