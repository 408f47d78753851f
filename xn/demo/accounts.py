"""Trial accounts of a demo: one for each role, with posts that the place has."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from apps.web.sign_in.people import Person, lines_of

HOTLINE = "hotline-12345"
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """A login and what it is for."""

    login: str
    zh: str
    en: str
    posts: tuple[str, ...]


def accounts_of(place: Path) -> list[Account]:
    """One account for each role that the place has posts for."""
    return list(_Roles(place).accounts())


def new_password() -> str:
    """A password that is easy to type: three groups of four letters."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def directory_text(accounts: Sequence[Account], password: str) -> str:
    """The directory file, in which every account has this password."""
    hash = PasswordHasher().hash(password)
    people = (Person(id=f"trial-{a.login}", login=a.login, name=a.zh, posts=a.posts, hash=hash) for a in accounts)
    return "\n".join(map(lines_of, people))


class _Roles:
    """Finds posts in the tables of a place by what they may do."""

    def __init__(self, place: Path) -> None:
        self._units = _rows(place, "units", "unit")
        self._posts = _rows(place, "posts", "post")
        centres = {area.get("jurisdiction") for area in _rows(place, "areas", "area")}
        self._root = next(str(unit["id"]) for unit in self._units if "parent" not in unit)
        self._agents = {str(post["unit"]) for post in self._posts if post.get("channels")}
        ordered = [str(unit["id"]) for unit in self._units if unit["id"] in centres]
        self._centres = sorted(ordered, key=self._agents.__contains__)

    def accounts(self) -> Iterator[Account]:
        """Roles in the order of a case's life."""
        if agents := [post["id"] for post in self._posts if HOTLINE in post.get("channels", ())]:
            yield Account("agent", "热线员", "hotline agent", (agents[0],))
        centre = next((each for each in self._centres if len(self._staff(each)) > 1), self._centres[-1])
        clerks = self._staff(centre)
        yield Account("clerk", "受理员", "clerk", (clerks[0],))
        yield Account("dispatcher", "派单员", "dispatcher", (clerks[-1],))
        department = self._department()
        yield Account("staff", "承办人", "department staff", (self._staff(department)[0],))
        yield Account("leader", "承办单位负责人", "department leader", (self._leader(department),))
        yield Account("supervisor", "督办员", "verifier and supervisor", (self._staff(self._root)[0],))
        mayor = self._leader(self._root)
        yield Account("mayor", "市长办公室", "mayor's office", (mayor,))
        administrators = [post["id"] for post in self._posts if post.get("administers")]
        yield Account("administrator", "管理员", "administrator", (administrators[0] if administrators else mayor,))

    def _department(self) -> str:
        """A unit that handles cases, with a leader and staff where there is one."""
        others = [str(unit["id"]) for unit in self._units if unit["id"] not in {self._root, *self._centres}]
        duties = {unit: {post["duty"] for post in self._of(unit)} for unit in others}
        whole = [unit for unit in others if {"leader", "staff"} <= duties[unit] and unit not in self._agents]
        return (whole or others or [self._root])[0]

    def _of(self, unit: str) -> list[Table]:
        return [post for post in self._posts if post["unit"] == unit]

    def _staff(self, unit: str) -> list[str]:
        """Its staff. A unit that names no posts answers for its own people, whatever their posts are called."""
        return [p["id"] for p in self._of(unit) if p["duty"] == "staff" and not p.get("away")] or [f"{unit}.desk-1"]

    def _leader(self, unit: str) -> str:
        leaders = [str(post["id"]) for post in self._of(unit) if post["duty"] == "leader"]
        return next(iter(leaders), f"{unit}.director")


def _rows(place: Path, table: str, name: str) -> list[Table]:
    file = place / f"{table}.toml"
    found: list[Table] = tomllib.loads(file.read_text("utf-8")).get(name, []) if file.is_file() else []
    return found
