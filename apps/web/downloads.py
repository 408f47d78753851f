"""Headers of a file that an app passes on from a service to a browser."""

from __future__ import annotations

from collections.abc import Mapping

SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/wav", "audio/x-wav", "audio/amr"),
    }
)


def headers_of(given: Mapping[str, str], name: str) -> dict[str, str]:
    """Safe headers: the type as the service has it where a browser may show it; anything else is only stored."""
    type = given.get("content-type", "").partition(";")[0].strip().lower()
    shown = type in SHOWN
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "-._") else "_" for each in name)
    found = {
        "Content-Type": type if shown else "application/octet-stream",
        "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{plain}"',
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Content-Encoding": "identity",
    }
    if length := given.get("content-length", ""):
        found["Content-Length"] = length
    return found
