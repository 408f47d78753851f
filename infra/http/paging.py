"""Pages of a list: numbered from 1, of a size that the caller may choose."""

from __future__ import annotations

import re

from starlette.requests import Request

from infra.http.endpoint import Parameter, query_of
from infra.http.problems import Fault

MOST_LISTED = 200
"""Largest page size."""
MOST_PAGES = 100_000


def page_parameters(most: int = MOST_LISTED) -> tuple[Parameter, Parameter]:
    """The query parameters of `paging`."""
    size = f"50 where left out, {most} at most"
    return (
        Parameter("page", "query", "from 1", {"type": "integer"}),
        Parameter("page_size", "query", size, {"type": "integer"}),
    )


PAGING = page_parameters()
PAGE_SIZE = PAGING[1]


def paging(request: Request, fault: Fault, most: int = MOST_LISTED) -> tuple[int, int]:
    """Page and size of the query. Raises what `fault` returns for a field that is no number in its range."""
    return number_of(request, "page", 1, MOST_PAGES, fault), number_of(request, "page_size", 50, most, fault)


def page_size_of(request: Request, fault: Fault) -> int:
    """The size of a page alone, for lists that are continued by a cursor."""
    return number_of(request, "page_size", 50, MOST_LISTED, fault)


def number_of(request: Request, name: str, usual: int, most: int, fault: Fault) -> int:
    """A number of the query from 1 to `most`; `usual` where it is left out. Raises what `fault` returns."""
    given = query_of(request).get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,6}", given) or not 1 <= int(given) <= most:
        raise fault(name, "range")
    return int(given)
