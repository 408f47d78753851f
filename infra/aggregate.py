"""What a service keeps documents of, where there are several kinds: a document says of which kind it is."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, model_validator


class Aggregate(BaseModel):
    """Base of the base of a service's states. That one names no kind; its subclasses do, each another.

    ``class Kept(Aggregate)``, then ``class Case(Kept)`` with ``kind: Literal["case"] = "case"``.
    """

    model_config = ConfigDict(frozen=True)

    kind: str

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_kind(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Any:
        """Read as the base, a document becomes the subclass of its kind. Raises `KeyError` for an unknown one."""
        if cls.model_fields["kind"].is_required() and not isinstance(data, cls):
            kinds = {each.model_fields["kind"].default: each for each in cls.__subclasses__()}
            return kinds[data["kind"]].model_validate(data, strict=False)  # parts of messages are strict
        return handler(data)
