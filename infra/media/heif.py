"""HEIC and HEIF photographs as JPEG, which every reader shows. Source: ISO/IEC 23008-12.

Upright as the camera meant it, with its colour profile; the data of who took it where are left out.
"""

from __future__ import annotations

import io

import pi_heif

from infra.media.faults import BROKEN, Fault, MediaFault
from infra.media.pieces import Pieces

QUALITY = 90
"""Of the JPEG: no difference can be seen on a screen."""


def heif(content: memoryview, most_pixels: int) -> Pieces:
    """The first picture. Raises `MediaFault`."""
    try:
        found = pi_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
        width, height = found.size
        if width * height > most_pixels:
            raise MediaFault(Fault.PIXELS)
        profile = found.info.get("icc_profile")
        out = io.BytesIO()
        found.to_pillow().convert("RGB").save(out, "JPEG", quality=QUALITY, icc_profile=profile)
    except (RuntimeError, MemoryError, *BROKEN):
        raise MediaFault(Fault.DAMAGED) from None
    return [out.getvalue()]
