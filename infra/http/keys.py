"""API keys: who may ask for what. Only hashes are stored; a key is shown once, when it is made.

A key has 256 random bits, so that one round of SHA-256 keeps it: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

Kind = Literal["channel", "unit", "provider", "system"]
"""The kind of client that a key belongs to."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
POST = r"[a-z0-9]+([.-][a-z0-9]+)*"
"""Pattern of the name of a post."""
PostName = Annotated[str, Field(pattern=f"^{POST}$", max_length=80)]


class KeysError(ValueError):
    """The list of keys cannot be read; `str()` says where, never a hash."""


class ApiKey(BaseModel):
    """What is stored of a key."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]{4,32}$")]
    """Stands in the key itself and in logs; no secret."""
    hash: Annotated[str, Field(pattern=r"^sha256\$[0-9a-f]{64}$")]
    speaker: Name
    """The channel, unit, provider or system that uses it, as in topic names."""
    kind: Kind | None = None
    """The kind of client; without it, as in older files, it is derived from rights and name."""
    post: PostName | None = None
    """The post of the unit that acts with it, such as `police-beicheng.desk-2`; None: the unit's desk."""
    services: frozenset[Name] = frozenset()
    """Services that accept the key; empty: all services with clients of its kind."""
    rights: frozenset[str]
    per_minute: Annotated[int, Field(ge=1)] = 600
    """Requests it may make in a minute."""
    expires: AwareDatetime | None = None
    """The instant from which the key is refused; None: never."""

    @model_validator(mode="after")
    def _only_units_have_posts(self) -> ApiKey:
        if self.post is not None and self.kind != "unit":
            raise ValueError("only a key of kind unit has a post")
        return self

    def expired(self, at: datetime) -> bool:
        """Whether the key has expired."""
        return self.expires is not None and at >= self.expires


def new_key(
    speaker: str,
    rights: Iterable[str],
    per_minute: int = 600,
    *,
    kind: Kind | None = None,
    post: str | None = None,
    services: Iterable[str] = (),
    expires: datetime | None = None,
) -> tuple[str, ApiKey]:
    """A fresh key, and what is stored of it."""
    id = secrets.token_hex(4)
    key = f"xn.{id}.{secrets.token_urlsafe(32)}"
    return key, ApiKey(
        id=id,
        hash=hash_of(key),
        speaker=speaker,
        kind=kind,
        post=post,
        services=frozenset(services),
        rights=frozenset(rights),
        per_minute=per_minute,
        expires=expires,
    )


def hash_of(key: str) -> str:
    """What is stored instead of a key."""
    return f"sha256${hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def stored(key: ApiKey) -> str:
    """The lines of a key for the file of keys."""
    lines = [f'id = "{key.id}"', f'hash = "{key.hash}"', f'speaker = "{key.speaker}"']
    lines += [f'kind = "{key.kind}"'] if key.kind else []
    lines += [f'post = "{key.post}"'] if key.post else []
    lines += [f"services = {_listed(key.services)}"] if key.services else []
    lines += [f"rights = {_listed(key.rights)}", f"per_minute = {key.per_minute}"]
    lines += [expiry_line(key.expires)] if key.expires else []
    return "\n".join(["[[key]]", *lines, ""])


def expiry_line(at: datetime) -> str:
    """The TOML line with a key's expiry."""
    return f"expires = {at.isoformat(timespec='seconds')}"


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in sorted(names)) + "]"


@dataclass(frozen=True)
class KeyRing:
    """The keys that are known."""

    _keys: dict[str, ApiKey] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, file: Path | None, inline: str | None) -> KeyRing:
        """From a TOML file of `[[key]]` tables and from the same text in a setting. Raises `KeysError`."""
        texts = [("the setting", inline)] if inline else []
        if file is not None:
            try:
                texts.append((str(file), file.read_text("utf-8")))
            except (OSError, UnicodeDecodeError) as error:
                raise KeysError(f"{file}: cannot be read ({type(error).__name__})") from None
        return cls.of(key for where, text in texts for key in _parsed(where, text))

    @classmethod
    def of(cls, keys: Iterable[ApiKey]) -> KeyRing:
        """From keys. Raises `KeysError` when two have one id."""
        found: dict[str, ApiKey] = {}
        for key in keys:
            if key.id in found:
                raise KeysError(f"key {key.id} stands there twice")
            found[key.id] = key
        return cls(found)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """Every key, in the order of the file."""
        return tuple(self._keys.values())

    def chosen(self, wanted: Callable[[ApiKey], ApiKey | None]) -> KeyRing:
        """A key ring with the keys for which `wanted` returns one."""
        return KeyRing({id: found for id, key in self._keys.items() if (found := wanted(key))})

    @property
    def speakers(self) -> set[str]:
        """For whom the keys speak."""
        return {key.speaker for key in self._keys.values()}

    def find(self, presented: str) -> ApiKey | None:
        """The key that was presented, compared in constant time; None when it is not known."""
        id = presented.split(".")[1] if presented.count(".") >= 2 else ""
        known = self._keys.get(id)
        same = hmac.compare_digest(hash_of(presented), known.hash if known else _NOBODYS)
        return known if known and same else None


_NOBODYS = f"sha256${'0' * 64}"
_LIST = TypeAdapter(list[ApiKey])


def _parsed(where: str, text: str) -> list[ApiKey]:
    try:
        tables = tomllib.loads(text)
        if others := sorted(tables.keys() - {"key"}):
            raise KeysError(f"{where}: {others[0][:40]!r} is unknown: each key is a table [[key]]")
        return _LIST.validate_python(tables.get("key", []))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise KeysError(f"{where}: not TOML") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise KeysError(f"{where}: key.{field}: {first['msg']}") from None
