"""The smallest question to a broker: who belongs to the cluster? Needs no client library, loop or background task."""

from __future__ import annotations

import socket
import struct

_METADATA = 3
_VERSION = 1
_CORRELATION = 7


def broker_ids(port: int, *, timeout: float = 2.0) -> frozenset[int]:
    """The ids of the brokers that the one on this loopback port knows as alive; empty when it does not answer."""
    client = b"probe"
    request = struct.pack(">hhih", _METADATA, _VERSION, _CORRELATION, len(client)) + client + struct.pack(">i", 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", _read(connection, 4))
            return _ids(_read(connection, size))
    except (OSError, EOFError):
        return frozenset()


def _read(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise EOFError("the broker closed the connection")
        received += part
    return received


def _ids(answer: bytes) -> frozenset[int]:
    """The node ids in a Metadata answer: correlation id, then an array of (id, host, port, rack)."""
    _, count = struct.unpack_from(">ii", answer)
    ids, at = set[int](), 8
    for _ in range(count):
        node, host_length = struct.unpack_from(">ih", answer, at)
        ids.add(node)
        at += 6 + host_length + 4
        (rack_length,) = struct.unpack_from(">h", answer, at)
        at += 2 + max(rack_length, 0)
    return frozenset(ids)
