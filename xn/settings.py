"""`xn settings`: the one table of all settings, written from the classes that read them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from typer.main import get_command

from apps.web.settings import StaffSettings, WebSettings
from contracts.roles import SERVICES
from infra.environment import KNOWN
from infra.exits import Exit, Fault
from infra.settings import Settings
from xn.demo.pages import APPS

app = typer.Typer(name="settings", no_args_is_help=True, help="The table of settings in docs/settings.md.")

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
OF_COMMANDS = ("XN_API_KEY", "XN_COMPAT_BASE", "XN_DEAD_LETTER_KEY", "XN_MONGO_URI")
"""Variables that `xn` commands read, other than those of their options."""
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
    return HEAD + "\n".join([*lines, *_of_apps()]) + "\n"


def _of_apps() -> Iterator[str]:
    """Settings of the apps with pages: those of every app, those of every app with sign-in, each app's own."""
    yield from (_line(name, field, "every app with pages") for name, field in WebSettings.model_fields.items())
    for name, field in StaffSettings.model_fields.items():
        if name not in WebSettings.model_fields:
            yield _line(name, field, "every app with sign-in")
    for app, own in _app_classes().items():
        common = StaffSettings if issubclass(own, StaffSettings) else WebSettings
        for name, field in own.model_fields.items():
            if name not in common.model_fields or field.default != common.model_fields[name].default:
                yield _line(name, field, app)


def _app_classes() -> dict[str, type[WebSettings]]:
    """The settings of each app that is installed."""
    found = {}
    for app in (each.name for each in APPS):
        if find_spec(f"apps.{app}") is not None:
            found[app] = getattr(import_module(f"apps.{app}.settings"), f"{app.title()}Settings")
    return found


def _class(service: str) -> type[Settings]:
    found: type[Settings] = getattr(import_module(f"services.{service}.settings"), f"{service.title()}Settings")
    return found


def names() -> str:
    """Every variable that a service, an app or a command reads, one per line."""
    classes: list[type[BaseSettings]] = [*map(_class, SERVICES), WebSettings, StaffSettings, *_app_classes().values()]
    fields = {name for each in classes for name in each.model_fields}
    return "\n".join(sorted({f"XN_{name.upper()}" for name in fields} | set(OF_COMMANDS) | _of_options())) + "\n"


def _of_options() -> set[str]:
    """Variables that set options of commands."""
    from xn.__main__ import application

    return {each for command in commands(get_command(application())) for each in _variables(command)}


def commands(group: Any) -> Iterator[Any]:
    """Yield a group and every command below it."""
    yield group
    for each in getattr(group, "commands", {}).values():
        yield from commands(each)


def _variables(command: Any) -> Iterator[str]:
    for parameter in command.params:
        named = parameter.envvar or ()
        yield from [named] if isinstance(named, str) else named


@app.command()
def write() -> None:
    """Write the page and the list of names from the classes and commands that read them."""
    PAGE.write_text(page())
    KNOWN.write_text(names())
    typer.echo(f"{PAGE.name} and {KNOWN.name} written")


@app.command()
def check() -> None:
    """Fail when the page or the list of names differs from the classes and commands."""
    stale = [f.name for f, wanted in ((PAGE, page()), (KNOWN, names())) if f.read_text() != wanted]
    if stale:
        raise Fault(Exit.NO, f"{' and '.join(stale)} stale: run `xn settings write`")


def _line(name: str, field: FieldInfo, reader: str) -> str:
    if "SecretStr" in str(field.annotation) or isinstance(field.default, SecretStr):
        default = "*required secret*" if field.is_required() else "*secret*"
    elif field.is_required():
        default = "*required*"
    else:
        default = "–" if field.default in {None, ""} else f"`{field.default}`"
    return f"| `XN_{name.upper()}` | {default} | {field.description} | {reader} |"
