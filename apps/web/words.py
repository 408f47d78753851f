"""Names of codes, in Chinese and English, that several apps show to staff."""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[str, tuple[str, str]]
"""By code: the Chinese and the English name."""
RESULTS: Names = {
    "resolved": ("已解决", "resolved"),
    "explained": ("已解释说明", "explained"),
    "not-resolved": ("未解决", "not resolved"),
}
SATISFACTION: Names = {
    "very-satisfied": ("非常满意", "very satisfied"),
    "satisfied": ("满意", "satisfied"),
    "fairly-satisfied": ("基本满意", "fairly satisfied"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "very-dissatisfied": ("非常不满意", "very dissatisfied"),
}
COUNTS: Names = {
    "carried-in": ("上期结转", "carried in"),
    "received": ("受理", "received"),
    "reopened": ("重办", "reopened"),
    "closed": ("办结", "closed"),
    "carried-out": ("结转下期", "carried out"),
    "answered": ("已答复", "answered"),
    "ended": ("未经办理终结", "ended without an answer"),
    "rated": ("已评价", "rated"),
    "unrated": ("未评价", "not rated"),
    "unanswered": ("回访未答", "call-back not answered"),
    "declined": ("回访拒评", "call-back declined"),
    "unreachable": ("回访无法联系", "call-back unreachable"),
    "called": ("已回访", "called back"),
}
"""Counts of cases behind a score."""


def name_of(names: Names, code: str | None) -> tuple[str, str]:
    """The names of a code; the code itself where it has none."""
    found = code or ""
    return names.get(found, (found, found))
