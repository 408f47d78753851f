"""`python -m services.notify.printing`: the process of the press. Two frames in: `html` or `pdf`, and a sheet as JSON.

Two frames out: what went wrong, empty when nothing did, and the print. The process ends when its input ends.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import IO

from services.notify.printing.frames import framed, read
from services.notify.printing.html import html_of
from services.notify.printing.pdf import pdf_of
from services.notify.printing.sheet import Sheet


def main() -> int:
    """Until the input ends."""
    logging.disable()  # libraries tell of characters, which may be anybody's words
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else is printed is no frame
    while (form := read(sys.stdin.buffer)) is not None and (request := read(sys.stdin.buffer)) is not None:
        answer(form, request, frames)
    return 0


def answer(form: bytes, request: bytes, out: IO[bytes]) -> None:
    """Write the frames for one sheet. An error is reported by its class only: its message may quote the sheet."""
    try:
        sheet = Sheet.model_validate_json(request)
        made = (b"", html_of(sheet).encode() if form == b"html" else pdf_of(sheet))
    except Exception as error:  # noqa: BLE001 - whatever a sheet makes break, the next one is printed
        made = (type(error).__name__.encode(), b"")
    for each in made:
        out.write(framed(each))
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
