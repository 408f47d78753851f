"""Addresses of brokers, checked before anything is connected."""

from __future__ import annotations

import re

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])")


def checked(bootstrap: str) -> str:
    """The same `host:port`, comma separated. Raises `ValueError` that names the part at fault."""
    for part in bootstrap.split(","):
        host, colon, port = part.strip().rpartition(":")
        if not colon or not _HOST.fullmatch(host):
            raise ValueError(f"{part.strip() or 'nothing'} is no host:port")
        if not port.isascii() or not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{part.strip()}: {port or 'nothing'} is no port")
    return bootstrap
