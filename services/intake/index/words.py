"""Words of a case and of a search as tokens: overlapping pairs of Chinese characters, other words whole.

SQLite's own tokenisers either take a Chinese sentence for one word or need three characters. Of ``噪声很大`` the tokens
are ``噪声 声很 很大 大``: each pair, and the last character, so that every character begins a token.
"""

from __future__ import annotations

import re
import unicodedata

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f々〇"
_SEGMENT = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
MOST_WORDS = 10
"""Words of one search."""


def tokens_of(text: str) -> str:
    """The tokens of a text, separated by spaces, as the full-text index stores them."""
    found: list[str] = []
    for segment in _segments(text):
        found += _tokens(segment)
    return " ".join(found)


def query_of_words(text: str) -> tuple[str, list[str]]:
    """The full-text query for all words of a search, and the words that are too short to be searched for.

    Words are separated by white space, and punctuation is ignored. Every token is quoted, so that nothing in a word is
    an operator. The query is empty when no word is left.
    """
    found, short = [], []
    for word in text.split()[: MOST_WORDS + 1]:
        segments = _segments(word)
        if not segments:
            continue
        if sum(map(len, segments)) < 2:
            short.append(word)
            continue
        found.append(_phrase(segments))
    return " AND ".join(found[:MOST_WORDS]), short


def _phrase(segments: list[str]) -> str:
    tokens = [token for segment in segments[:-1] for token in _tokens(segment)]
    last = segments[-1]
    if not _IS_HAN.match(last):
        return f'"{" ".join([*tokens, last])}"'
    if len(last) == 1:  # as the beginning of whichever pair the text has
        return f'"{" ".join([*tokens, last])}" *'
    return f'"{" ".join([*tokens, *_pairs(last)])}"'


def _segments(text: str) -> list[str]:
    """Runs of Chinese characters, and other words, in lower case and narrow forms."""
    return _SEGMENT.findall(unicodedata.normalize("NFKC", text).casefold())


def _tokens(segment: str) -> list[str]:
    return [*_pairs(segment), segment[-1]] if _IS_HAN.match(segment) else [segment]


def _pairs(segment: str) -> list[str]:
    return [segment[n : n + 2] for n in range(len(segment) - 1)]
