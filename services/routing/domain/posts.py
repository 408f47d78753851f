"""Who works on a case: one responsible leader and two staff (S1¶6); B acts when A is away or recused (AB岗, S3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.posts import PostDirectory

STAFF = 2
"""So many are named beside the leader."""


@dataclass(frozen=True)
class Post:
    """A post of a unit; never a name."""

    id: str
    leads: bool
    stand_in: str | None
    away: tuple[tuple[date, date], ...]
    """First and last day of each absence."""

    def is_away(self, on: date) -> bool:
        """Whether its holder is absent on that day."""
        return any(since <= on <= until for since, until in self.away)


@dataclass(frozen=True)
class Named:
    """Who answers for a case in a unit. Nobody where the unit names no posts, or all of them are away or recused."""

    leader: str | None = None
    staff: tuple[str, ...] = ()


class Posts:
    """The posts of all units that name any."""

    def __init__(self, units: Mapping[str, tuple[Post, ...]], directory: PostDirectory | None = None) -> None:
        self._units = units
        self._directory = directory or PostDirectory()
        self._posts = {post.id: post for posts in units.values() for post in posts}

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Posts:
        """From the place's file `posts`, which need not be there."""
        units: dict[str, list[Post]] = {}
        for raw in table.get("post", ()):
            away = tuple((each["since"], each["until"]) for each in raw.get("away", ()))
            post = Post(raw["id"], raw["duty"] == "leader", raw.get("stand_in"), away)
            units.setdefault(raw["unit"], []).append(post)
        directory = PostDirectory.from_tables({"posts": table})
        return cls({unit: tuple(posts) for unit, posts in units.items()}, directory)

    def has(self, unit: str, actor: str) -> bool:
        """Whether the post may act for the unit."""
        return self._directory.may_act(unit, actor)

    def named(self, unit: str, on: date, recused: str | None) -> Named:
        """Who acts on that day; never the post complained about (回避)."""
        posts = self._units.get(unit, ())
        leaders = self._acting((post for post in posts if post.leads), on, recused)
        staff = self._acting((post for post in posts if not post.leads), on, recused)
        return Named(leaders[0] if leaders else None, staff[:STAFF])

    def _acting(self, posts: Iterable[Post], on: date, recused: str | None) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for post in posts:
            for candidate in (post.id, post.stand_in):
                if candidate is None or candidate == recused or candidate in found:
                    continue
                known = self._posts.get(candidate)
                if known is None or not known.is_away(on):
                    found[candidate] = None
                    break
        return tuple(found)
