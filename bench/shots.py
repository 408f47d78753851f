"""The pictures of pages that `python -m bench.screenshots` makes."""

from __future__ import annotations

from dataclasses import dataclass

MOST_HEIGHT = 2_400
README_HEIGHT = 1_080
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
    most_height: int = MOST_HEIGHT
    """Of the picture at desk size; what is below is cut off."""


CASE = 'main a[href^="/cases/"]'
SHOTS = (
    Shot("citizen-first", "citizen", "/"),
    Shot("citizen-complain", "citizen", "/complain", most_height=README_HEIGHT),
    Shot("citizen-track", "citizen", "/track"),
    Shot("citizen-published", "citizen", "/published"),
    Shot("desk-sign-in", "desk", "/sign-in"),
    Shot("desk-home", "desk", "/", "staff"),
    Shot("desk-inbox", "desk", "/inbox", "staff"),
    Shot("desk-case", "desk", "/inbox", "staff", CASE, most_height=README_HEIGHT),
    Shot("desk-reception", "desk", "/reception", "clerk"),
    Shot("desk-queue", "desk", "/queue", "dispatcher"),
    Shot("desk-search", "desk", "/search", "supervisor"),
    Shot("desk-hotline", "desk", "/hotline", "agent"),
    Shot("desk-figures", "desk", "/figures", "supervisor"),
    Shot("board-cockpit", "board", "/", "supervisor", most_height=README_HEIGHT),
    Shot("board-cases", "board", "/cases", "supervisor"),
    Shot("board-scores", "board", "/scores", "supervisor"),
    Shot("board-screen", "board", "/screen", sizes=("wall",), languages=("zh",), ready="body"),
    Shot("city-overview", "city", "/", "administrator"),
    Shot("city-units", "city", "/tables/units", "administrator"),
    Shot("city-changes", "city", "/changes", "administrator"),
)
"""Shots of apps that are not installed are left out."""
