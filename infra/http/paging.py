"""Pages of a list: numbered from 1, of a size that the caller may choose."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.requests import Request

from infra.http.endpoint import Parameter, query_of
from infra.http.problems import HttpProblem

MOST_LISTED = 200
"""Largest page size."""
MOST_PAGES = 100_000
PAGING = (
    Parameter("page", "query", "from 1", {"type": "integer"}),
    Parameter("page_size", "query", f"50 where left out, {MOST_LISTED} at most", {"type": "integer"}),
)


def paging(request: Request, fault: Callable[[str, str], HttpProblem]) -> tuple[int, int]:
    """Page and size of the query. Raises what `fault` returns for a field that is no number in its range."""
    asked = query_of(request)
    found = []
    for name, usual, most in (("page", 1, MOST_PAGES), ("page_size", 50, MOST_LISTED)):
        given = asked.get(name, str(usual))
        if not re.fullmatch(r"[0-9]{1,6}", given) or not 1 <= int(given) <= most:
            raise fault(name, "range")
        found.append(int(given))
    return found[0], found[1]
