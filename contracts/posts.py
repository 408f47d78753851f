"""Which posts act for which unit or channel (`posts.toml`); whether two decisions have two deciders (一审一核, S3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import RefusalCode


@dataclass(frozen=True)
class Acting:
    """Who decided something: a post of a unit, or its desk where no post is named."""

    unit: str
    post: str | None = None


@dataclass(frozen=True)
class PostDirectory:
    """The posts of a place that may act."""

    acting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Posts and deputies (`stand_in`) by unit; a unit without posts in `posts.toml` is absent."""
    units: Mapping[str, str] = field(default_factory=dict)
    """The unit of each post."""
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Channels that a post may speak for; a post without any is absent."""

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]]) -> PostDirectory:
        """Read a place's tables, of which `posts` may be absent."""
        posts: Iterable[Mapping[str, Any]] = tables.get("posts", {}).get("post", ())
        acting: dict[str, set[str]] = {}
        for post in posts:
            acting.setdefault(post["unit"], set()).update({post["id"], post.get("stand_in") or post["id"]})
        return cls(
            {unit: frozenset(names) for unit, names in acting.items()},
            {post["id"]: post["unit"] for post in posts},
            {post["id"]: frozenset(post["channels"]) for post in posts if post.get("channels")},
        )

    def may_act(self, unit: str, post: str) -> bool:
        """Whether the post may act for the unit: it is one of its posts, or the deputy (`stand_in`) of one.

        A unit that names no posts answers for its own people, but not for posts of other units.
        """
        known = self.acting.get(unit)
        return post in known if known is not None else post not in self.units

    def may_speak(self, channel: str, post: str) -> bool:
        """Whether the post may speak for the channel."""
        return channel in self.channels.get(post, ())

    def unfit(self, decider: Acting, *took_part: Acting) -> RefusalCode | None:
        """The refusal of a decider who is no post of its unit, or may have taken part before; None: it may decide."""
        if decider.post is not None and not self.may_act(decider.unit, decider.post):
            return RefusalCode.ACTOR_UNKNOWN
        return one_person(decider, *took_part)


def one_person(decider: Acting, *earlier: Acting, approves: bool = True) -> RefusalCode | None:
    """The refusal of a decision whose decider may be one of those who acted before; None: another person decides.

    Across units, only the same post is the same person. Within a unit, both posts must be named; but what its unnamed
    desk has proposed may be declined, so that it does not wait for ever.
    """
    if decider.post is not None and any(each.post == decider.post for each in earlier):
        return RefusalCode.SAME_ACTOR
    own = [each for each in earlier if each.unit == decider.unit]
    unnamed = decider.post is None or (approves and any(each.post is None for each in own))
    return RefusalCode.ACTOR_MISSING if own and unnamed else None


def needs_name(proposer: Acting, deciders: Iterable[str | None]) -> bool:
    """Whether the proposer must name its post, because its own unit decides about the proposal."""
    return proposer.post is None and proposer.unit in deciders
