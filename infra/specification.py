"""The AsyncAPI page of a service, from the topic registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from faststream.specification.base import Specification, SpecificationFactory


class RegistrySpecification(SpecificationFactory):
    """FastStream's AsyncAPI page, filled from the topic registry, which knows what its own generator does not."""

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        """The document is made when the page is first asked for."""
        self._document = document
        self.title = "AsyncAPI"
        self.version = None
        self.description = None
        self.contact = None
        self.license = None

    def add_broker(self, broker: Any, /) -> SpecificationFactory:
        """The registry knows already."""
        return self

    def add_http_route(self, path: str, handler: Any) -> SpecificationFactory:
        """AsyncAPI is about the bus; HTTP is not told here."""
        return self

    def to_specification(self) -> Specification:
        """The document of the registry."""
        return _Document(self._document())


class _Document:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.title = str(document["info"]["title"])

    def to_jsonable(self) -> Any:
        return self._document

    def to_json(self) -> str:
        return json.dumps(self._document, ensure_ascii=False)

    def to_yaml(self) -> str:
        return self.to_json()  # JSON is YAML
