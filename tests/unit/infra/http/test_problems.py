"""Every code has its sentence in two languages and its line in the documentation."""

from __future__ import annotations

from pathlib import Path

from infra.http.problems import CODES, HttpProblem

PAGE = Path(__file__).resolve().parents[4] / "docs" / "http.md"


def test_every_code_is_documented_and_has_both_languages() -> None:
    page = PAGE.read_text("utf-8")
    for code in CODES:
        problem = HttpProblem(code)
        line = next(line for line in page.splitlines() if line.startswith("|") and f"`{code}`" in line)
        assert str(problem.status) in line
        assert problem.en.isascii()
        assert not problem.zh.isascii()
