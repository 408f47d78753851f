"""The JSON API of what waits for a unit in notify: publications to review, notices not delivered, silent cases."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from infra.http.endpoint import Answer, Caller, Endpoint, Interface, respond
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.notify.asking import KEYED, READ, Asking
from services.notify.domain.publication import Stage

What = Literal["publication", "dead-notice", "silence"]
WHATS: tuple[What, ...] = get_args(What)


class NotifyWaiting(BaseModel):
    """How much waits for a unit, by what it is."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    unit: str
    counts: dict[What, int]
    """Every kind, also with 0. Notices that were not delivered, and silent cases, are those of the unit as a centre and
    of the centres below it."""


class WaitingApi:
    """The handler."""

    def __init__(self, store: Store, asking: Asking) -> None:
        self._store = store
        self._asking = asking

    async def waiting(self, _request: Request, caller: Caller) -> Response:
        """What waits for the unit, in numbers."""
        unit = self._asking.unit(caller)
        try:
            found = await self._counts(unit, self._asking.centres_of(unit))
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return respond(NotifyWaiting(unit=unit, counts=found))

    async def _counts(self, unit: str, centres: frozenset[str]) -> dict[What, int]:
        count, within = self._store.count, {"$in": sorted(centres)}
        reviews = {"filed": f"concerns/{unit}", "reviewer": unit, "stage": Stage.PROPOSED}
        found: dict[What, int] = dict.fromkeys(WHATS, 0)
        found["publication"] = await count(reviews)
        if centres:
            to_complainants = {"filed": "dead", "kind": "case", "registered.centre": within}
            to_staff = {"filed": "dead", "kind": "staff-notice", "centre": within}
            found["dead-notice"] = await count(to_complainants) + await count(to_staff)
            found["silence"] = await count({"filed": "silent", "registered.centre": within})
        return found


def waiting(api: WaitingApi) -> Interface:
    """The interface."""
    return Interface(
        "waiting",
        "What waits for a unit, in numbers.",
        (
            Endpoint(
                "GET",
                "/v1/waiting",
                api.waiting,
                "How much waits for the own unit: publications to review, notices not delivered, silent cases",
                {200: Answer("every kind with its number", NotifyWaiting), **KEYED},
                right=READ,
            ),
        ),
        client="unit",
    )
