"""The command `xn`, also `python -m xn`. A subcommand is a module that is imported only when it is asked for."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer
from typer.main import get_command

from infra.environment import check_names
from infra.exits import Exit, ending, of_group, one_line

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
COMPLETE_VARIABLE = "_XN_COMPLETE"
"""Environment variable that a shell sets to request completions."""
QUIET = ("aiokafka", "asyncio", "pymongo")
"""Libraries whose log lines repeat the error line."""


def application(words: Sequence[str]) -> typer.Typer:
    """`xn` with the subcommand that these words ask for, or with all of them when they ask for none."""
    app = typer.Typer(name="xn", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
    app.callback()(_describe)
    asked = next((word for word in words if not word.startswith("-")), "")
    for module in [MODULES[asked]] if asked in MODULES else MODULES.values():
        app.add_typer(import_module(module).app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xn {version('xiaoneng')}")
        raise typer.Exit


def _describe(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Citizen complaints of a city, from the first word to the answer."""


def run(words: Sequence[str]) -> int:
    """Run the subcommand with these arguments; print a fault as one line on standard error and return its code."""
    try:
        check_names(os.environ)
        return _invoked(words)
    except typer.Abort:
        return _ended(Exit.INTERRUPTED, "interrupted")
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message(), err=True)
            return Exit.USAGE
        return _ended(error.exit_code, one_line(error.format_message()))
    except SystemExit as error:  # the script of a completion has been printed
        return error.code if isinstance(error.code, int) else Exit.NO
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the interpreter flushes it when it ends
        return Exit.NO
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every fault ends with one line and its code
        return _ended(*ending(of_group(error)))


def _invoked(words: Sequence[str]) -> int:
    for name in QUIET:
        logging.getLogger(name).addHandler(logging.NullHandler())
    found = get_command(application(words)).main(list(words), prog_name="xn", standalone_mode=False)
    return found if isinstance(found, int) else Exit.DONE


def _ended(code: int, line: str) -> int:
    typer.echo(f"xn: {line}", err=True)
    return code


def _typed(environ: dict[str, str]) -> list[str]:
    """The words of the command line to complete."""
    text = environ.get("COMP_WORDS") or environ.get("_TYPER_COMPLETE_ARGS") or ""
    try:
        return shlex.split(text)[1:]
    except ValueError:
        return text.split()[1:]


def main() -> None:
    """Run the subcommand that the command line names."""
    if COMPLETE_VARIABLE in os.environ:
        get_command(application(_typed(dict(os.environ)))).main([], prog_name="xn")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
