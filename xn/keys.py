"""`xn keys`: API keys for HTTP, printed once and stored as hashes; and key pairs that seal contacts."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from contracts.channel_tables import channel_id
from contracts.roles import SERVICES
from contracts.speakers import kind_of
from infra.exits import Exit, Fault, writing
from infra.http.keys import POST, ApiKey, KeyRing, KeysError, Kind, expiry_line, new_key, stored
from infra.sealing import new_private_key, public_key_of

app = typer.Typer(name="keys", no_args_is_help=True, help="API keys of channels, units, providers and systems.")

RIGHTS = ("submit", "read")
"""What a channel's key may allow."""
UNIT_RIGHTS = ("act", "read")
"""What a unit's key allows unless it is told otherwise."""
OPERATE = "operate"
"""What a key of the unit that operates the house may allow besides, where it is named: notices of everybody."""
PROVIDER_RIGHTS = ("report",)
"""What a provider's key may allow."""
SYSTEM_RIGHTS = ("act", "read")
"""What a system's key allows unless it names fewer."""
RIGHTS_OF: dict[Kind, tuple[str, ...]] = {
    "channel": RIGHTS,
    "unit": UNIT_RIGHTS,
    "provider": PROVIDER_RIGHTS,
    "system": SYSTEM_RIGHTS,
}
TAKEN_BY: dict[Kind, tuple[str, ...]] = {
    "channel": ("intake",),
    "unit": ("intake", "routing", "scoring", "notify"),
    "provider": ("notify",),
    "system": ("scoring",),
}
"""Services with clients of each kind."""
_INSTANT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)

File = Annotated[Path, typer.Argument(help="file of keys")]


@app.command()
def new(
    channel: Annotated[str | None, typer.Option(parser=channel_id, help="channel that uses the key, at intake")] = None,
    unit: Annotated[str | None, typer.Option(help="unit that uses the key, at every service")] = None,
    post: Annotated[
        str | None, typer.Option(help="the unit's post that acts with the key, such as police-beicheng.desk-2")
    ] = None,
    provider: Annotated[str | None, typer.Option(help="whose receipts it brings, at notify: sms, mail, …")] = None,
    system: Annotated[
        str | None, typer.Option(help="system whose items are watched, at scoring: e-supervision, …")
    ] = None,
    right: Annotated[
        list[str] | None,
        typer.Option(
            help=f"of a channel {', '.join(RIGHTS)}; of a unit or system {', '.join(UNIT_RIGHTS)}; all where left out;"
            f" of a unit also {OPERATE}"
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help="service that accepts the key, repeatable; default: all with clients of this kind"),
    ] = None,
    expires: Annotated[str, typer.Option(help="instant with time zone from which it is refused; else never")] = "",
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="the same, so many days from now")] = None,
    per_minute: Annotated[int, typer.Option(min=1, help="requests it may make in a minute")] = 600,
    file: Annotated[Path | None, typer.Option(help="append to this file of keys instead of printing the lines")] = None,
) -> None:
    """A new key: itself on the first line, never to be seen again; then what is stored of it."""
    speakers: dict[Kind, str | None] = {"channel": channel, "unit": unit, "provider": provider, "system": system}
    named = [(kind, str(name)) for kind, name in speakers.items() if name is not None]
    if len(named) != 1:
        raise typer.BadParameter("name one of the four", param_hint="--channel / --unit / --provider / --system")
    kind, speaker = named[0]
    if post is not None and (kind != "unit" or not re.fullmatch(POST, post) or len(post) > 80):
        raise typer.BadParameter("a unit's post, such as police-beicheng.desk-2, with --unit", param_hint="--post")
    rights = RIGHTS_OF[kind]
    _known(right, {*rights, *((OPERATE,) if unit else ())}, "--right")
    _known(service, TAKEN_BY[kind], "--service")
    if expires and days:
        raise typer.BadParameter("one of the two", param_hint="--expires / --days")
    end = datetime.now(UTC) + timedelta(days=days) if days else _instant(expires, "--expires") if expires else None
    key, kept = new_key(speaker, right or rights, per_minute, kind=kind, post=post, services=service or (), expires=end)
    if file is not None:
        _append(file, kept)
    typer.echo(key)
    typer.echo(f"stored in {file}" if file else f"\n# into the file that XN_HTTP_KEYS_FILE names\n{stored(kept)}")


@app.command("list")
def list_(file: File) -> None:
    """List the keys of a file with client, services, rights and expiry, without hashes."""
    table = Table("key", "kind", "speaker", "post", "services", "rights", "per minute", "expires")
    now = datetime.now(UTC)
    for key in _read(file).keys:
        end = key.expires.isoformat(timespec="seconds") if key.expires else "never"
        kind = key.kind or kind_of(key.speaker, key.rights)
        services = ", ".join(sorted(key.services) or TAKEN_BY[kind])
        until = f"{end} (expired)" if key.expired(now) else end
        rights = ", ".join(sorted(key.rights))
        table.add_row(key.id, kind, key.speaker, key.post or "", services, rights, str(key.per_minute), until)
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(table)


@app.command()
def expire(
    file: File,
    key: Annotated[str, typer.Argument(help="id of the key, as listed")],
    at: Annotated[str, typer.Option(help="instant with time zone from which the key is refused; default: now")] = "",
) -> None:
    """Set a key's expiry in the file, which services reload within seconds."""
    ring, end = _read(file), _instant(at, "--at") if at else datetime.now(UTC)
    if key not in {each.id for each in ring.keys}:
        raise Fault(Exit.NO, f"{file}: there is no key {key}")
    text = _with_expiry(file.read_text("utf-8"), key, end)
    wanted = [
        each.model_copy(update={"expires": end.replace(microsecond=0)}) if each.id == key else each
        for each in ring.keys
    ]
    if list(KeyRing.read(None, text).keys) != wanted:
        raise Fault(Exit.CONTENT, f"{file}: write `{expiry_line(end)}` into the table of {key} yourself")
    _replace(file, text)
    typer.echo(f"{key} expires at {end.isoformat(timespec='seconds')}")


@app.command()
def pair() -> None:
    """A new pair of keys for contacts: the private one is notify's alone, the public one is intake's."""
    private = new_private_key()
    typer.echo(f"XN_CONTACT_PRIVATE_KEY={private}\nXN_CONTACT_PUBLIC_KEY={public_key_of(private)}")


@app.command()
def check(file: File) -> None:
    """Fail when services would reject this file, or when a key lists a service without clients of its kind."""
    keys, now = _read(file).keys, datetime.now(UTC)
    if faults := [fault for key in keys for fault in _faults(key)]:
        for fault in faults:
            typer.echo(f"{file}: {fault}", err=True)
        raise typer.Exit(Exit.NO)
    typer.echo(f"{len(keys)} keys")
    taken = Counter(
        service for key in keys for service in (key.services or TAKEN_BY[key.kind or kind_of(key.speaker, key.rights)])
    )
    typer.echo(", ".join(f"{service}: {taken[service]}" for service in SERVICES))
    if expired := [key.id for key in keys if key.expired(now)]:
        typer.echo(f"expired: {', '.join(expired)}")


def _faults(key: ApiKey) -> Iterable[str]:
    kind = key.kind or kind_of(key.speaker, key.rights)
    if strangers := key.services - set(TAKEN_BY[kind]):
        yield f"key {key.id} of a {kind} is meant for {', '.join(sorted(strangers))}, which does not take it"


def _known(given: Iterable[str] | None, known: Iterable[str], option: str) -> None:
    if strangers := set(given or ()) - set(known):
        raise typer.BadParameter(f"none of its: {', '.join(sorted(strangers))}", param_hint=option)


def _instant(text: str, option: str) -> datetime:
    try:
        return _INSTANT.validate_strings(text)
    except ValidationError:
        raise typer.BadParameter("write an instant with its time zone", param_hint=option) from None


def _with_expiry(text: str, id: str, end: datetime) -> str:
    """Return the text with the key's expiry replaced."""
    parts = re.split(r"(?m)^(?=\[\[key\]\])", text)
    for place, part in enumerate(parts):
        if re.search(rf"(?m)^id\s*=\s*[\"']{id}[\"']", part):
            without = re.sub(r"(?m)^expires\s*=.*\n?", "", part)
            parts[place] = re.sub(r"(?m)^(id\s*=.*)$", rf"\1\n{expiry_line(end)}", without, count=1)
    return "".join(parts)


def _replace(file: Path, text: str) -> None:
    """A reader finds the old content or the new one, never a part; the file's mode and links to it stay."""
    file = file.resolve()
    with (
        writing(file),
        NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", encoding="utf-8", delete=False) as fresh,
    ):
        fresh.write(text)
    Path(fresh.name).chmod(file.stat().st_mode & 0o777)
    Path(fresh.name).replace(file)


def _append(file: Path, key: ApiKey) -> None:
    """Adds the key to the end of the file, which its owner alone may read."""
    begun = ""
    if file.exists():
        _read(file)
        begun = "\n" if file.read_bytes()[-1:] not in (b"", b"\n") else ""
    with (
        writing(file),
        os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as kept,
    ):
        kept.write(begun + stored(key) + "\n")


def _read(file: Path) -> KeyRing:
    """Read the file. Raises `Fault` when it is missing, `KeysError` when its content is invalid."""
    try:
        return KeyRing.read(file, None)
    except KeysError as error:
        if isinstance(error.__context__, OSError):
            raise Fault(Exit.FILE, str(error)) from None
        raise
