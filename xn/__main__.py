"""The command `xn`, also `python -m xn`. A subcommand is a module that is imported only when it is asked for."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from infra.environment import check_names
from infra.exits import Exit, ending, of_group, one_line
from xn import completion

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
    "index": "xn.indexing",
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
QUIET = ("aiokafka", "asyncio", "pymongo")
"""Libraries whose log lines repeat the error line."""


class Subcommands(Mapping[str, Any]):
    """The subcommands by name. One is imported when it is looked up."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            parent = typer.Typer()
            parent.add_typer(import_module(MODULES[name]).app)
            self._found[name] = get_group(parent).commands[name]
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


class Group(TyperGroup):
    """The group of all subcommands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Subcommands()  # type: ignore[assignment]


def application() -> typer.Typer:
    """`xn` with all its subcommands."""
    app = typer.Typer(name="xn", cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_describe)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xn {version('xiaoneng')}")
        raise typer.Exit


def _show_completion(wanted: bool) -> None:
    if wanted:
        completion.serve(completion.SHOW)
        raise typer.Exit


def _install_completion(wanted: bool) -> None:
    if wanted:
        completion.serve(completion.INSTALL)
        raise typer.Exit


def _describe(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    _show: Annotated[
        bool,
        typer.Option(
            completion.SHOW,
            callback=_show_completion,
            is_eager=True,
            help="Print the completion script of bash, zsh or fish, named after this, or of the current shell.",
        ),
    ] = False,
    _install: Annotated[
        bool,
        typer.Option(
            completion.INSTALL,
            callback=_install_completion,
            is_eager=True,
            help="Install that script for the user.",
        ),
    ] = False,
) -> None:
    """Citizen complaints of a city, from the first word to the answer."""


def run(words: Sequence[str]) -> int:
    """Run the subcommand with these arguments; print a fault as one line on standard error and return its code."""
    try:
        if not completion.is_asked():
            check_names(os.environ)
        code = _invoked(words)
        if sys.stdout is not None:  # none is there when a shell has closed it
            sys.stdout.flush()
        return code
    except typer.Abort:
        return _ended(Exit.INTERRUPTED, "interrupted")
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message(), err=True)
            return Exit.USAGE
        return _ended(error.exit_code, one_line(error.format_message().replace("Value error, ", "")))
    except SystemExit as error:  # completions have been printed, or rich has found its output closed
        if isinstance(error.__context__, BrokenPipeError):
            return Exit.CLOSED
        return error.code if isinstance(error.code, int) else Exit.NO
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the interpreter flushes it when it ends
        return Exit.CLOSED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every fault ends with one line and its code
        return _ended(*ending(of_group(error)))


def _invoked(words: Sequence[str]) -> int:
    for name in QUIET:
        logging.getLogger(name).addHandler(logging.NullHandler())
    if words and words[0] in (completion.SHOW, completion.INSTALL):
        completion.serve(words[0], words[1:])
        return Exit.DONE
    found = get_command(application()).main(list(words), prog_name="xn", standalone_mode=False)
    return found if isinstance(found, int) else Exit.DONE


def _ended(code: int, line: str) -> int:
    typer.echo(f"xn: {line}", err=True)
    return code


def main() -> None:
    """Run the subcommand that the command line names."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that knows no Chinese gets escapes, not an error
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
