"""The trial directory: a TOML file of people, the posts they hold, and argon2 hashes of their passwords."""

from __future__ import annotations

import json
import logging
import time
import tomllib
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

log = logging.getLogger(__name__)
Login = Annotated[str, Field(pattern=r"^[a-z0-9]+([._@-][a-z0-9]+)*$", max_length=80)]
FREE_TRIES = 5
"""Wrong passwords of one login before each further try has to wait."""
UNKNOWN = "$argon2id$v=19$m=65536,t=3,p=4$0VCQaygohcIYUPtAN3gX0A$F4w1fjkjECTAQQxKa/kIA446cNyRns6NuyzNlXiz+mc"
"""Checked for logins that do not exist, so that both take the same time: the hash of a discarded password."""
MOST_WAIT_SECONDS = 300.0
MOST_COUNTED = 10_000


class DirectoryError(ValueError):
    """The file cannot be read; the text names the file and the entry, never a hash."""


class Person(BaseModel):
    """A person who may sign in."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", min_length=4, max_length=60)]
    """Opaque id, as in tokens and logs; never a name."""
    login: Login
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """Shown on pages."""
    posts: Annotated[tuple[str, ...], Field(min_length=1)]
    hash: Annotated[str, Field(pattern=r"^\$argon2id\$")]


_PEOPLE = TypeAdapter(list[Person])


class Directory:
    """Finds people by login and password. The file is read again when it has changed.

    A new version that cannot be read leaves the people of the last one in force.
    """

    def __init__(self, file: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises `DirectoryError`."""
        self._file = file
        self._monotonic = monotonic
        self._hasher = PasswordHasher()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._stamp = self._stamp_now()
        self._people = _read(file)

    def wait_seconds(self, login: str) -> float:
        """Seconds until this login may be tried again; 0: now."""
        count, at = self._wrong.get(_normal(login), (0, 0.0))
        if count < FREE_TRIES:
            return 0.0
        wait: float = min(MOST_WAIT_SECONDS, 2.0 ** min(20, count - FREE_TRIES + 1))
        return max(0.0, at + wait - self._monotonic())

    def check(self, login: str, password: str) -> Person | None:
        """The person, or None for a wrong login or password. Takes some 50 ms of CPU: call it in a thread."""
        self._look()
        known = self._people.get(_normal(login))
        try:
            self._hasher.verify(known.hash if known else UNKNOWN, password)
        except (VerificationError, InvalidHashError):
            self._count(_normal(login))
            return None
        self._wrong.pop(_normal(login), None)
        return known

    def _count(self, login: str) -> None:
        count, _ = self._wrong.pop(login, (0, 0.0))
        self._wrong[login] = (count + 1, self._monotonic())
        if len(self._wrong) > MOST_COUNTED:
            self._wrong.popitem(last=False)

    def _look(self) -> None:
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._people = _read(self._file)
        except DirectoryError as error:
            log.warning("the directory stays as it was: %s", error)

    def _stamp_now(self) -> tuple[int, int, int]:
        """Changes with the file."""
        try:
            found = self._file.stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_size, found.st_ino


def _normal(login: str) -> str:
    return login.strip().casefold()


def _read(file: Path) -> Mapping[str, Person]:
    """The people by login. Raises `DirectoryError`."""
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
        people = _PEOPLE.validate_python(tables.get("person", []))
    except (OSError, UnicodeDecodeError) as error:
        raise DirectoryError(f"{file}: cannot be read ({type(error).__name__})") from None
    except tomllib.TOMLDecodeError as error:
        raise DirectoryError(f"{file}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DirectoryError(f"{file}: person.{field}: {first['msg']}") from None
    for field in ("login", "id"):
        values = Counter(getattr(each, field) for each in people)
        if twice := [value for value, count in values.items() if count > 1]:
            raise DirectoryError(f"{file}: two people have the {field} {twice[0]}")
    return {each.login: each for each in people}


def entry(id: str, login: str, name: str, posts: tuple[str, ...], password: str) -> str:
    """The lines of a person for the file. Raises `ValidationError`."""
    return lines_of(Person(id=id, login=login, name=name, posts=posts, hash=PasswordHasher().hash(password)))


def lines_of(person: Person) -> str:
    """The table of a person for the file."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in person.model_dump().items()]
    return "\n".join(["[[person]]", *lines, ""])
