"""Syntax checks of the addresses of brokers, databases and pages, done before any connection."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

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


def page_base(url: str) -> str:
    """Return the base address of pages without a slash at its end.

    Raises `ValueError` unless it is `https`, or `http` on this machine, without user, query and fragment.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        local = host == "localhost" or _is_loopback(host)
        fits = bool(_HOST.fullmatch(host) or _is_address(host)) and parts.port != 0
    except ValueError:
        raise ValueError("no address: write https://host/path") from None
    if not fits or parts.scheme not in {"https", "http"} or any(c.isspace() for c in parts.path):
        raise ValueError("no address: write https://host/path")
    if parts.scheme == "http" and not local:
        raise ValueError("must be https; http is for localhost only")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must have no user, query or fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_loopback


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
