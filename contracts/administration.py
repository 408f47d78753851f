"""Which posts edit and publish the tables of a place: those of its root unit, and those with `administers`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.posts import PostDirectory
from contracts.reference_findings import Check, Finding, Tables


def administrators_of(tables: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The posts of the directory that may administer the place."""
    roots = {unit["id"] for unit in tables["units"]["unit"] if unit.get("parent") is None}
    posts = tables.get("posts", {}).get("post", ())
    return frozenset(post["id"] for post in posts if post["unit"] in roots or post.get("administers", False))


def may_administer(tables: Mapping[str, Mapping[str, Any]], unit: str, post: str) -> bool:
    """Whether the post, signed in for the unit, may edit and publish the tables.

    A root unit without posts in the directory answers for its own people.
    """
    if post in administrators_of(tables):
        return True
    directory = PostDirectory.from_tables(tables)
    roots = {each["id"] for each in tables["units"]["unit"] if each.get("parent") is None}
    return unit in roots and unit not in directory.acting and directory.may_act(unit, post)


def needs_second_post(tables: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether changes are published by another post than the one that edited them (一审一核)."""
    return bool(tables["place"].get("published_by_second_post", False))


def a_second_post_can_publish(tables: Tables) -> Iterator[Finding]:
    """A place where another post publishes has two posts at least that may."""
    if needs_second_post(tables) and "posts" in tables and len(administrators_of(tables)) < 2:
        yield Finding(
            "place",
            ("published_by_second_post",),
            "要由另一岗位发布，但可管理的岗位不足两个：请在 posts.toml 中给另一岗位写 administers = true",
            "another post has to publish, but fewer than two posts may: give one `administers = true` in posts.toml",
        )


ADMINISTRATION_CHECKS: tuple[Check, ...] = (a_second_post_can_publish,)
