"""`python -m infra.media`: a process that examines files; see `infra.media.process`. It ends when its input ends."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from contextlib import suppress

from infra.media.examining import examine
from infra.media.faults import Fault, MediaFault
from infra.media.process import READY

MOST_MEMORY = 2 * 1024**3
"""Bytes of address space: a file that unpacks to more is refused."""
NICENESS = 10
_PART = 1024 * 1024
_MOST_REQUEST = 8192


def main() -> int:
    """Until the input ends. The service's own loop goes first where processors are busy."""
    os.nice(NICENESS)
    with suppress(ValueError, OSError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with socket.socket(fileno=os.dup(0)) as line:
        line.sendall(READY)
        while True:
            request, files, _, _ = socket.recv_fds(line, _MOST_REQUEST, 2)
            if not request:
                return 0
            source, target = files
            try:
                answer = _answer(json.loads(request)["declared"], source, target)
            finally:
                os.close(source)
                os.close(target)
            line.sendall(json.dumps(answer).encode() + b"\n")


def _answer(declared: str, source: int, target: int) -> dict[str, object]:
    try:
        found = examine(_read(source), declared)
    except MediaFault as error:
        return {"fault": error.fault, "seems": error.seems[:200]}
    except MemoryError:
        return {"fault": Fault.DAMAGED, "seems": ""}
    with os.fdopen(os.dup(target), "wb") as out:
        out.write(found.content)
    return {"media_type": found.media_type, "size_bytes": len(found.content), "sha256": found.sha256}


def _read(source: int) -> bytes:
    """The whole file, wherever its owner has read up to."""
    size = os.fstat(source).st_size
    content = bytearray(size)
    view, at = memoryview(content), 0
    while at < size and (count := os.preadv(source, [view[at : at + _PART]], at)):
        at += count
    return bytes(view[:at])


if __name__ == "__main__":
    sys.exit(main())
