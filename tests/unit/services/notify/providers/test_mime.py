"""What a mail is made of, and what nobody can make of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.providers.mime import Sender, mail_of
from services.notify.providers.port import Attachment, Letter, Refused

LETTER = Letter(notice_id="answer.1", what="answer", to="li@example.cn", subject="办理结果", text="已办结。\n")
SENDER = Sender.of("效能中心 <xiaoneng@city.example>")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = st.text(st.characters(codec="utf-8"))
"""Whatever people write."""
PRINTED = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]))
"""The same without controls, as words of a notice are."""


def sent(letter: Letter) -> EmailMessage:
    """As the receiver reads it."""
    read = message_from_bytes(mail_of(letter, SENDER, AT), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_a_mail_names_its_notice_and_says_that_nobody_wrote_it() -> None:
    mail = sent(LETTER)
    assert mail["From"] == "效能中心 <xiaoneng@city.example>"
    assert mail["To"] == "li@example.cn"
    assert mail["Subject"] == "办理结果"
    assert mail["Message-ID"] == "<answer.1@city.example>"
    assert mail["X-Xiaoneng-Notice"] == "answer"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Mon, 23 Nov 2026 09:00:00 +0000"
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
        "li@example.cn\u2028Bcc: all@example.cn",
        "=?utf-8?q?all?=@example.cn",
        "li..li@example.cn",
        ".li@example.cn",
        "li@example.cn.",
        f"{'l' * 65}@example.cn",
        f"li@{'e' * 191}",
    ],
)
def test_what_is_not_one_plain_address_is_refused_without_being_quoted(to: str) -> None:
    with pytest.raises(Refused, match=r"^contact: no e-mail address$"):
        mail_of(replace(LETTER, to=to), SENDER, AT)


def test_a_subject_of_several_lines_is_one_line_and_adds_no_header() -> None:
    mail = sent(replace(LETTER, subject="办理\r\nBcc: all@example.cn\n\nmore"))
    assert mail["Subject"] == "办理 Bcc: all@example.cn more"
    assert mail["Bcc"] is None
    assert mail.get_content() == "已办结。\n"


def test_neither_the_notice_nor_the_name_of_a_file_adds_a_header() -> None:
    with pytest.raises(Refused, match=r"^mail: ValueError$"):
        mail_of(replace(LETTER, notice_id="a\nBcc: all@example.cn"), SENDER, AT)
    with pytest.raises(Refused, match=r"^mail: ValueError$"):
        mail_of(replace(LETTER, what="a\nBcc: all@example.cn"), SENDER, AT)
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
        mail_of(replace(LETTER, text="\ud800"), SENDER, AT)


@given(subject=PRINTED, text=WORDS, html=st.none() | WORDS, name=PRINTED, content=st.binary())
def test_a_reader_finds_what_was_put_in_whatever_it_says(
    subject: str, text: str, html: str | None, name: str, content: bytes
) -> None:
    file = Attachment(name, "application/pdf", content)
    mail = sent(replace(LETTER, subject=subject, text=text, html=html, attachments=(file,)))
    assert mail["Subject"] == " ".join(subject.split())
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        *(["text/html"] if html is not None else []),
        "application/pdf",
    ]
    assert read(mail, "plain") == lines(text)
    assert html is None or read(mail, "html") == lines(html)
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename() or "", attached.get_content()) == (" ".join(name.split()), content)
    assert len(mail.keys()) == len(set(mail.keys())) == 9
    assert [defect for part in mail.walk() for defect in part.defects] == []


@given(subject=WORDS, text=WORDS, what=WORDS, notice_id=WORDS, name=WORDS)
def test_nothing_that_is_written_adds_a_header_a_part_or_an_end(
    subject: str, text: str, what: str, notice_id: str, name: str
) -> None:
    letter = replace(LETTER, subject=subject, text=text, what=what, notice_id=notice_id)
    try:
        mail = mail_of(replace(letter, attachments=(Attachment(name, "text/plain", b"x"),)), SENDER, AT)
    except Refused as refused:
        assert refused.why.startswith("mail: ")  # noqa: PT017 - either is right
        return
    head, _, body = mail.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"X-Xiaoneng-Notice",
        b"Auto-Submitted",
        b"Content-Type",
        b"MIME-Version",
    ]
    assert mail.replace(b"\r\n", b"").isascii() or not (what + notice_id).isascii()
    assert b"\n" not in mail.replace(b"\r\n", b"")
    assert b"\r" not in mail.replace(b"\r\n", b"")
    assert not any(line.startswith(b".") for line in body.split(b"\r\n")), "no line ends the mail"
    assert len(list(message_from_bytes(mail, policy=default).walk())) == 3


def read(mail: EmailMessage, subtype: str) -> str:
    """The text in this form."""
    part = mail.get_body((subtype,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def lines(text: str) -> str:
    """With the ends of lines as mails have them, and one at the end."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return whole if not whole or whole.endswith("\n") else f"{whole}\n"


@pytest.mark.parametrize("subject", ["plain", "=?utf-8?q?a?=", "x" * 300, "办理 " * 60, "a" * 100 + " 办理", ""])
def test_a_subject_is_read_as_it_was_written_and_its_lines_are_short(subject: str) -> None:
    letter = replace(LETTER, subject=subject)
    assert sent(letter)["Subject"] == subject.strip()
    within_rfc_2047(mail_of(letter, SENDER, AT))
    assert max(map(len, mail_of(letter, SENDER, AT).split(b"\r\n"))) <= 78


ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
LONG = [
    "您的诉求“" + "路灯不亮" * 45 + "”已登记",
    "路灯不亮" * 8,
    "井盖丢失请尽快处理" * 3,
    "é" * 200,
    "a" * 300,
    "👩‍👩‍👧‍👦" * 20,
    "=?utf-8?q?a?= " * 12,
    "=_?" * 30,
    "a " * 100 + "路",
    "\ufeff" * 30,
]


def within_rfc_2047(mail: bytes) -> None:
    """Every encoded word has 75 characters at most, every line with one 76, every folded line 78."""
    head = mail.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        words = ENCODED_WORD.findall(line)
        assert max(map(len, words), default=0) <= 75, line
        assert len(line) <= 76 or not words, line
    for line in mail.split(b"\r\n"):
        assert len(line) <= 78, line


@pytest.mark.parametrize("text", LONG)
def test_an_encoded_word_fits_in_its_line_wherever_it_stands(text: str) -> None:
    file = Attachment(text, "application/pdf", b"%PDF")
    mail = mail_of(replace(LETTER, subject=text, attachments=(file,)), Sender.of(f"{text} <li@example.cn>"), AT)
    within_rfc_2047(mail)


@given(text=PRINTED.map(lambda text: " ".join(text.split())))
def test_any_subject_name_and_file_name_is_read_as_it_was_written(text: str) -> None:
    name = re.sub(r'[<>()\[\]\\,;:@".]', "", text).strip()
    sender = Sender.of(f"{name} <li@example.cn>")
    mail = mail_of(replace(LETTER, subject=text, attachments=(Attachment(text, "a/b", b"x"),)), sender, AT)
    within_rfc_2047(mail)
    read = message_from_bytes(mail, policy=default)
    assert isinstance(read, EmailMessage)
    assert read["Subject"] == text
    phrase, address = parseaddr(message_from_bytes(mail)["From"])
    assert (str(make_header(decode_header(phrase))), address) == (" ".join(name.split()), "li@example.cn")
    (attached,) = read.iter_attachments()
    assert (attached.get_filename() or "") == text


def test_a_long_file_name_is_in_numbered_sections() -> None:
    mail = mail_of(replace(LETTER, attachments=(Attachment("登记表" * 12, "a/b", b"x"),)), SENDER, AT)
    sections = re.findall(rb"filename\*(\d+)\*=([^;\r]+)", mail)
    assert [int(n) for n, _ in sections] == list(range(len(sections)))
    assert b"".join(value for _, value in sections).decode() == "utf-8''" + quote("登记表" * 12)
    assert [section for _, section in sections if section.endswith((b"%", b"%E"))] == []


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("xiaoneng@city.example", "xiaoneng@city.example", ""),
        ("Centre <xiaoneng@city.example>", "xiaoneng@city.example", "Centre"),
        ('"Centre, 12345" <xiaoneng@city.example>', "xiaoneng@city.example", "Centre, 12345"),
        ("效能中心" * 12 + " <xiaoneng@city.example>", "xiaoneng@city.example", "效能中心" * 12),
    ],
)
def test_a_sender_has_an_address_and_a_name(text: str, address: str, name: str) -> None:
    sender = Sender.of(text)
    assert sender.address == address
    assert parseaddr(str(make_header(decode_header(sender.field)))) == (name, address)
    assert f"From: {sender.field}\r\n".encode() in mail_of(LETTER, sender, AT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xiaoneng",
        "Centre",
        "Centre <>",
        "a@b.cn, c@d.cn",
        "A <a@b.cn>, C <c@d.cn>",
        "Centre <a@b.cn> 12345",
        "Centre, city <a@b.cn>",
        "a@b.cn\r\nBcc: c@d.cn",
        "a b@c.cn",
        "a\u200b@b.cn",
    ],
)
def test_a_sender_that_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^email_"):
        Sender.of(text)


def test_a_sender_in_an_international_domain_needs_no_extension_of_the_server() -> None:
    assert Sender.of("City <xiaoneng@例子.公司>").address == "xiaoneng@xn--fsqu00a.xn--55qx5d"


def test_an_address_in_another_script_is_read_as_it_was_written() -> None:
    assert sent(replace(LETTER, to="李雷@例子.example"))["To"] == "李雷@例子.example"
    assert Sender.of("City <效能@例子.example>") == Sender("效能@例子.example", '"City" <效能@例子.example>')


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
