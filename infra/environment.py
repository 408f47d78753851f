"""Names of settings in the environment: one that no program here knows is refused with the nearest known one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from infra.exits import Exit, Fault

PREFIX = "XN_"
KNOWN = Path(__file__).with_name("setting_names.txt")
"""Every name that a service or a command reads, one a line. Written by `xn settings write`: several programs share one
environment, and none imports the others."""


def known_names() -> frozenset[str]:
    """Every name that some program here reads."""
    return frozenset(KNOWN.read_text("utf-8").split())


def check_names(environ: Mapping[str, str], known: Iterable[str] | None = None) -> None:
    """Raises `Fault` when a name with our prefix is none that a program here reads."""
    names = frozenset(known_names() if known is None else known)
    strangers = sorted(name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in names)
    if strangers:
        raise Fault(Exit.SETTING, "; ".join(_said(name, names) for name in strangers))


def _said(name: str, known: frozenset[str]) -> str:
    nearest = get_close_matches(name.upper(), sorted(known), n=1)
    return f"{name} is no setting" + (f": do you mean {nearest[0]}?" if nearest else ": see docs/settings.md")
