"""Checks of a place's tables that need notify's rules: templates, documents, telephone numbers and mail addresses."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers

from contracts.reference_findings import Check, Finding, Tables
from contracts.reference_tables import DEFAULT_COUNTRY
from contracts.refusal_details import DETAILS
from infra.contact_addresses import AddressError, mail_address, sms_number
from services.notify.domain.templates import TemplateError, Templates
from services.notify.printing.forms import documents_are_readable


def templates_can_be_filled(tables: Tables) -> Iterator[Finding]:
    """Every template uses known words and allowed calls only, and can be filled with the sample values."""
    if "templates" not in tables:
        return
    names = {language: tables["place"][language] for language in ("zh", "en")}
    try:
        Templates.from_tables("", {"templates": tables["templates"], "place": names})
    except TemplateError as error:
        for flaw in error.flaws:
            path = (flaw.what, flaw.language, *flaw.part.split("."))
            yield Finding("templates", path, flaw.zh, flaw.en, flaw.line)


def country_has_a_numbering_plan(tables: Tables) -> Iterator[Finding]:
    """`country` of `place.toml` has a known telephone numbering plan."""
    country = tables["place"].get("country", DEFAULT_COUNTRY)
    if not phonenumbers.country_code_for_region(country):
        yield Finding(
            "place",
            ("country",),
            f"没有“{country}”这个国家或地区代码：请写 ISO 3166 代码，如 CN",
            f"'{country}' is not a country code: write an ISO 3166 code such as CN",
        )


def receivers_can_be_reached(tables: Tables) -> Iterator[Finding]:
    """Every number can receive text messages, and every mail address is well-formed; reserved domains are allowed."""
    country = tables["place"].get("country", DEFAULT_COUNTRY)
    for n, receiver in enumerate(tables.get("receivers", {}).get("receiver", ())):
        for name in ("phone", "email"):
            try:
                if (written := receiver.get(name)) is None:
                    continue
                if name == "phone":
                    sms_number(written, country)
                else:
                    mail_address(written, public=False)
            except AddressError as error:
                zh, en = DETAILS[str(error)]
                yield Finding("receivers", ("receiver", n, name), zh.rstrip("。"), en.rstrip("."))


PLACE_CHECKS: tuple[Check, ...] = (
    templates_can_be_filled,
    documents_are_readable,
    country_has_a_numbering_plan,
    receivers_can_be_reached,
)
"""Run after the checks of the contracts. A new check: one line here."""
