"""What the interfaces of notify share: who asks, which page, and how they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.refusals import malformed
from infra.http.endpoint import Answer, Caller
from infra.http.problems import HttpProblem, ProblemDocument, fault_by
from services.notify.domain.policy import Policy

ACT, READ, OPERATE, REPORT = "act", "read", "operate", "report"
"""Rights of a key: a unit's, an operator's, a provider's."""
fault = fault_by(malformed)
KEYED: Mapping[int, Answer] = {
    401: Answer("no key", ProblemDocument),
    403: Answer("unknown key, no right, no unit of the tree, or no post of the unit", ProblemDocument),
    429: Answer("too many requests: Retry-After", ProblemDocument),
    503: Answer("broker or database away: Retry-After", ProblemDocument),
}
NONE = {404: Answer("none that the unit may see", ProblemDocument)}
WRONG = {422: Answer("refused, with every reason", ProblemDocument)}


@dataclass(frozen=True)
class Asking:
    """Who may see what, by the tree that is in force."""

    policy: Callable[[], Policy]

    def unit(self, caller: Caller) -> str:
        """The unit of the key. Raises `HttpProblem` where the place has no such unit, or no such post of it."""
        policy = self.policy()
        return caller.unit(lambda unit: unit in policy.names.units, policy.directory.may_act)

    def centres_of(self, unit: str) -> frozenset[str]:
        """The unit, if it is a centre, and the centres below it."""
        policy = self.policy()
        return policy.under(unit) & policy.centres

    def centres(self, caller: Caller) -> frozenset[str]:
        """The centre that the key speaks for, and those below it. Raises `HttpProblem` for any other unit."""
        found = self.centres_of(self.unit(caller))
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
