"""What may be told of publications: to everybody what is public, to units what they proposed or have to review."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.notify.domain.publication import Publication, Stage

"""What is public; whose it is. Only publications have these fields."""
MOST_OF_A_UNIT = 200


class ShownPublication(BaseModel):
    """What everybody may read."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    by: str
    """Who proposed it."""
    reference: str
    what: str
    """``apology``, ``exposure``, ``commendation`` or ``bulletin``."""
    about: str | None
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    public_since: datetime | None


class ShownPublications(BaseModel):
    """Some publications, the newest first."""

    publications: list[ShownPublication]


class OwnPublication(ShownPublication):
    """What those who proposed it, or review it, may know besides."""

    reviewer: str
    stage: Stage
    proposed_at: datetime
    proposed_by: str | None
    """Absent: a measure put it up."""
    reviewed_at: datetime | None
    reviewed_by: str | None
    review: str | None
    public_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawal: str | None


class OwnPublications(BaseModel):
    """What waits for the unit's review, and all else that it proposed or reviewed, the newest first."""

    to_review: list[OwnPublication]
    others: list[OwnPublication]


Shown = TypeVar("Shown", bound=ShownPublication)


class PublicationViews:
    """Publications as they are read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def public(self, limit: int) -> ShownPublications:
        """The newest that are public. Raises `HttpProblem`."""
        found = await self._found({"filed": "public"}, ("public_since", None, None), limit)
        return ShownPublications(publications=[_shown(ShownPublication, each) for each in found])

    async def own(self, unit: str) -> OwnPublications:
        """What the unit has to review, has reviewed, or has proposed. Raises `HttpProblem`."""
        found = await self._found({"filed": f"concerns/{unit}"}, None, MOST_OF_A_UNIT)
        newest = sorted(found, key=lambda each: each.proposed_at, reverse=True)
        waiting = [each for each in newest if each.reviewer == unit and each.stage is Stage.PROPOSED]
        return OwnPublications(
            to_review=[_shown(OwnPublication, each) for each in waiting],
            others=[_shown(OwnPublication, each) for each in newest if each not in waiting],
        )

    async def _found(
        self, wanted: dict[str, Any], between: tuple[str, str | None, str | None] | None, limit: int
    ) -> list[Publication]:
        try:
            rows = await self._store.states(wanted, between=between, limit=limit)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return [Publication.model_validate(state, strict=False) for _, state in rows]


def _shown(model: type[Shown], kept: Publication) -> Shown:
    return model(**{name: getattr(kept, name) for name in model.model_fields})
