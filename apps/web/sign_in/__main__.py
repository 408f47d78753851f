"""`python -m apps.web.sign_in add --file people.toml --login L --name N --post P`: add a person to the directory."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from apps.web.sign_in.people import entry

app = typer.Typer(no_args_is_help=True, help="The trial directory of people who sign in to the apps.")


@app.callback()
def main() -> None:
    """The trial directory of people who sign in to the apps."""


@app.command()
def add(
    file: Annotated[Path, typer.Option(help="the directory file, made if there is none")],
    login: Annotated[str, typer.Option(help="what the person types")],
    name: Annotated[str, typer.Option(help="shown on pages")],
    post: Annotated[list[str], typer.Option(help="a post the person holds; may be repeated")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="asked for if left out")
    ],
) -> None:
    """Append a person with a hashed password."""
    try:
        text = entry(f"p-{secrets.token_hex(6)}", login, name, tuple(post), password)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        typer.secho(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", fg="red", err=True)
        raise typer.Exit(2) from None
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as written:
        written.write(("\n" if written.tell() else "") + text)
    file.chmod(0o600)
    typer.echo(f"added {login} to {file}")


if __name__ == "__main__":
    app()
