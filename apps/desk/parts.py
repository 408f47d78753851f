"""Parts of a page, each from one service: a service that is away leaves the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from apps.web.services import ServiceProblem


class Document(dict[str, Any]):
    """A document of a service, which leaves out what is absent: such a field is None."""

    def __missing__(self, key: str) -> None:
        """The value of an absent field."""


def document(found: Any) -> Any:
    """The same value with all its objects as `Document`."""
    if isinstance(found, dict):
        return Document({key: document(value) for key, value in found.items()})
    return [document(each) for each in found] if isinstance(found, list) else found


@dataclass(frozen=True)
class Part:
    """What a service answers, or why it is missing."""

    value: Any = None
    problem: ServiceProblem | None = None


async def part(ask: Callable[[], Awaitable[Any]]) -> Part:
    """The answer, or the problem."""
    try:
        return Part(document(await ask()))
    except ServiceProblem as problem:
        return Part(problem=problem)


def problems_of(parts: Iterable[Part]) -> list[ServiceProblem]:
    """One problem for each service that is away; what a unit may not see is no problem."""
    found = {each.problem.zh: each.problem for each in parts if each.problem and each.problem.away}
    return list(found.values())
