"""The command `xn`, also `python -m xn`. A subcommand is a module that is imported only when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

MODULES = {
    "audit": "xn.audit",
    "cases": "xn.cases",
    "contracts": "xn.contracts",
    "dead-letters": "xn.dead_letters",
    "demo": "xn.demo",
    "documents": "xn.documents",
    "erase": "xn.erasing",
    "explain": "xn.explain",
    "import": "xn.importing",
    "keys": "xn.keys",
    "notices": "xn.notices",
    "reference": "xn.reference",
    "scores": "xn.scores",
    "series": "xn.series",
    "settings": "xn.settings",
    "suggest": "xn.suggesting",
    "topics": "xn.topics",
}
"""Module by subcommand. Its `app` is a Typer: named, it becomes a group; unnamed, with one command, that command."""


def application(words: Sequence[str]) -> typer.Typer:
    """`xn` with the subcommand that these words ask for, or with all of them when they ask for none."""
    app = typer.Typer(name="xn", no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
    app.callback()(_describe)
    asked = next((word for word in words if not word.startswith("-")), "")
    for module in [MODULES[asked]] if asked in MODULES else MODULES.values():
        app.add_typer(import_module(module).app)
    return app


def _describe() -> None:
    """Citizen complaints of a city, from the first word to the answer."""


def main() -> None:
    """Run the subcommand that the command line names."""
    application(sys.argv[1:])(prog_name="xn")


if __name__ == "__main__":
    main()
