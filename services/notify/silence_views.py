"""Who is silent: cases that lack something past its limit, as their centre and those above see them; and how many."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client import Counter as Counted
from pydantic import BaseModel, ConfigDict

from contracts.notify import SilenceEnded, SilenceFound
from infra.decision import Context, Decide, Decision, Subject, Wait
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.notify.domain.case import Case
from services.notify.domain.kept import Kept
from services.notify.domain.silence import WHAT

PAUSE_SECONDS = 15.0
"""Between two looks; each costs what is silent."""


class ShownSilence(BaseModel):
    """Something that a case lacks."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    case_id: str
    number: str
    what: str
    """``acknowledgement``, ``owner``, ``deadline``, ``answer`` or ``reply``."""
    since: datetime
    """When its limit ended."""
    unit: str
    """Who has to see to it: the owner, or the centre where there is none."""
    centre: str


class Silences(BaseModel):
    """Some of them, by what is missing."""

    silences: list[ShownSilence]
    next_page: int | None = None


class SilenceViews:
    """Silent cases as they were found."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, centres: frozenset[str], what: str | None, page: int, size: int) -> Silences:
        """Of the cases of these centres; what is missing of one kind, or of any."""
        wanted: dict[str, Any] = {"filed": "silent", "registered.centre": {"$in": sorted(centres)}}
        if what is not None:
            wanted["silences.what"] = what
        try:
            rows = await self._store.states(
                wanted,
                between=("silences.since", None, None),
                skip=(page - 1) * size,
                limit=size + 1,
                least_first=True,
            )
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        found = [each for key, state in rows[:size] for each in silences_of(key, Case.model_validate(state), what)]
        return Silences(silences=found, next_page=page + 1 if len(rows) > size else None)


def silences_of(case_id: str, case: Case, what: str | None = None) -> list[ShownSilence]:
    """What the case was found to lack, of one kind or of any."""
    registered = case.registered
    if registered is None:
        return []
    return [
        ShownSilence(
            case_id=case_id,
            number=registered.number,
            what=each.what,
            since=each.since,
            unit=case.owner or registered.centre,
            centre=registered.centre,
        )
        for each in case.silences or ()
        if what in (None, each.what)
    ]


class SilenceCounts:
    """`xn_silences{what}`: how many cases lack what at this moment, whoever found it; and how many began and ended."""

    def __init__(self, store: Store, registry: CollectorRegistry) -> None:
        self._store = store
        self._now = Gauge("xn_silences", "cases that lack something past its limit", ["what"], registry=registry)
        self._found = Counted("xn_silences_found", "silences that began", ["what"], registry=registry)
        self._ended = Counted("xn_silences_ended", "silences that ended", ["what"], registry=registry)
        for what in WHAT:
            for metric in (self._now, self._found, self._ended):
                metric.labels(what)

    async def work(self) -> None:
        """One look, and a pause. Raises `StoreError`."""
        await self.look()
        await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> None:
        """The gauge says what the index says. Raises `StoreError`."""
        found: Counter[str] = Counter()
        async for _, state in self._store.every({"filed": "silent"}, ("silences",)):
            found.update(each["what"] for each in state.get("silences") or ())
        for what in WHAT:
            self._now.labels(what).set(found[what])

    def counting(self, decide: Decide[Kept]) -> Decide[Kept]:
        """The same decisions; each silence that they find or end is counted. One made again counts again."""

        def counted(state: Kept | None, subject: Subject, context: Context) -> Decision[Kept] | Wait:
            decision = decide(state, subject, context)
            for event in decision.events if isinstance(decision, Decision) else ():
                if isinstance(event, SilenceFound):
                    self._found.labels(event.what).inc()
                elif isinstance(event, SilenceEnded):
                    self._ended.labels(event.what).inc()
            return decision

        return counted
