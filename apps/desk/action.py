"""What an action of the desk is: a command as a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.web.forms import Spec
from apps.web.services import Service
from contracts.message import Command


@dataclass(frozen=True)
class Action:
    """A command as a form."""

    name: str
    """In paths, such as `sign`."""
    model: type[Command]
    zh: str
    en: str
    specs: tuple[Spec, ...] = ()
    hint: tuple[str, str] = ("", "")
    """What follows from the command, above the form."""
    service: Service = "routing"
    path: str = "/v1/commands"
    about_case: bool = True
    reads: Service = "routing"
    """The service that shows the case beside the form."""
    read_path: str = "/v1/cases/{case_id}"
    back: str = "/cases/{case_id}"
    """The page after success."""
    danger: bool = False
    key: str = ""
    """The keyboard shortcut on the page of the case."""
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Turns the form's values into the command's `data`, where they differ."""
