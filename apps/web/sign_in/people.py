"""The trial directory: a TOML file of people, the posts they hold, and argon2 hashes of their passwords."""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Login = Annotated[str, Field(pattern=r"^[a-z0-9]+([._@-][a-z0-9]+)*$", max_length=80)]
FREE_TRIES = 5
"""Wrong passwords of one login before each further try has to wait."""
MOST_WAIT_SECONDS = 300.0
MOST_COUNTED = 10_000


class DirectoryError(ValueError):
    """The file cannot be read; the text names the file and the entry, never a hash."""


class Person(BaseModel):
    """Somebody who may sign in."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{4,60}$")]
    """Opaque id, as in tokens and logs; never a name."""
    login: Login
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """Shown on pages."""
    posts: Annotated[tuple[str, ...], Field(min_length=1)]
    hash: Annotated[str, Field(pattern=r"^\$argon2id\$")]


_PEOPLE = TypeAdapter(list[Person])


class Directory:
    """Finds people by login and password. The file is read again when it has changed."""

    def __init__(self, file: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises `DirectoryError`."""
        self._file = file
        self._monotonic = monotonic
        self._hasher = PasswordHasher()
        self._nobodys = self._hasher.hash("no such login")
        self._wrong: dict[str, tuple[int, float]] = {}
        self._read_at: int | None = None
        self._people: dict[str, Person] = {}
        self._look()

    def wait_seconds(self, login: str) -> float:
        """Seconds until this login may be tried again; 0: now."""
        count, at = self._wrong.get(login.casefold(), (0, 0.0))
        if count < FREE_TRIES:
            return 0.0
        wait: float = min(MOST_WAIT_SECONDS, 2.0 ** (count - FREE_TRIES + 1))
        return max(0.0, at + wait - self._monotonic())

    def check(self, login: str, password: str) -> Person | None:
        """The person, or None for a wrong login or password. Takes some 50 ms of CPU: call it in a thread."""
        self._look()
        known = self._people.get(login.strip().casefold())
        try:
            self._hasher.verify(known.hash if known else self._nobodys, password)
        except (VerificationError, InvalidHashError):
            self._count(login.casefold())
            return None
        self._wrong.pop(login.casefold(), None)
        return known

    def _count(self, login: str) -> None:
        if len(self._wrong) >= MOST_COUNTED:
            self._wrong.clear()
        count, _ = self._wrong.get(login, (0, 0.0))
        self._wrong[login] = (count + 1, self._monotonic())

    def _look(self) -> None:
        try:
            changed = self._file.stat().st_mtime_ns
            if changed == self._read_at:
                return
            tables = tomllib.loads(self._file.read_text("utf-8"))
            people = _PEOPLE.validate_python(tables.get("person", []))
        except (OSError, UnicodeDecodeError) as error:
            raise DirectoryError(f"{self._file}: cannot be read ({type(error).__name__})") from None
        except tomllib.TOMLDecodeError as error:
            raise DirectoryError(f"{self._file}: {error}") from None
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise DirectoryError(f"{self._file}: person.{field}: {first['msg']}") from None
        self._people = {each.login.casefold(): each for each in people}
        self._read_at = changed


def entry(id: str, login: str, name: str, posts: tuple[str, ...], password: str) -> str:
    """The lines of a person for the file. Raises `ValidationError`."""
    return lines_of(Person(id=id, login=login, name=name, posts=posts, hash=PasswordHasher().hash(password)))


def lines_of(person: Person) -> str:
    """The table of a person for the file."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in person.model_dump().items()]
    return "\n".join(["[[person]]", *lines, ""])
