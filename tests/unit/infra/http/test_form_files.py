"""A multipart form is read whole, or refused: no part of it is lost, and no text is read in a wrong charset."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.http.forms import FormLimits, read_form
from infra.http.problems import HttpProblem

LIMITS = FormLimits(2_000_000, 3, {"code": "large"}, {"code": "many"})
END = b"--B--\r\n"


async def _read(request: Request) -> Response:
    try:
        form = await read_form(request, LIMITS)
    except HttpProblem as problem:
        return JSONResponse({"problem": problem.code}, 400)
    files = [(name, file.content_type, (await file.read()).decode("latin-1")) for name, file in form.files]
    await form.close()
    return JSONResponse({"fields": form.fields, "files": files})


async def sent(body: bytes, boundary: str = "B") -> Any:
    transport = httpx.ASGITransport(Starlette(routes=[Route("/", _read, methods=["POST"])]))
    async with httpx.AsyncClient(transport=transport, base_url="http://forms") as client:
        kind = f"multipart/form-data; boundary={boundary}"
        return (await client.post("/", content=body, headers={"Content-Type": kind})).json()


def part(parameters: bytes, content: bytes, *headers: bytes) -> bytes:
    head = b"\r\n".join((b"Content-Disposition: form-data; " + parameters, *headers))
    return b"--B\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


PHOTO = part(b'name="media"; filename="a.jpg"', b"photo", b"Content-Type: image/jpeg")


@pytest.mark.parametrize(
    ("parameters", "headers"),
    [
        (b'name="media"; filename="a.jpg"', (b"Content-Type: image/jpeg",)),
        (b'name="media"; filename=""', (b"Content-Type: image/jpeg",)),
        (b'name="media"', (b"Content-Type: IMAGE/JPEG",)),
        (b"name=\"media\"; filename*=UTF-8''%E7%85%A7.jpg", (b"Content-Type: image/jpeg",)),
        (b'name="media"; filename="a.jpg"; filename*=UTF-8\'\'%E7%85%A7.jpg', (b"Content-Type: image/jpeg",)),
        (b"name=\"media\"; filename*=UTF-8''%E7%85%A7.jpg", ()),
        (b'name="media"; filename="C:\\a.jpg"', (b"content-type: image/jpeg", b"Content-Transfer-Encoding: binary")),
    ],
)
async def test_a_file_is_a_file_whatever_its_name_and_headers_are(parameters: bytes, headers: Any) -> None:
    found = await sent(part(parameters, b"\xff\xd8photo", *headers) + END)
    assert found["fields"] == []
    assert [(name, content) for name, _, content in found["files"]] == [("media", "\xff\xd8photo")]


@pytest.mark.parametrize("cut", [1, 3, len(END) - 1, len(END), len(END) + 1, len(END) + 5, len(PHOTO + END) - 10])
async def test_a_form_that_is_cut_is_refused_and_not_read_without_its_rest(cut: int) -> None:
    whole = part(b'name="description"', "有坑".encode()) + PHOTO + END
    found = await sent(whole[:-cut])
    if cut < 3:  # the line end after the last boundary may be missing
        assert found["fields"] == [["description", "有坑"]]
        assert len(found["files"]) == 1
    else:
        assert found == {"problem": "malformed"}


async def test_an_empty_body_is_no_form() -> None:
    assert await sent(b"") == {"problem": "malformed"}
    assert await sent(END) == {"fields": [], "files": []}


@pytest.mark.parametrize("charset", ["gbk", "GB18030", "utf-8", "big5"])
async def test_text_is_read_in_the_charset_that_its_part_names(charset: str) -> None:
    kind = f"Content-Type: text/plain; charset={charset}".encode()
    found = await sent(part(b'name="description"', "路面".encode(charset), kind) + END)
    assert found["fields"] == [["description", "路面"]]


async def test_text_in_an_unknown_charset_is_refused_and_not_garbled() -> None:
    assert await sent(part(b'name="description"', "路面".encode("gbk")) + END) == {"problem": "malformed"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (PHOTO * 4 + END, "refused"),
        (part(b'name="media"; filename="a"', b"x" * 2_100_000) + END, "too-large"),
        (part(b'name="description"', b"x" * 100_000) + END, "malformed"),
        (part(b'filename="a.jpg"', b"x") + END, "malformed"),
        (b"--B\r\nContent-Type: image/jpeg\r\n\r\nx\r\n" + END, "malformed"),
        (part(b'name="a"', b"1") * 2_000 + END, "malformed"),
        (part(b'name="media"; filename="' + b"x" * 200_000 + b'"', b"1") + END, "malformed"),
        (PHOTO.replace(b"\r\n", b"\n") + b"--B--\n", "malformed"),
    ],
)
async def test_a_form_beyond_its_limits_or_against_the_standard_is_refused(body: bytes, problem: str) -> None:
    assert await sent(body) == {"problem": problem}


async def test_the_boundary_may_be_quoted_and_hold_spaces() -> None:
    body = b'--B C\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B C--\r\n'
    assert await sent(body, '"B C"') == {"fields": [["a", "1"]], "files": []}
