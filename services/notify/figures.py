"""What the days of an issue have seen, from notify's own documents: a stream of cases, counted one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from contracts.codes import Language
from infra.store import Store
from services.notify.domain.issue_facts import Report
from services.notify.domain.policy import Policy
from services.notify.domain.series import Edition
from services.notify.domain.tally import FIELDS, Tally
from services.notify.printing.figures import Figures, Totals


class NotYet(RuntimeError):
    """The issue of the days before is being counted: this one tells of its figures, too."""


async def count(store: Store, edition: Edition, policy: Policy, channels: Collection[str] = ()) -> Tally:
    """Every case that was open in these days, or ended in them or since; of these channels, or of all.

    Raises `StoreError`.
    """
    tally = Tally(edition, policy.zone, frozenset(channels))
    async for _, state in store.every_since("until", edition.first_day.isoformat(), FIELDS):
        tally.add(state)
    return tally


async def reports(
    store: Store, edition: Edition, languages: Sequence[Language], policy: Policy, channels: Collection[str] = ()
) -> tuple[Report, ...]:
    """In each language, beside the figures of the issue before. Raises `NotYet` and `StoreError`."""
    before = await totals_before(store, edition, channels)
    tally = await count(store, edition, policy, channels)
    return tuple(tally.report(language, policy.names, before) for language in languages)


async def totals_before(store: Store, edition: Edition, channels: Collection[str] = ()) -> Totals | None:
    """As the issue before has them, so that two issues never contradict each other; None where there is none of as
    many days and the same channels.

    Raises `NotYet` and `StoreError`.
    """
    state = await store.state_of(edition.before)
    if state is None or date.fromisoformat(state["first_day"]) != edition.first_day - edition.length:
        return None
    if set(state.get("channels", ())) != set(channels):
        return None
    if not state["reports"]:
        raise NotYet(edition.before)
    figures = Figures.model_validate(state["reports"][0]["figures"], strict=False)
    return Totals(**{name: getattr(figures, name) for name in Totals.model_fields})
