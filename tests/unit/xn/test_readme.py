"""What the README shows is what is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", ["publish.py", "subscribe.py"])
def test_the_readme_shows_a_snippet_as_it_is_tested(name: str) -> None:
    text = (ROOT / "docs" / "snippets" / name).read_text()
    assert f"```python\n{text}```" in (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 15
