"""Native submissions, one JSON object a line: the fields of `SubmitComplaint`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from apps.channel.rows import Row, RowRead, RowRefused, both
from contracts.channel import SubmitComplaint

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_jsonl(path: Path) -> Iterator[Row]:
    """Every line of the file as a complaint or a refusal, in order; empty lines are passed over."""
    with path.open("rb") as file:
        yield from read_lines(file)


def read_lines(lines: Iterable[bytes]) -> Iterator[Row]:
    """The same for lines of bytes."""
    for line, raw in enumerate(lines, 1):
        text = raw.removeprefix(_BYTE_ORDER_MARK) if line == 1 else raw
        if text.strip():
            yield _row(line, text)


def _row(line: int, raw: bytes) -> Row:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return RowRefused(line, "", both("not UTF-8", "编码不是UTF-8"))
    try:
        return RowRead(line, SubmitComplaint.model_validate_json(raw))
    except ValidationError as error:
        return _refused(line, error)


def _refused(line: int, error: ValidationError) -> RowRefused:
    """Every fault of the line at once, by path and kind; the values stay out, for one of them may be a phone number."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    paths = [".".join(str(part) for part in fault["loc"]) for fault in faults]
    told = [f"{path}: {fault['msg']}" if path else fault["msg"] for path, fault in zip(paths, faults, strict=True)]
    return RowRefused(line, ", ".join(paths), "; ".join(told))
