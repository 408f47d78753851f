"""Lines end where Chinese and English lines may end, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify.printing.lines import NOT_FIRST, NOT_LAST, lines_of


def width(text: str) -> float:
    """Chinese characters are twice as wide as Latin letters."""
    return sum(2 if c >= "\u2e80" else 1 for c in text)


def test_no_line_begins_with_a_comma_or_ends_with_an_opening_quote() -> None:
    lines = lines_of("窗口人员说，“不归我管”，（门难进、脸难看）。" * 9, 14, width)
    assert len(lines) > 9
    assert not [line for line in lines if line[0] in NOT_FIRST or line[-1] in NOT_LAST]


def test_a_word_and_a_number_with_its_unit_stay_together() -> None:
    assert lines_of("于2026年5月13日 material list", 10, width) == ["于2026年", "5月13日", "material", "list"]


def test_a_word_wider_than_a_line_is_broken() -> None:
    assert lines_of("a" * 25, 10, width) == ["a" * 10, "a" * 10, "a" * 5]


def test_the_first_line_is_shorter_where_it_is_indented() -> None:
    assert lines_of("甲乙丙丁戊己", 8, width, first=4) == ["甲乙", "丙丁戊己"]


def test_an_empty_text_is_one_empty_line() -> None:
    assert lines_of("", 10, width) == [""]
    assert lines_of("甲\n\n乙", 10, width) == ["甲", "", "乙"]


@given(st.text(alphabet="ab1 ，。“”（）年月甲乙丙\n", max_size=200), st.integers(4, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, room: int) -> None:
    lines = lines_of(text, room, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert all(width(line) <= room for line in lines)
