"""What scoring keeps documents of: cases, and whatever else has a life of its own here. A document says which it is."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, model_validator


class Aggregate(BaseModel):
    """Base of every state. A subclass fixes its `kind`: ``kind: Literal["case"] = "case"``."""

    model_config = ConfigDict(frozen=True)

    kind: str

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_kind(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Any:
        """Read as an `Aggregate`, a document becomes the subclass of its kind. Raises `KeyError` for an unknown one."""
        if cls is Aggregate and not isinstance(data, Aggregate):
            kinds = {each.model_fields["kind"].default: each for each in Aggregate.__subclasses__()}
            return kinds[data["kind"]].model_validate(data, strict=False)  # parts of messages are strict
        return handler(data)
