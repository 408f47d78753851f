"""Checks of `procedures.toml`: ids are unique, and every responsible post exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.reference_findings import Check, Finding, Tables, ids_used_twice
from contracts.toml_lines import Path


def procedures_are_named_once(tables: Tables) -> Iterator[Finding]:
    """Ids of procedures, of errors, and of the steps within one procedure are unique."""
    table = tables.get("procedures", {})
    lists: list[tuple[Path, Sequence[Any]]] = [((name,), table.get(name, ())) for name in ("procedure", "error")]
    lists += [(("procedure", n, "step"), each["step"]) for n, each in enumerate(table.get("procedure", ()))]
    yield from ids_used_twice("procedures", lists)


def posts_of_steps_exist(tables: Tables) -> Iterator[Finding]:
    """Each responsible post is listed in `posts.toml`."""
    posts = {post["id"] for post in tables.get("posts", {}).get("post", ())}
    for n, procedure in enumerate(tables.get("procedures", {}).get("procedure", ())):
        for i, step in enumerate(procedure["step"]):
            if "post" in step and step["post"] not in posts:
                yield Finding(
                    "procedures",
                    ("procedure", n, "step", i, "post"),
                    f"“{step['post']}”不存在：请改正，或先在 posts.toml 中加上",
                    f"'{step['post']}' does not exist: correct it, or add it to posts.toml first",
                )


PROCEDURE_CHECKS: tuple[Check, ...] = (procedures_are_named_once, posts_of_steps_exist)
