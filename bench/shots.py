"""The pictures of pages that `python -m bench.screenshots` makes."""

from __future__ import annotations

from dataclasses import dataclass

SIZES = {"desk": (1280, 800), "phone": (390, 844), "wall": (1920, 1080)}


@dataclass(frozen=True)
class Shot:
    """One page, as one person sees it."""

    name: str
    app: str
    path: str
    login: str = ""
    """The trial account; empty: without sign-in."""
    follow: str = ""
    """A selector of a link on that page: what it leads to is shown instead."""
    sizes: tuple[str, ...] = ("desk", "phone")
    languages: tuple[str, ...] = ("zh", "en")
    ready: str = "main"
    """What is waited for."""


CASE = 'main a[href^="/cases/"]'
SHOTS = (
    Shot("citizen-first", "citizen", "/"),
    Shot("citizen-complain", "citizen", "/complain"),
    Shot("citizen-track", "citizen", "/track"),
    Shot("citizen-published", "citizen", "/published"),
    Shot("desk-sign-in", "desk", "/sign-in"),
    Shot("desk-home", "desk", "/", "staff"),
    Shot("desk-inbox", "desk", "/inbox", "staff"),
    Shot("desk-case", "desk", "/inbox", "staff", CASE),
    Shot("desk-reception", "desk", "/reception", "clerk"),
    Shot("desk-queue", "desk", "/queue", "dispatcher"),
    Shot("desk-search", "desk", "/search", "supervisor"),
    Shot("desk-hotline", "desk", "/hotline", "agent"),
    Shot("desk-figures", "desk", "/figures", "supervisor"),
    Shot("board-cockpit", "board", "/", "supervisor"),
    Shot("board-cases", "board", "/cases", "supervisor"),
    Shot("board-scores", "board", "/scores", "supervisor"),
    Shot("board-screen", "board", "/screen", sizes=("wall",), languages=("zh",), ready="body"),
    Shot("city-overview", "city", "/", "administrator"),
    Shot("city-units", "city", "/tables/units", "administrator"),
    Shot("city-changes", "city", "/changes", "administrator"),
)
"""Shots of apps that are not installed are left out."""
