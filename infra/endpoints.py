"""Syntax checks of broker and database addresses, done before any connection."""

from __future__ import annotations

import re

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])")


def checked(bootstrap: str) -> str:
    """Return the comma-separated `host:port` list unchanged. Raises `ValueError` that names the malformed part."""
    for part in bootstrap.split(","):
        host, colon, port = part.strip().rpartition(":")
        if not colon or not _HOST.fullmatch(host):
            raise ValueError(f"{part.strip() or 'nothing'} is no host:port")
        if not port.isascii() or not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{part.strip()}: {port or 'nothing'} is no port")
    return bootstrap


def checked_uri(uri: str) -> str:
    """Return the MongoDB URI unchanged. Raises `ValueError` without quoting the URI, which may contain a password."""
    from pymongo.errors import PyMongoError  # noqa: PLC0415 - commands that need no database need not import it
    from pymongo.uri_parser import parse_uri  # noqa: PLC0415

    try:
        if not uri.startswith("mongodb+srv://"):  # parsing mongodb+srv queries a name server
            parse_uri(uri, warn=False)
    except (ValueError, PyMongoError):
        raise ValueError("malformed: write mongodb://[user:password@]host[:port]/[?options]") from None
    return uri
