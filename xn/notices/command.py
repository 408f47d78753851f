"""The subcommands of `xn notices`: templates with sample values, for who writes them; notices, for who operates."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from contracts.codes import Language
from contracts.template_tables import OCCASIONS
from infra.exits import Exit, Fault, writing
from infra.place import read_place
from services.notify.domain.samples import samples
from services.notify.domain.templates import Rendered, TemplateError, Templates
from services.notify.domain.vocabulary import PLACE, VARIABLES, Kind
from xn.options import DEMO, Bootstrap, Database, Place, mongo_uri

app = typer.Typer(name="notices", no_args_is_help=True, help="What people are told, and what became of it.")


class Part(StrEnum):
    """What is shown."""

    TEXT = "text"
    HTML = "html"
    SMS = "sms"


@app.command()
def preview(
    what: Annotated[str, typer.Argument(help="the occasion, such as acknowledgement")] = "",
    language: Annotated[Language, typer.Option(help="of the reader")] = Language.CHINESE,
    place: Place = DEMO,
    part: Annotated[Part, typer.Option(help="subject and text, the mail as HTML, or the short message")] = Part.TEXT,
    absent: Annotated[bool, typer.Option("--absent", help="without any value that may be absent")] = False,
    out: Annotated[Path | None, typer.Option(help="a file instead of the screen; with --all a folder")] = None,
    everything: Annotated[bool, typer.Option("--all", help="every occasion, language and part, as files")] = False,
) -> None:
    """Show a notice with sample values."""
    templates = _templates(place)
    if everything:
        _write_all(templates, out or Path("var/notices"), absent=absent)
        return
    if what not in OCCASIONS:
        raise typer.BadParameter(f"write one of {', '.join(OCCASIONS)}", param_hint="WHAT")
    shown = _part(templates.render(what, language, samples(what, language, absent=absent)), part)
    if shown is None:
        raise Fault(Exit.NO, f"{what} has no {part.value} in {language.value}")
    if out is None:
        print(shown, end="")
    else:
        with writing(out):
            out.write_text(shown, "utf-8")


@app.command()
def variables(what: Annotated[str, typer.Argument(help="the occasion; all of them when absent")] = "") -> None:
    """Print what a template of an occasion may name."""
    if what and what not in OCCASIONS:
        raise typer.BadParameter(f"write one of {', '.join(OCCASIONS)}", param_hint="WHAT")
    for each in [what] if what else OCCASIONS:
        print(each)
        for name, variable in {**VARIABLES[each], "place": PLACE}.items():
            print(f"  {name:18} {variable.kind.value:8} {variable.about}{' (or absent)' if variable.optional else ''}")
            if variable.kind is Kind.CODE:
                print(f"  {name + '_name':18} {Kind.LINE.value:8} the same in words")


@app.command("list")
def list_(
    dead: Annotated[bool, typer.Option("--dead", help="those that were given up by every way that was chosen")] = False,
    unit: Annotated[
        str | None, typer.Option(help="told to this unit; with --dead also of cases of this centre")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="how many are listed")] = 100,
    database: Database = "xn",
) -> None:
    """List notices, the latest first: to units, or with --dead also those that were given up."""
    from xn.notices.operating import lines

    async def show() -> None:
        async for line in lines(mongo_uri(), database, dead=dead, unit=unit, most=most):
            print(line)

    if unit is None and not dead:
        raise typer.BadParameter("name a unit, or --dead", param_hint="--unit / --dead")
    asyncio.run(show())


@app.command()
def redrive(
    notice: Annotated[str, typer.Argument(help="id of the key, as listed")],
    by: Annotated[str, typer.Option(help="the post that decided, such as beicheng-centre.desk-2")],
    bootstrap: Bootstrap,
    database: Database = "xn",
    wait: Annotated[float, typer.Option(help="seconds to wait for notify to have taken it")] = 30.0,
) -> None:
    """Have a notice sent again, from its first way on; ends with 1 when there is no such notice, or it is under way."""
    from xn.notices.operating import NotAgainError
    from xn.notices.operating import redrive as send_again

    try:
        print(asyncio.run(send_again(mongo_uri(), database, bootstrap, notice, by, wait)))
    except NotAgainError as error:
        raise Fault(Exit.NO, str(error)) from None


def _write_all(templates: Templates, folder: Path, *, absent: bool) -> None:
    written = 0
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in _files(templates, absent=absent):
            (folder / name).write_text(content, "utf-8")
            written += 1
    print(f"{written} files written to {folder}")


def _files(templates: Templates, *, absent: bool) -> Iterator[tuple[str, str]]:
    for what in OCCASIONS:
        for language in Language:
            rendered = templates.render(what, language, samples(what, language, absent=absent))
            for part, suffix in ((Part.TEXT, "txt"), (Part.HTML, "html"), (Part.SMS, "sms.txt")):
                if (content := _part(rendered, part)) is not None:
                    yield f"{what}.{language.value}.{suffix}", content


def _part(rendered: Rendered, part: Part) -> str | None:
    match part:
        case Part.TEXT:
            return f"{rendered.subject}\n\n{rendered.text}"
        case Part.HTML:
            return rendered.html
        case Part.SMS if rendered.sms_template is not None:
            filled = "".join(f"{name} = {value}\n" for name, value in rendered.sms_parameters.items())
            return f"{rendered.sms_template}\n{filled}{_line(rendered.sms)}"
        case Part.SMS:
            return _line(rendered.sms) or None


def _line(text: str | None) -> str:
    return f"{text}\n" if text else ""


def _templates(folder: Path) -> Templates:
    try:
        files = read_place(folder)
        return Templates.from_tables(files.version, files.tables)
    except TemplateError as error:
        print(*error.flaws, sep="\n", file=sys.stderr)
        raise typer.Exit(Exit.CONTENT) from None
