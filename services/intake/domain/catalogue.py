"""What a place lets be complained about: its areas, whose centre covers each, and its categories of matter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from contracts.channel_tables import channels_of, last_days_of
from contracts.posts import PostDirectory
from contracts.reference_tables import DEFAULT_COUNTRY
from services.intake.domain.questions import Offer, offers_of
from services.intake.domain.scope import ScopeRule
from services.intake.domain.tree import Tree


@dataclass(frozen=True)
class Catalogue:
    """The reference data of intake, with the version that decisions quote."""

    version: str
    timezone: ZoneInfo
    jurisdictions: Mapping[str, str]
    """Centre by area."""
    prefixes: Mapping[str, str]
    """First letters of a case number, by centre."""
    channels: Collection[str]
    """Channels that may submit complaints."""
    offers: Mapping[str, Offer]
    """Categories by code, with what each asks."""
    scope: tuple[ScopeRule, ...] = ()
    """In order; a matter that no rule speaks about is in scope."""
    supplement_days: int = 7
    """Calendar days in which what is missing must be given."""
    repeat_days: int = 365
    """For so many calendar days the same matter of the same complainant is a repeat."""
    channels_until: Mapping[str, date] = field(default_factory=dict)
    """Last day of each channel that is withdrawn or will be."""
    country: str = DEFAULT_COUNTRY
    """ISO 3166 code of the numbering plan for telephone numbers without a country code."""
    directory: PostDirectory = field(default_factory=PostDirectory)
    tree: Tree = field(default_factory=Tree)
    """The units with their superiors."""

    def reception_of(self, area: str, about: str | None) -> str:
        """The centre whose clerks examine a case of this area.

        A centre that is complained about, or is below the unit complained about, is recused (回避): its lowest superior
        that is not takes its place; where there is none, it is the centre all the same.
        """
        centre = self.jurisdictions[area]
        return next((unit for unit in self.tree.above(centre) if about not in self.tree.above(unit)), centre)

    @property
    def categories(self) -> Collection[str]:
        """Every kind of matter."""
        return self.offers.keys()

    @classmethod
    def from_tables(cls, version: str, tables: Mapping[str, Mapping[str, Any]]) -> Catalogue:
        """From the place's files `place`, `areas`, `categories` and, where there is one, `intake`."""
        areas, intake = tables["areas"], tables.get("intake", {})
        return cls(
            version=version,
            timezone=ZoneInfo(tables["place"]["timezone"]),
            jurisdictions={area["code"]: area["jurisdiction"] for area in areas["area"]},
            prefixes={each["unit"]: each["prefix"] for each in areas["jurisdiction"]},
            channels=frozenset(channels_of(tables)),
            channels_until=last_days_of(tables),
            offers=offers_of(tables),
            scope=tuple(ScopeRule.of(raw) for raw in intake.get("scope", ())),
            supplement_days=intake.get("supplement", {}).get("days", 7),
            repeat_days=intake.get("repeat", {}).get("days", 365),
            country=tables["place"].get("country", DEFAULT_COUNTRY),
            directory=PostDirectory.from_tables(tables),
            tree=Tree({unit["id"]: unit.get("parent") for unit in tables.get("units", {}).get("unit", ())}),
        )
