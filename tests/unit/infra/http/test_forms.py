"""Forms are read whole and in their own charset, or refused."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from starlette.requests import Request

from infra.http.bodies import FORM, form_of
from infra.http.forms import Form, FormLimits, read_form
from infra.http.problems import HttpProblem

TEXT = "路面有坑，很深"
LIMITS = FormLimits(most_bytes=100_000, most_files=2, too_large={}, too_many={})
MULTIPART = "multipart/form-data; boundary=B"


def request(body: bytes, type: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", type.encode()), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    return Request(scope, receive)


def read(body: bytes, type: str = MULTIPART) -> Form:
    return asyncio.run(read_form(request(body, type), LIMITS))


def part(text: bytes, name: str = "description", type: str = "") -> bytes:
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()
    return head + (f"Content-Type: {type}\r\n".encode() if type else b"") + b"\r\n" + text + b"\r\n"


@pytest.mark.parametrize(
    ("charset", "form_type", "part_type"),
    [
        ("utf-8", MULTIPART, ""),
        ("utf-8", MULTIPART, "text/plain"),
        ("utf-8", MULTIPART, "text/plain; charset=UTF-8"),
        ("gbk", MULTIPART, "text/plain; charset=GBK"),
        ("gb18030", MULTIPART, 'text/plain; charset="gb18030"'),
        ("gbk", f"{MULTIPART}; charset=gb2312", "text/plain; charset=gbk"),
        ("gbk", f"{MULTIPART}; charset=gbk", ""),
    ],
)
def test_a_field_is_read_in_the_charset_of_its_part_or_form(charset: str, form_type: str, part_type: str) -> None:
    form = read(part(TEXT.encode(charset), type=part_type) + b"--B--\r\n", form_type)
    assert form.fields == [("description", TEXT)]


@pytest.mark.parametrize(
    ("charset", "form_type", "part_type"),
    [
        ("gbk", MULTIPART, ""),
        ("gbk", MULTIPART, "text/plain; charset=utf-8"),
        ("gbk", f"{MULTIPART}; charset=none", ""),
        ("utf-16", MULTIPART, "text/plain; charset=utf-16"),
        ("utf-8", MULTIPART, "text/plain; charset=punycode"),
        ("utf-8", MULTIPART, "text/plain; charset=\u8def"),
    ],
)
def test_a_field_in_another_charset_is_refused_and_never_garbled(charset: str, form_type: str, part_type: str) -> None:
    with pytest.raises(HttpProblem, match="malformed"):
        read(part(TEXT.encode(charset), type=part_type) + b"--B--\r\n", form_type)


WHOLE = part(b"one", "a") + part(b"two", "b") + b"--B--"


@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"\r\nepilogue"])
def test_a_whole_form_has_all_its_fields(epilogue: bytes) -> None:
    assert read(WHOLE + epilogue).fields == [("a", "one"), ("b", "two")]
    assert read(b"--B--\r\n").fields == []


@pytest.mark.parametrize("missing", range(1, len(WHOLE) + 1))
def test_a_form_that_was_cut_off_is_refused(missing: int) -> None:
    with pytest.raises(HttpProblem, match="malformed"):
        read(WHOLE[:-missing])


def encoded(body: bytes, type: str) -> list[tuple[str, str]]:
    given = request(b"", type)
    given.state.body = body
    return form_of(given)


@pytest.mark.parametrize(
    ("charset", "type"), [("utf-8", FORM), ("utf-8", f"{FORM}; charset=utf-8"), ("gbk", f"{FORM};charset=GBK")]
)
def test_an_encoded_form_is_read_in_its_charset_escaped_or_not(charset: str, type: str) -> None:
    raw = TEXT.encode(charset)
    assert encoded(f"a={quote(raw)}".encode(), type) == [("a", TEXT)]
    assert encoded(b"a=" + raw, type) == [("a", TEXT)]


@pytest.mark.parametrize(("charset", "type"), [("gbk", FORM), ("utf-8", f"{FORM}; charset=none")])
def test_an_encoded_form_in_another_charset_is_refused(charset: str, type: str) -> None:
    with pytest.raises(HttpProblem, match="malformed"):
        encoded(f"a={quote(TEXT.encode(charset))}".encode(), type)
