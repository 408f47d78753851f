"""Tokens of texts and searches, whatever is typed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.index.words import query_of_words, tokens_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("噪声很大", "噪声 声很 很大 大"),
        ("大", "大"),
        ("楼下，噪声", "楼下 下 噪声 声"),
        ("A座3号楼", "a 座 3 号楼 楼"),
        ("ＡＢＣ１２３", "abc123"),
        ("don't stop", "don t stop"),
        ("粤A·12345", "粤 a 12345"),
        ("", ""),
        ("！？", ""),
    ],
)
def test_a_text_has_its_tokens(text: str, tokens: str) -> None:
    assert tokens_of(text) == tokens


@pytest.mark.parametrize(
    ("words", "query", "short"),
    [
        ("噪声", '"噪声"', []),
        ("烧烤店", '"烧烤 烤店"', []),
        ("噪声 扰民", '"噪声" AND "扰民"', []),
        ("3号", '"3 号" *', []),
        ("OR NOT", '"or" AND "not"', []),
        ('"a b*"', "", ['"a', 'b*"']),
        ("声 噪声", '"噪声"', ["声"]),
        ("，。", "", []),
        ("ab-cd", '"ab cd"', []),
    ],
)
def test_a_search_has_its_query(words: str, query: str, short: list[str]) -> None:
    assert query_of_words(words) == (query, short)


@given(st.text(max_size=60), st.text(max_size=40))
def test_no_search_is_an_error_and_a_part_of_a_text_is_found(text: str, words: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (tokens, tokenize='unicode61 remove_diacritics 2')")
        connection.execute("INSERT INTO words VALUES (?)", (tokens_of(text),))
        query, _ = query_of_words(words)
        if query:
            connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,)).fetchall()


@given(st.text("噪声很大楼下烧烤店", min_size=2, max_size=12), st.data())
def test_every_part_of_two_characters_or_more_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    part = text[start : data.draw(st.integers(start + 2, len(text)))]
    query, short = query_of_words(part)
    assert short == []
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (tokens, tokenize='unicode61 remove_diacritics 2')")
        connection.execute("INSERT INTO words VALUES (?)", (tokens_of(f"前{text}，后"),))
        assert connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (query,)).fetchone() == (1,)
