"""What notify keeps documents of: cases, notices to staff, issues of a series, publications."""

from __future__ import annotations

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

import infra.aggregate


class Kept(infra.aggregate.Aggregate):
    """Base of every state. A subclass fixes its `kind`: ``kind: Literal["case"] = "case"``."""

    @model_serializer(mode="wrap")
    def _what_there_is(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is absent is left out: an index of it stays as small as what there is."""
        return {name: value for name, value in whole(self).items() if value is not None}
