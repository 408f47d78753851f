"""Who is told what, when and by which way, and how things are called: a place's tables, read for deciding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.channel_tables import channel_names
from contracts.codes import Language
from contracts.instants import wall_instant
from contracts.notice_tables import NoticesTable, Receiver, ReceiversTable, Series
from contracts.posts import PostDirectory
from contracts.reference_tables import DEFAULT_COUNTRY
from contracts.score_tables import Ratings
from services.notify.domain.sending import CERTAIN, Way

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Names:
    """What codes are called in each language."""

    place: Mapping[str, str]
    units: Mapping[str, Mapping[str, str]]
    categories: Mapping[str, Mapping[str, str]]
    areas: Mapping[str, Mapping[str, str]]
    channels: Mapping[str, Mapping[str, str]]
    systems: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, Mapping[str, str]]
    steps: Mapping[str, Mapping[str, str]]
    """Of the ladders of accountability."""

    @classmethod
    def from_tables(cls, tables: Tables) -> Names:
        """From the tables that name things."""
        return cls(
            place=_both(tables["place"]),
            units={each["id"]: _both(each) for each in tables["units"]["unit"]},
            categories={each["code"]: _both(each) for each in tables["categories"]["category"]},
            areas={each["code"]: _both(each) for each in tables["areas"]["area"]},
            channels=channel_names(tables),
            systems={each["id"]: _both(each) for each in tables.get("systems", {}).get("system", ())},
            measures={each["id"]: _both(each) for each in tables.get("accountability", {}).get("measure", ())},
            steps={each["id"]: _both(each) for each in tables.get("accountability", {}).get("step", ())},
        )

    def unit(self, unit: str | None, language: Language) -> str | None:
        """What a unit is called; its id where the place does not know it any more."""
        return None if unit is None else self.units.get(unit, {}).get(language, unit)

    def category(self, category: str, language: Language) -> str:
        """What a matter is called; its code where the place does not know it any more."""
        return self.categories.get(category, {}).get(language, category)

    def area(self, area: str, language: Language) -> str:
        """What an area is called; its code where the place does not know it any more."""
        return self.areas.get(area, {}).get(language, area)

    def channel(self, channel: str, language: Language) -> str:
        """What a channel is called: by the place, or as a well-known one; its code where neither names it."""
        return self.channels.get(channel, {}).get(language, channel)


@dataclass(frozen=True)
class Policy:
    """The notices of one place, by one version of its tables."""

    version: str
    zone: ZoneInfo
    names: Names
    table: NoticesTable
    receivers: Mapping[str, Receiver]
    """By unit or post."""
    parents: Mapping[str, str]
    """The unit above each unit that has one."""
    post_units: Mapping[str, str]
    centres: frozenset[str]
    """Units that answer for areas."""
    reopen_days: int
    rating_days: int
    """So long after an answer it may be rated."""
    country: str = DEFAULT_COUNTRY
    """ISO 3166 code of the numbering plan for telephone numbers without a country code."""
    directory: PostDirectory = field(default_factory=PostDirectory)

    @classmethod
    def from_tables(cls, version: str, tables: Tables) -> Policy:
        """From the place's tables. Raises `KeyError` for what is missing, `ValidationError` for what does not fit."""
        receivers = ReceiversTable.model_validate(tables.get("receivers", {})).receiver
        return cls(
            version=version,
            zone=ZoneInfo(tables["place"]["timezone"]),
            names=Names.from_tables(tables),
            table=NoticesTable.model_validate(tables.get("notices", {})),
            receivers={each.unit or each.post or "": each for each in receivers},
            parents={unit["id"]: unit["parent"] for unit in tables["units"]["unit"] if unit.get("parent")},
            post_units={post["id"]: post["unit"] for post in tables.get("posts", {}).get("post", ())},
            centres=frozenset(each["unit"] for each in tables["areas"]["jurisdiction"]),
            reopen_days=tables["limits"].get("reopen", {}).get("days", 30),
            rating_days=Ratings.model_validate(tables.get("scores", {}).get("ratings", {})).within_days,
            country=tables["place"].get("country", DEFAULT_COUNTRY),
            directory=PostDirectory.from_tables(tables),
        )

    def receiver(self, unit: str, post: str | None = None) -> Receiver:
        """How a post is told: by its own ways, by its unit's, or by the inbox alone."""
        found = (self.receivers.get(post) if post else None) or self.receivers.get(unit)
        return found or Receiver(unit=unit, ways=["inbox"])

    def series(self, id: str) -> Series | None:
        """A report that the place issues again and again; None where it does not."""
        return next((each for each in self.table.series if each.id == id), None)

    def unit_and_post(self, who: str) -> tuple[str, str | None]:
        """A unit; or the unit of a post, and that post."""
        return (self.post_units[who], who) if who in self.post_units else (who, None)

    def tells_staff(self, what: str) -> bool:
        """Whether units hear of this by their own ways."""
        return what in self.table.staff.tells

    def tells_complainant(self, what: str) -> bool:
        """Whether a complainant hears of this by the ways they chose; their channel always does."""
        return what in self.table.complainant.tells

    def under(self, unit: str) -> frozenset[str]:
        """The unit and every one below it; none where the place does not know it."""
        return frozenset(each for each in self.names.units if unit in self.line(each))

    def line(self, unit: str) -> tuple[str, ...]:
        """The unit and every one above it, the nearest first."""
        found = [unit]
        while (above := self.parents.get(found[-1])) is not None and above not in found:
            found.append(above)
        return tuple(found)

    def quiet_until(self, way: Way, what: str, at: datetime) -> datetime | None:
        """When the hours end in which nobody is to be disturbed by this way; None outside them."""
        quiet = self.table.quiet
        if way in CERTAIN or way not in quiet.ways or what in quiet.not_for:
            return None
        local = at.astimezone(self.zone)
        begins, ends = time.fromisoformat(quiet.begins), time.fromisoformat(quiet.ends)
        now = local.timetz().replace(tzinfo=None)
        if begins == ends:
            return None
        inside = begins <= now < ends if begins < ends else now >= begins or now < ends
        if not inside:
            return None
        day = local.date() if now < ends else local.date() + timedelta(days=1)
        return wall_instant(day, ends, self.zone, not_before=at)

    def day(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.astimezone(self.zone).date()

    def last_day(self, end: datetime) -> date:
        """The last local day before a limit ends: one that ends at midnight ends with the day before."""
        return self.day(end - timedelta(microseconds=1))


def address_of(receiver: Receiver, way: Way) -> str | None:
    """Where a receiver is reached by a way; None where the way needs no address."""
    return {Way.EMAIL: receiver.email, Way.SMS: receiver.phone, Way.WEBHOOK: receiver.webhook}.get(way)


def _both(entry: Mapping[str, Any]) -> Mapping[str, str]:
    return {"zh": entry["zh"], "en": entry["en"]}
