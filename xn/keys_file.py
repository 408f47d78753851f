"""The file of keys as `xn keys` reads and changes it: `[[key]]` and `[[issuer]]` tables that services reload."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from infra.exits import Exit, Fault, writing
from infra.http.keys import KeyRing, KeysError, expiry_line


def read(file: Path) -> KeyRing:
    """Read the file. Raises `Fault` when it is missing, `KeysError` when its content is invalid."""
    try:
        return KeyRing.read(file, None)
    except KeysError as error:
        if isinstance(error.__context__, OSError):
            raise Fault(Exit.FILE, str(error)) from None
        raise


def append(file: Path, table: str) -> None:
    """Add a table to the end of the file; a new file is readable by its owner alone. Raises `Fault` and `KeysError`."""
    begun = ""
    if file.exists():
        read(file)
        begun = "\n" if file.read_bytes()[-1:] not in (b"", b"\n") else ""
    with (
        writing(file),
        os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as opened,
    ):
        opened.write(begun + table + "\n")


def replace(file: Path, text: str) -> None:
    """Replace the content at once, so that a reader never finds a part; the file's mode and links to it stay."""
    file = file.resolve()
    with (
        writing(file),
        NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", encoding="utf-8", delete=False) as fresh,
    ):
        fresh.write(text)
    Path(fresh.name).chmod(file.stat().st_mode & 0o777)
    Path(fresh.name).replace(file)


def with_expiry(text: str, id: str, end: datetime) -> str:
    """The text with the expiry of a key or issuer replaced."""
    parts = re.split(r"(?m)^(?=\[\[(?:key|issuer)\]\])", text)
    for index, part in enumerate(parts):
        if re.search(rf"(?m)^id\s*=\s*[\"']{id}[\"']", part):
            without = re.sub(r"(?m)^expires\s*=.*\n?", "", part)
            parts[index] = re.sub(r"(?m)^(id\s*=.*)$", rf"\1\n{expiry_line(end)}", without, count=1)
    return "".join(parts)
