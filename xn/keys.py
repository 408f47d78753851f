"""`xn keys`: API keys for the HTTP side, shown once, of which only the hash is kept; and pairs that seal contacts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from contracts.channel_tables import channel_id
from infra.http.keys import ApiKey, KeyRing, KeysError, new_key, stored
from infra.sealing import new_private_key, public_key_of

app = typer.Typer(name="keys", no_args_is_help=True, help="API keys of channels, units and providers.")

RIGHTS = ("submit", "read")
"""What a channel's key may allow."""
UNIT_RIGHTS = ("act", "read")
"""What a unit's key allows unless it is told otherwise."""
OPERATE = "operate"
"""What a key of the unit that operates the house may allow besides, where it is named: notices of everybody."""
PROVIDER_RIGHTS = ("report",)
"""What a provider's key may allow."""


@app.command()
def new(
    channel: Annotated[
        str | None, typer.Option(parser=channel_id, help="the channel that the key speaks for, at intake")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="the unit that the key speaks for, at routing")] = None,
    provider: Annotated[str | None, typer.Option(help="whose receipts it brings, at notify: sms, mail, …")] = None,
    right: Annotated[
        list[str] | None,
        typer.Option(
            help=f"of a channel {', '.join(RIGHTS)}; of a unit {', '.join(UNIT_RIGHTS)}; all where left out; {OPERATE}"
        ),
    ] = None,
    per_minute: Annotated[int, typer.Option(min=1, help="requests it may make in a minute")] = 600,
    file: Annotated[Path | None, typer.Option(help="append to this file of keys instead of printing the lines")] = None,
) -> None:
    """A new key: itself on the first line, never to be seen again; then what is stored of it."""
    speakers = [name for name in (channel, unit, provider) if name is not None]
    if len(speakers) != 1:
        raise typer.BadParameter("name one of the three", param_hint="--channel / --unit / --provider")
    rights = UNIT_RIGHTS if unit else PROVIDER_RIGHTS if provider else RIGHTS
    if strangers := set(right or ()) - {*rights, *((OPERATE,) if unit else ())}:
        raise typer.BadParameter(f"no such right: {', '.join(sorted(strangers))}", param_hint="--right")
    key, kept = new_key(str(speakers[0]), right or rights, per_minute)
    if file is not None:
        _append(file, kept)
    typer.echo(key)
    typer.echo(f"stored in {file}" if file else f"\n# into the file that XN_HTTP_KEYS_FILE names\n{stored(kept)}")


@app.command()
def pair() -> None:
    """A new pair of keys for contacts: the private one is notify's alone, the public one is intake's."""
    private = new_private_key()
    typer.echo(f"XN_CONTACT_PRIVATE_KEY={private}\nXN_CONTACT_PUBLIC_KEY={public_key_of(private)}")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="file of keys")]) -> None:
    """Fails when a service would not take this file."""
    ring = _read(file)
    typer.echo(f"{len(ring)} keys")


def _append(file: Path, key: ApiKey) -> None:
    """The key stands at the end of the file, which its owner alone may read."""
    if file.exists():
        _read(file)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as kept:
        kept.write(stored(key) + "\n")


def _read(file: Path) -> KeyRing:
    try:
        return KeyRing.read(file, None)
    except KeysError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
