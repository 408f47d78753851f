"""What the interfaces of notify share: who asks, which page, and how they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from contracts.refusals import malformed
from infra.http.endpoint import Answer, Caller, Parameter, query_of
from infra.http.problems import HttpProblem, ProblemDocument
from services.notify.domain.policy import Policy

ACT, READ, OPERATE, REPORT = "act", "read", "operate", "report"
"""Rights of a key: a unit's, an operator's, a provider's."""
MOST_LISTED = 200
KEYED: Mapping[int, Answer] = {
    401: Answer("no key", ProblemDocument),
    403: Answer("unknown key, no right, no unit of the tree, or no post of the unit", ProblemDocument),
    429: Answer("too many requests: Retry-After", ProblemDocument),
    503: Answer("broker or database away: Retry-After", ProblemDocument),
}
NONE = {404: Answer("none that the unit may see", ProblemDocument)}
WRONG = {422: Answer("refused, with every reason", ProblemDocument)}
PAGE_SIZE = Parameter("page_size", "query", f"50 where left out, {MOST_LISTED} at most", {"type": "integer"})
PAGING = (Parameter("page", "query", "from 1", {"type": "integer"}), PAGE_SIZE)


@dataclass(frozen=True)
class Asking:
    """Who may see what, by the tree that is in force."""

    policy: Callable[[], Policy]

    def unit(self, caller: Caller) -> str:
        """The unit of the key. Raises `HttpProblem` where the place has no such unit, or no such post of it."""
        policy = self.policy()
        return caller.unit(lambda unit: unit in policy.names.units, policy.directory.may_act)

    def centres(self, caller: Caller) -> frozenset[str]:
        """The centre that the key speaks for, and those below it. Raises `HttpProblem` for any other unit."""
        policy = self.policy()
        found = policy.under(self.unit(caller)) & policy.centres
        if not found:
            raise HttpProblem("right-missing")
        return found

    def answers_for(self, caller: Caller) -> frozenset[str] | None:
        """Centres of whose cases the key may see every notice; None: of all. Raises `HttpProblem`."""
        if caller.post is not None:
            self.unit(caller)
        if caller.key is not None and OPERATE in caller.key.rights:
            return None
        return self.centres(caller)


def paging(request: Request) -> tuple[int, int]:
    """Page and size. Raises `HttpProblem`."""
    return number_of(request, "page", 1, 100_000), number_of(request, "page_size", 50, MOST_LISTED)


def number_of(request: Request, name: str, usual: int, most: int) -> int:
    """A number of the query, from 1. Raises `HttpProblem`."""
    given = query_of(request).get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,6}", given) or not 1 <= int(given) <= most:
        raise fault(name, "range")
    return int(given)


def fault(field: str, detail: str) -> HttpProblem:
    """A field that does not fit."""
    return HttpProblem("refused", [malformed(field, detail).model_dump()])
