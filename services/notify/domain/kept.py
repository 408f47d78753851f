"""What notify keeps documents of: cases, notices to staff, issues of a series, publications."""

from __future__ import annotations

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

import infra.aggregate


class Kept(infra.aggregate.Aggregate):
    """Base of every state. A subclass fixes its `kind`: ``kind: Literal["case"] = "case"``."""

    @property
    def filed(self) -> tuple[str, ...]:
        """Under what it is looked up: one index holds all of it, because every index costs each write."""
        return ()

    @model_serializer(mode="wrap")
    def _what_there_is(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is absent is left out, and what it is filed under stands beside."""
        found = {name: value for name, value in whole(self).items() if value is not None}
        return {**found, "filed": list(self.filed)} if self.filed else found
