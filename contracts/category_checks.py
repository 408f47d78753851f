"""What must hold of the questions of a category: codes of their own, and answers to choose from where one is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.reference_findings import Check, Finding, Tables
from contracts.toml_lines import Path


def questions_can_be_answered(tables: Tables) -> Iterator[Finding]:
    """A question of a list has values, no other has any, and no code stands for two questions or two values."""
    for n, category in enumerate(tables["categories"]["category"]):
        questions = category.get("question", ())
        yield from _twice(("category", n, "question"), questions, "code")
        for i, question in enumerate(questions):
            path: Path = ("category", n, "question", i)
            values = question.get("values", ())
            yield from _twice((*path, "values"), values, "key")
            if bool(values) != question["datatype"].endswith("list"):
                zh, en = (
                    ("写了 values，却不是选择题", "has `values` and is no list")
                    if values
                    else ("是选择题，却没有 values", "is a list without `values`")
                )
                yield Finding(
                    "categories",
                    (*path, "datatype"),
                    f"“{question['code']}”{zh}：请改正",
                    f"'{question['code']}' {en}: correct it",
                )


def _twice(path: Path, entries: Sequence[Any], field: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for n, entry in enumerate(entries):
        if entry[field] in seen:
            yield Finding(
                "categories",
                (*path, n, field),
                f"“{entry[field]}”重复：请改用别的值，或删去其一",
                f"'{entry[field]}' is used twice: choose another, or remove one of them",
            )
        seen.add(entry[field])


CATEGORY_CHECKS: tuple[Check, ...] = (questions_can_be_answered,)
