"""`xn keys issuer`: key pairs of programs that sign tokens for the people who have signed in to them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

import typer
from nacl.signing import SigningKey
from pydantic import ValidationError

from infra.exits import Exit, Fault, writing
from infra.http.keys import Issuer, Kind, stored_issuer
from xn import keys_file


def new_issuer(
    id: str,
    kinds: Collection[Kind],
    file: Path,
    private_key: Path,
    *,
    rights: Iterable[str],
    services: Iterable[str],
    per_minute: int,
    expires: datetime | None,
) -> None:
    """Append the issuer to the file of keys and write its private key. Raises `Fault`, `KeysError`, `BadParameter`."""
    signing = SigningKey.generate()
    public = _text(bytes(signing.verify_key))
    try:
        issuer = Issuer(
            id=id,
            public_key=public,
            kinds=frozenset(kinds),
            rights=frozenset(rights),
            services=frozenset(services),
            per_minute=per_minute,
            expires=expires,
        )
    except ValidationError:
        raise typer.BadParameter("lower-case letters, digits and hyphens, 60 at most", param_hint="--id") from None
    if file.exists() and id in {each.id for each in keys_file.read(file).entries}:
        raise Fault(Exit.NO, f"{file}: there is an entry {id} already")
    _write_private(private_key, id, public, _text(bytes(signing)))
    try:
        keys_file.append(file, stored_issuer(issuer))
    except BaseException:
        private_key.unlink()
        raise


def _write_private(file: Path, id: str, public: str, private: str) -> None:
    """A JSON Web Key (RFC 8037) that its owner alone may read. Raises `Fault` where the file exists."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "alg": "Ed25519", "kid": id, "x": public, "d": private}
    if file.exists():
        raise Fault(Exit.FILE, f"{file}: there is such a file already")
    with (
        writing(file),
        os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened,
    ):
        opened.write(json.dumps(jwk) + "\n")


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()
