"""What must hold in `templates.toml` beyond its model: every template can be filled with what is known."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.reference_findings import Finding, Tables
from services.notify.domain.templates import TemplateError, Templates


def templates_can_be_filled(tables: Tables) -> Iterator[Finding]:
    """No template names what nobody knows, does what it may not, or fails with the sample values."""
    if "templates" not in tables:
        return
    names = {language: tables["place"][language] for language in ("zh", "en")}
    try:
        Templates.from_tables("", {"templates": tables["templates"], "place": names})
    except TemplateError as error:
        for flaw in error.flaws:
            path = (flaw.what, flaw.language, *flaw.part.split("."))
            yield Finding("templates", path, flaw.zh, flaw.en, flaw.line)
