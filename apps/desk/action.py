"""What an action of the desk is: a command as a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.web.forms import Spec
from apps.web.services import Service
from apps.web.view import View
from contracts.message import Message

Fits = Callable[[Mapping[str, Any]], bool]
"""Whether something is wanted for a case, from the document of the case."""


Fill = Callable[[View, tuple[Spec, ...]], Awaitable[tuple[Spec, ...]]]
"""Completes fields with what a service lists, such as the measures of the place."""
Beside = Callable[[View, Mapping[str, str]], Awaitable[Mapping[str, Any]]]
"""What the template shows beside the form, from the values of its fields."""


class FieldFaultError(ValueError):
    """A value that cannot be read: in two languages, for the field of this name."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.name = name
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class Action:
    """A command as a form."""

    name: str
    """In paths, such as `sign`."""
    model: type[Message]
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
    """The page that the form is reached from, with the case or the values of fields: `/conduct/{kind}/{subject}`."""
    after: str = ""
    """The page after success, where it is another one."""
    template: str = "desk/action.html"
    fill: Fill | None = None
    beside: Beside | None = None
    danger: bool = False
    key: str = ""
    """The keyboard shortcut on the page of the case."""
    group: tuple[str, str] = ("办理", "Handle")
    """The heading under which the page of the case offers it."""
    only: Mapping[str, Fits] = field(default_factory=dict)
    """Fields that are asked for in some cases only."""
    replies: str = ""
    """The field that a reply template fills."""
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Turns the form's values into the command's `data`, where they differ. Raises `FieldFaultError`."""

    def is_offered(self, case: Mapping[str, Any]) -> bool:
        """Whether the service that shows the case would accept it now; True where that service does not say."""
        can = case.get("can")
        if can is None:
            return True
        return any(each["type"] == self.model.TYPE and not each.get("why_not") for each in can)

    def specs_for(self, case: Mapping[str, Any] | None) -> tuple[Spec, ...]:
        """The fields that are asked for in this case."""
        return tuple(
            each for each in self.specs if each.name not in self.only or case is None or self.only[each.name](case)
        )


def table(*actions: Action, **common: Any) -> tuple[Action, ...]:
    """The actions of one table, with the fields that all of them have in common."""
    return tuple(replace(each, **common) for each in actions)
