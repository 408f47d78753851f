"""The demonstration place as notify reads it, for tests of its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.notify.domain.policy import Policy
from services.notify.domain.sending import Send
from services.notify.domain.templates import Rendered, Templates
from tests.unit.services.speaking import demo


def policy(**tables: Any) -> Policy:
    """The policy of the demonstration place, with these tables instead of its own."""
    return Policy.from_tables("demo", {**demo().tables, **tables})


def at_once() -> Policy:
    """Nobody waits for a date, no hour is quiet."""
    found = policy()
    table = found.table.model_copy(
        update={
            "complainant": found.table.complainant.model_copy(update={"acknowledgement_waits_seconds": 0}),
            "quiet": found.table.quiet.model_copy(update={"ways": []}),
        }
    )
    return replace(found, table=table)


POLICY = at_once()


def words(send: Send) -> Rendered:
    """What the receiver reads."""
    return Templates.from_tables("demo", demo().tables).render(send.what, send.language, send.facts)
