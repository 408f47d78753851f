"""What must hold of the procedures of a place: no code twice, posts that exist, errors that can be counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.reference_findings import Check, Finding, Tables, used_twice
from contracts.toml_lines import Path


def procedures_are_named_once(tables: Tables) -> Iterator[Finding]:
    """Ids of procedures, of errors, and of the steps within one procedure are unique."""
    table = tables.get("procedures", {})
    lists: list[tuple[Path, Sequence[Any]]] = [((name,), table.get(name, ())) for name in ("procedure", "error")]
    lists += [(("procedure", n, "step"), each["step"]) for n, each in enumerate(table.get("procedure", ()))]
    for path, entries in lists:
        yield from used_twice("procedures", path, entries, "id")


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


def steps_have_owners(tables: Tables) -> Iterator[Finding]:
    """A step that names no post is done by any post of the unit: the place has posts then."""
    if tables.get("posts", {}).get("post"):
        return
    for n, procedure in enumerate(tables.get("procedures", {}).get("procedure", ())):
        for i, step in enumerate(procedure["step"]):
            if "post" not in step:
                yield Finding(
                    "procedures",
                    ("procedure", n, "step", i, "id"),
                    f"环节“{step['id']}”没有责任岗位，本地也没有任何岗位：请在 posts.toml 中写上各单位的岗位",
                    f"nobody does the step '{step['id']}': it has no `post`, and the place has none; name those of "
                    "each unit in posts.toml",
                )


def errors_of_steps_are_listed(tables: Tables) -> Iterator[Finding]:
    """Points for errors in steps are taken where the place lists errors and procedures."""
    table = tables.get("procedures", {})
    if table.get("error") and table.get("procedure"):
        return
    for n, deduction in enumerate(tables.get("scores", {}).get("deduction", ())):
        if "step_error" in deduction:
            yield Finding(
                "scores",
                ("deduction", n, "step_error"),
                "没有任何程序环节或差错，永远不会扣分：请在 procedures.toml 中写 [[procedure]] 和 [[error]]",
                "no step ever has an error here: write [[procedure]] and [[error]] in procedures.toml",
            )


PROCEDURE_CHECKS: tuple[Check, ...] = (
    procedures_are_named_once,
    posts_of_steps_exist,
    steps_have_owners,
    errors_of_steps_are_listed,
)
