"""Why a file is not taken."""

from __future__ import annotations

import struct
import zlib
from enum import StrEnum

MOST_PIXELS = 89_478_485
"""Of an image: what Pillow takes without a warning, a quarter of a gigabyte when it is shown."""
BROKEN = (
    OSError, ValueError, IndexError, KeyError, SyntaxError, EOFError, OverflowError, TypeError,
    struct.error, zlib.error,
)  # fmt: skip
"""What Pillow and our own readers raise for a file that is cut or broken."""


class Fault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TYPE_NOT_TAKEN = "type-not-taken"
    TYPE_MISMATCH = "type-mismatch"
    DAMAGED = "damaged"
    PIXELS = "pixels"
    PROTECTED = "protected"
    """By a password."""
    ENCLOSES = "encloses"
    """Other files, which cannot be cleaned."""


class MediaFault(Exception):
    """A file is not taken, and `fault` is why. `seems` is what the file may be instead; empty when nothing is known."""

    def __init__(self, fault: Fault, seems: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.seems = seems
