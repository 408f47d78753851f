"""What the interfaces of scoring share: who asks, about which period, and how they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from contracts.refusals import malformed
from infra.http.endpoint import Answer, Caller, Parameter
from infra.http.problems import ProblemDocument, fault_by
from services.scoring.domain.limits import Limits
from services.scoring.domain.scores.period import Period

ACT, READ = "act", "read"
"""Rights of a key."""
fault = fault_by(malformed)
KEYED: Mapping[int, Answer] = {
    401: Answer("no key", ProblemDocument),
    403: Answer("unknown key, no right, no unit of the tree, or no post of the unit", ProblemDocument),
    429: Answer("too many requests: Retry-After", ProblemDocument),
    503: Answer("database away: Retry-After", ProblemDocument),
}
WRONG_BODY: Mapping[int, Answer] = {
    400: Answer("not well-formed", ProblemDocument),
    413: Answer("too large", ProblemDocument),
    415: Answer("not JSON", ProblemDocument),
    422: Answer("refused, with every reason", ProblemDocument),
}
PERIOD = Parameter("period", "path", "2026-11, 2026-Q4, 2026-H2 or 2026")


@dataclass(frozen=True)
class Asking:
    """Who may see what, by the tree that is in force."""

    limits: Callable[[], Limits]

    def unit(self, caller: Caller) -> str:
        """The unit of the key. Raises `HttpProblem` where the place has no such unit, or no such post of it."""
        limits = self.limits()
        return caller.unit(lambda unit: unit in limits.units, limits.directory.may_act)

    def visible(self, caller: Caller) -> frozenset[str]:
        """The unit that the key speaks for, and whatever is below it. Raises `HttpProblem`."""
        own, limits = self.unit(caller), self.limits()
        return frozenset(unit for unit in limits.units if limits.sees(own, unit))


def period_of(request: Request, detail: str) -> Period:
    """The period in the path. Raises `HttpProblem`, with this detail, where it is none."""
    try:
        return Period.parse(str(request.path_params["period"]))
    except ValueError:
        raise fault("period", detail) from None
