"""What must hold of the questions of a category: codes of their own, and answers to choose from where one is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.reference_findings import Check, Finding, Tables, used_twice
from contracts.toml_lines import Path


def questions_can_be_answered(tables: Tables) -> Iterator[Finding]:
    """A question of a list has values and no other question has any; codes of questions and of values are unique."""
    for n, category in enumerate(tables["categories"]["category"]):
        questions = category.get("question", ())
        yield from used_twice("categories", ("category", n, "question"), questions, "code")
        for i, question in enumerate(questions):
            path: Path = ("category", n, "question", i)
            values = question.get("values", ())
            yield from used_twice("categories", (*path, "values"), values, "key")
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


CATEGORY_CHECKS: tuple[Check, ...] = (questions_can_be_answered,)
