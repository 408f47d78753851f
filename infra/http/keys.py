"""API keys and issuers of tokens, as the keys file stores them. A key is stored as its hash and shown once, when made.

A key has 256 random bits, which cannot be guessed; one round of SHA-256 is enough.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from nacl.bindings import crypto_core_ed25519_is_valid_point
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

Kind = Literal["channel", "unit", "provider", "system"]
"""The kind of client that a key belongs to."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
POST = r"[a-z0-9]+([.-][a-z0-9]+)*"
"""Pattern of the name of a post."""
PostName = Annotated[str, Field(pattern=f"^{POST}$", max_length=80)]


class KeysError(ValueError):
    """The list of keys cannot be read; `str()` says where, never a hash."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class Client(_Entry):
    """Who makes a request: the client of an API key or of a token."""

    id: Annotated[str, Field(max_length=160)]
    """Names the client in logs and rate limits; no secret. Of a token: issuer and post, or issuer and sender."""
    speaker: Name
    """The channel, unit, provider or system, as in topic names."""
    kind: Kind | None = None
    """The kind of client; without it, as in older files, it is derived from rights and name."""
    post: PostName | None = None
    """The post that acts, such as `police-beicheng.desk-2`; None: the unit's desk."""
    rights: frozenset[str]
    per_minute: Annotated[int, Field(ge=1)] = 600
    """Requests it may make in a minute."""
    person: str | None = None
    """Opaque id of the person who acts, from a token."""


class ApiKey(Client):
    """What is stored of a key."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]{4,32}$")]
    """Part of the key itself, and written to logs; no secret."""
    hash: Annotated[str, Field(pattern=r"^sha256\$[0-9a-f]{64}$")]
    services: frozenset[Name] = frozenset()
    """Services that accept the key; empty: all services with clients of its kind."""
    expires: AwareDatetime | None = None
    """The instant from which the key is refused; None: never."""

    @model_validator(mode="after")
    def _only_units_have_posts(self) -> ApiKey:
        if self.post is not None and self.kind != "unit":
            raise ValueError("only a key of kind unit has a post")
        if self.person is not None:
            raise ValueError("a key names no person")
        return self

    def expired(self, at: datetime) -> bool:
        """Whether the key has expired."""
        return self.expires is not None and at >= self.expires


class Issuer(_Entry):
    """A program that signs tokens for the people who have signed in to it."""

    id: Name
    """`iss` and `kid` of its tokens."""
    public_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    """Ed25519, 32 bytes in base64url."""
    kinds: Annotated[frozenset[Kind], Field(min_length=1)]
    """Kinds of client that its tokens may name."""
    rights: frozenset[str] = frozenset()
    """The rights that its tokens may give; empty: no bound."""
    services: frozenset[Name] = frozenset()
    """Services that accept its tokens; empty: all services with clients of these kinds."""
    per_minute: Annotated[int, Field(ge=1)] = 600
    """Requests in a minute for each post, or for each sender without a post."""
    expires: AwareDatetime | None = None
    """The instant from which its tokens are refused; None: never."""

    @field_validator("public_key")
    @classmethod
    def _is_a_point(cls, value: str) -> str:
        try:
            valid = crypto_core_ed25519_is_valid_point(base64.urlsafe_b64decode(value + "="))
        except binascii.Error:
            valid = False
        if not valid:
            raise ValueError("no usable Ed25519 key")
        return value

    def expired(self, at: datetime) -> bool:
        """Whether its tokens are refused."""
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
    """The hash that is stored instead of a key."""
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


def stored_issuer(issuer: Issuer) -> str:
    """The lines of an issuer for the file of keys."""
    lines = [f'id = "{issuer.id}"', f'public_key = "{issuer.public_key}"', f"kinds = {_listed(issuer.kinds)}"]
    lines += [f"rights = {_listed(issuer.rights)}"] if issuer.rights else []
    lines += [f"services = {_listed(issuer.services)}"] if issuer.services else []
    lines += [f"per_minute = {issuer.per_minute}"]
    lines += [expiry_line(issuer.expires)] if issuer.expires else []
    return "\n".join(["[[issuer]]", *lines, ""])


def expiry_line(at: datetime) -> str:
    """The TOML line with a key's expiry."""
    return f"expires = {at.isoformat(timespec='seconds')}"


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in sorted(names)) + "]"


@dataclass(frozen=True)
class KeyRing:
    """The keys and issuers that are known."""

    _keys: dict[str, ApiKey] = field(default_factory=dict, repr=False)
    issuers: tuple[Issuer, ...] = field(default=(), repr=False)
    """In the order of the file."""

    @classmethod
    def read(cls, file: Path | None, inline: str | None) -> KeyRing:
        """From a TOML file of `[[key]]` and `[[issuer]]` tables and the same text in a setting. Raises `KeysError`."""
        texts = [("the setting", inline)] if inline else []
        if file is not None:
            try:
                texts.append((str(file), file.read_text("utf-8")))
            except (OSError, UnicodeDecodeError) as error:
                raise KeysError(f"{file}: cannot be read ({type(error).__name__})") from None
        parsed = [_parsed(where, text) for where, text in texts]
        return cls.of(
            (key for each in parsed for key in each.key), (issuer for each in parsed for issuer in each.issuer)
        )

    @classmethod
    def of(cls, keys: Iterable[ApiKey], issuers: Iterable[Issuer] = ()) -> KeyRing:
        """From keys and issuers. Raises `KeysError` when two have one id."""
        found: dict[str, ApiKey] = {}
        for key in keys:
            if key.id in found:
                raise KeysError(f"two keys have the id {key.id}")
            found[key.id] = key
        signing: dict[str, Issuer] = {}
        for issuer in issuers:
            if issuer.id in signing or issuer.id in found:
                raise KeysError(f"two entries have the id {issuer.id}")
            signing[issuer.id] = issuer
        return cls(found, tuple(signing.values()))

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """Every key, in the order of the file."""
        return tuple(self._keys.values())

    @property
    def entries(self) -> tuple[ApiKey | Issuer, ...]:
        """Every key and every issuer."""
        return (*self.keys, *self.issuers)

    def chosen(
        self,
        wanted: Callable[[ApiKey], ApiKey | None],
        wanted_issuer: Callable[[Issuer], Issuer | None] = lambda issuer: issuer,
    ) -> KeyRing:
        """A key ring with the keys and issuers for which these functions return one."""
        keys = {id: found for id, key in self._keys.items() if (found := wanted(key))}
        return KeyRing(keys, tuple(issuer for each in self.issuers if (issuer := wanted_issuer(each))))

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


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    key: list[ApiKey] = []
    issuer: list[Issuer] = []


def _parsed(where: str, text: str) -> _File:
    try:
        tables = tomllib.loads(text)
        if others := sorted(tables.keys() - {"key", "issuer"}):
            raise KeysError(f"{where}: {others[0][:40]!r} is unknown: use tables [[key]] and [[issuer]]")
        return _File.model_validate(tables)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise KeysError(f"{where}: not TOML") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise KeysError(f"{where}: {field}: {first['msg']}") from None
