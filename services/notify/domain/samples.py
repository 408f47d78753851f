"""Sample values of what is known on an occasion: with them templates are tried, and shown to who writes them."""

from __future__ import annotations

from contracts.codes import Language
from services.notify.defaults import table
from services.notify.domain.facts import Facts
from services.notify.domain.vocabulary import VARIABLES


def samples(what: str, language: Language, *, absent: bool = False) -> Facts:
    """A value for every variable, or for those alone that are never absent."""
    kept = table("samples")
    known = kept[language.value] | kept["occasions"].get(what, {}).get(language.value, {})
    return {name: known[name] for name, variable in VARIABLES[what].items() if not (absent and variable.optional)}
