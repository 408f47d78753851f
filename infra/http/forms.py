"""Parser of multipart forms within limits; large files are spooled to disk. Source: RFC 7578."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from infra.http.bodies import MOST_FIELDS, MOST_PASSED_OVER, known_charset
from infra.http.problems import HttpProblem

MULTIPART = "multipart/form-data"
_FILE_TYPES = (b"image/", b"audio/", b"video/", b"application/octet-stream", b"application/pdf")
"""Of parts that are files, with or without a name."""
MOST_FIELD_BYTES = 64 * 1024
"""Limit for one field that is not a file."""


@dataclass(frozen=True)
class FormLimits:
    """Limits of the form of one endpoint."""

    most_bytes: int
    """Size of the whole body."""
    most_files: int
    too_large: Mapping[str, Any]
    """The refusal of a larger body."""
    too_many: Mapping[str, Any]
    """The refusal of more files."""


@dataclass
class Form:
    """A parsed form."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    """Names and texts in the order of the form, without empty fields."""
    files: list[tuple[str, UploadFile]] = field(default_factory=list)
    """Names and files in the order of the form, without file fields in which no file was chosen."""

    async def close(self) -> None:
        """Delete the temporary files."""
        for _, file in self.files:
            await file.close()


async def read_form(request: Request, limits: FormLimits) -> Form:
    """Parse the form of a request; the caller closes it. Raises `HttpProblem`."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 18:
        raise HttpProblem("malformed")
    if int(declared) > limits.most_bytes + MOST_PASSED_OVER:
        raise HttpProblem("too-large", [limits.too_large], headers={"Connection": "close"})
    body = _Body(request, limits)
    parser = _Parser(
        request.headers,
        body.parts(),
        max_files=limits.most_files,
        max_fields=MOST_FIELDS,
        max_part_size=MOST_FIELD_BYTES,
    )
    try:
        found = await parser.parse()
    except ClientDisconnect:
        raise HttpProblem("malformed") from None
    except MultiPartException as error:
        await body.pass_over()
        if error.message.startswith("Too many files"):
            raise HttpProblem("refused", [limits.too_many]) from None
        raise HttpProblem("malformed") from None
    form = Form()
    for name, value in found.multi_items():
        if isinstance(value, str):
            form.fields += [(name, value)] if value else []
        elif value.filename or value.size:
            form.files.append((name, value))
        else:
            await value.close()
    return form


class _Parser(MultiPartParser):
    """Takes a file without a name as a file; refuses text that is not in its charset, and a form that was cut off.

    The base class reads such a file as text, such text as Latin-1, and leaves out the last part of such a form.
    """

    _ended = False
    """Whether the closing boundary was read."""

    async def parse(self) -> FormData:
        """The form. Raises `MultiPartException`."""
        found = await super().parse()
        if not self._ended:
            await found.close()
            for file in self._files_to_close_on_error:
                file.close()
            raise MultiPartException("The closing boundary is missing.")
        return found

    def on_headers_finished(self) -> None:
        """A part is a file if it has a file name or a type of files. Source: RFC 7578 §4.2 and §4.5."""
        part = self._current_part
        disposition = part.content_disposition or b""
        type, _ = parse_options_header(dict(part.item_headers).get(b"content-type"))
        is_file = b"filename*" in disposition.lower() or type.lower().startswith(_FILE_TYPES)
        if is_file and b"filename" not in parse_options_header(disposition)[1]:
            part.content_disposition = disposition + b'; filename=""'
        super().on_headers_finished()

    def on_part_end(self) -> None:
        """A field is text, in the charset of its part or else of the form. Source: RFC 7578 §4.6 and §5.1.2."""
        part = self._current_part
        if part.file is not None:
            super().on_part_end()
            return
        _, options = parse_options_header(dict(part.item_headers).get(b"content-type"))
        self.items.append((part.field_name, _text(bytes(part.data), options.get(b"charset"), self._charset)))

    def on_end(self) -> None:
        """The form is whole."""
        self._ended = True


def _text(content: bytes, charset: bytes | None, otherwise: str) -> str:
    """The decoded field. Raises `MultiPartException` for another charset, and for bytes that are not in it."""
    try:
        return content.decode(known_charset(charset.decode("latin-1") if charset else otherwise))
    except (LookupError, UnicodeError):
        raise MultiPartException("charset") from None


class _Body:
    """Reads the body of a request for the parser, up to the size limit."""

    def __init__(self, request: Request, limits: FormLimits) -> None:
        self._stream = request.stream()
        self._limits = limits
        self._size = 0

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """Yield the chunks of the body. Raises `HttpProblem` when it is too large."""
        async for part in self._stream:
            self._size += len(part)
            if self._size > self._limits.most_bytes:
                await self.pass_over()
                raise HttpProblem("too-large", [self._limits.too_large])
            yield part

    async def pass_over(self) -> None:
        """Read and discard the rest, within limits: clients that are still sending do not read the response."""
        passed = 0
        try:
            async for part in self._stream:
                passed += len(part)
                if passed > MOST_PASSED_OVER:
                    raise HttpProblem("too-large", [self._limits.too_large], headers={"Connection": "close"})
        except (ClientDisconnect, RuntimeError):
            return


def form_of_parts(request: Request) -> Form | None:
    """The parsed multipart form of the request, or None when its body was not a multipart form."""
    form: Form | None = getattr(request.state, "form", None)
    return form
