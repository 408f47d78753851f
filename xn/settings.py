"""`xn settings`: the one table of all settings, written from the classes that read them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from contracts.topics import SERVICES
from infra.settings import Settings

app = typer.Typer(name="settings", no_args_is_help=True, help="The table of settings in docs/settings.md.")

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable. Written by `xn settings write` from the classes that read them.

| variable | default | meaning | read by |
|---|---|---|---|
"""


def page() -> str:
    """The table: settings of every service first, then each service's own."""
    classes = {service: _class(service) for service in SERVICES}
    lines = []
    for name, field in Settings.model_fields.items():
        if any(field.default == own.model_fields[name].default for own in classes.values()):
            lines.append(_line(name, field, "every service"))
    for service, own in classes.items():
        for name, field in own.model_fields.items():
            if name not in Settings.model_fields or field.default != Settings.model_fields[name].default:
                lines.append(_line(name, field, service))
    return HEAD + "\n".join(lines) + "\n"


def _class(service: str) -> type[Settings]:
    found: type[Settings] = getattr(import_module(f"services.{service}.settings"), f"{service.title()}Settings")
    return found


@app.command()
def write() -> None:
    """The page is as the classes are."""
    PAGE.write_text(page())
    typer.echo(f"{PAGE.name} written")


@app.command()
def check() -> None:
    """Fails when the page is not as the classes are."""
    if PAGE.read_text() != page():
        typer.echo("docs/settings.md is stale: xn settings write", err=True)
        raise typer.Exit(1)


def _line(name: str, field: FieldInfo, reader: str) -> str:
    if "SecretStr" in str(field.annotation) or isinstance(field.default, SecretStr):
        default = "*required secret*" if field.is_required() else "*secret*"
    elif field.is_required():
        default = "*required*"
    else:
        default = "–" if field.default is None else f"`{field.default}`"
    return f"| `XN_{name.upper()}` | {default} | {field.description} | {reader} |"
