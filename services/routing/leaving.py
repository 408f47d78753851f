"""A unit leaves the tree only when it owns no open case: somebody answers for each until its end (首问负责制, S3)."""

from __future__ import annotations

from infra.place import PlaceFiles
from infra.store import Store


async def cases_of_missing_units(store: Store, files: PlaceFiles) -> str | None:
    """Why these reference data cannot come into force yet: open cases of units that they do not have."""
    units = [unit["id"] for unit in files["units"]["unit"]]
    found = await store.open_with_others({"responsible", "asked", "centre"}, units)
    if not found:
        return None
    named = ", ".join(sorted(found))
    return f"units with open cases are missing from units.toml: {named}; move their cases first"
