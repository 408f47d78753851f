"""Reply templates of the place (`replies.toml`), filled with what is known of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.web.view import View


@dataclass(frozen=True)
class Reply:
    """A template as it is offered for one case."""

    code: str
    name: str
    text: str


def replies_for(view: View, case: Mapping[str, Any]) -> list[Reply]:
    """The templates for the category of the case and the unit that answers, in the order of the place."""
    known = {
        "number": str(case["number"]),
        "title": str(case["title"]),
        "unit": view.named("unit", view.unit),
        "category": view.named("category", case["category"]),
        "area": view.named("area", case["area"]),
        "address": str(case.get("address") or ""),
        "received_on": view.day(case["received_at"]),
        "today": view.day(view.site.clock()),
    }
    return [
        Reply(each.code, view.t(each.zh, each.en or each.zh), filled(each.text, known))
        for each in view.place.document.replies
        if (not each.categories or case["category"] in each.categories) and (not each.units or view.unit in each.units)
    ]


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with each `{name}` that is known replaced; blanks to be filled in by hand stay as they are."""
    for name, value in known.items():
        text = text.replace("{" + name + "}", value)
    return text.strip()
