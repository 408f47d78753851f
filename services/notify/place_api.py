"""The JSON API for editors of a place's tables: the checks that need notify's rules."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.place_checking import faults_of_texts
from contracts.toml_faults import Fault
from infra.http.bodies import json_of, model_of
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, respond
from infra.http.problems import ProblemDocument, faults_of
from services.notify.asking import KEYED, OPERATE, WRONG, Asking, fault
from services.notify.place_checks import PLACE_CHECKS

MOST_BYTES = 4 * 1024 * 1024
MOST_CHARACTERS = 1_000_000
_TABLES = frozenset({"place", "templates", "documents", "receivers"})


class PlaceTables(BaseModel):
    """Tables of a place that is not published yet."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    tables: dict[str, Annotated[str, Field(max_length=MOST_CHARACTERS)]]
    """TOML by table: `place`, and those of `templates`, `documents` and `receivers` that the place has."""


class TableFault(BaseModel):
    """One error in a table, with its position and correction."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    file: str
    """Such as `templates.toml`."""
    line: int
    field: str
    """Such as `receiver[2].phone`."""
    zh: str
    en: str


class TableFaults(BaseModel):
    """The result of the checks."""

    faults: list[TableFault]


class PlaceApi:
    """The handlers."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._checking = asyncio.Semaphore(1)

    async def check(self, request: Request, caller: Caller) -> Response:
        """Check in a thread, one request at a time: templates are filled with samples, which takes some time."""
        self._asking.unit(caller)
        try:
            given = model_of(PlaceTables, json_of(request))
        except ValidationError as error:
            field, kind = faults_of(error)[0]
            raise fault(field, kind) from None
        if unknown := sorted(given.tables.keys() - _TABLES):
            raise fault(f"tables.{unknown[0]}"[:200], "enum")
        if "place" not in given.tables:
            raise fault("tables.place", "missing")
        async with self._checking:
            found = await asyncio.to_thread(_faults, {name: text.encode() for name, text in given.tables.items()})
        return respond(TableFaults(faults=[TableFault(**vars(each)) for each in found]))


def _faults(texts: dict[str, bytes]) -> tuple[Fault, ...]:
    return faults_of_texts(texts, PLACE_CHECKS, required=("place",))


def place(api: PlaceApi) -> Interface:
    """The interface."""
    return Interface(
        "place",
        "Checks of a place's tables before they are published.",
        (
            Endpoint(
                "POST",
                "/v1/place/check",
                api.check,
                "Faults of templates, documents, the country and receivers, as `xn reference check` finds them",
                {
                    200: Answer("every fault; none: these tables may be published", TableFaults),
                    400: Answer("not well-formed", ProblemDocument),
                    413: Answer("too large", ProblemDocument),
                    415: Answer("not JSON", ProblemDocument),
                    **KEYED,
                    **WRONG,
                },
                right=OPERATE,
                body=PlaceTables,
                most_bytes=MOST_BYTES,
            ),
        ),
        client="unit",
    )
