"""Forms that could not be taken (the session had ended, a service was away), until their page is opened again."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

COOKIE = "xn_stash"
SECONDS = 1_800.0
MOST_FORMS = 2_000
MOST_CHARACTERS = 200_000


@dataclass(frozen=True)
class Stashed:
    """The fields of one form, without its files."""

    path: str
    person: str
    fields: Mapping[str, Sequence[str]]
    until: float


class Stash:
    """Bounded, in memory: what is lost with the process is also in the browser's draft, where scripts run."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._forms: OrderedDict[str, Stashed] = OrderedDict()

    def put(self, path: str, person: str, form: FormData) -> str:
        """Store the form; returns the value of the cookie, empty where the form is too large."""
        fields: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields.setdefault(name, []).append(value)
        if sum(len(one) for values in fields.values() for one in values) > MOST_CHARACTERS:
            return ""
        id = secrets.token_urlsafe(24)
        self._forms[id] = Stashed(path, person, fields, self._monotonic() + SECONDS)
        while len(self._forms) > MOST_FORMS:
            self._forms.popitem(last=False)
        return id

    def take(self, id: str, path: str, person: str) -> Mapping[str, Sequence[str]]:
        """The fields of the form of this page and person, once; empty without any."""
        found = self._forms.get(id)
        if found is None or found.path != path or found.person != person:
            return {}
        del self._forms[id]
        return found.fields if found.until > self._monotonic() else {}
