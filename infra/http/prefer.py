"""How long a client wants a request to wait for its result: the `Prefer` header. Source: RFC 7240 §4.1 and §4.3."""

from __future__ import annotations

import re

from starlette.requests import Request

MOST_SECONDS = 8.0
"""The longest that a request waits for the outcome of its command."""
TIMEOUT_SECONDS = MOST_SECONDS + 7.0
"""Timeout of such a request: beside the outcome it waits for the broker and the database."""
_WAIT = re.compile(r"wait\s*=\s*\"?([0-9]{1,6})\"?", re.IGNORECASE)


def wait_seconds(request: Request, usual: float, most: float) -> float:
    """Seconds to wait: `wait=N`, `most` at most; 0 for `respond-async` alone; `usual` where neither is given.

    As the standard asks, the first of two counts, and a preference that cannot be read is ignored.
    """
    header = ",".join(request.headers.getlist("prefer"))
    wanted = [each.partition(";")[0].strip() for each in header.split(",")]
    for each in wanted:
        if found := _WAIT.fullmatch(each):
            return min(float(found[1]), most)
    return 0.0 if any(each.lower() == "respond-async" for each in wanted) else usual
