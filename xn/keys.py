"""`xn keys`: API keys for HTTP, stored as hashes; issuers of tokens; and key pairs that seal contacts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from contracts.channel_tables import channel_id
from contracts.roles import SERVICES
from contracts.speakers import kind_of
from infra.exits import Exit, Fault
from infra.http.keys import KINDS, POST, ApiKey, Issuer, KeyRing, Kind, expiry_line, new_key, stored
from infra.sealing import new_private_key, public_key_of
from xn import keys_file
from xn.issuers import new_issuer

app = typer.Typer(
    name="keys", no_args_is_help=True, help="API keys of channels, units, providers and systems, and issuers of tokens."
)

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
    end = _end(expires, days)
    key, kept = new_key(speaker, right or rights, per_minute, kind=kind, post=post, services=service or (), expires=end)
    if file is not None:
        keys_file.append(file, stored(kept))
    typer.echo(key)
    typer.echo(f"stored in {file}" if file else f"\n# into the file that XN_HTTP_KEYS_FILE names\n{stored(kept)}")


@app.command()
def issuer(
    id: Annotated[str, typer.Option(help="name of the program that signs tokens: desk, …")],
    kind: Annotated[
        list[str], typer.Option(help=f"kind of client that its tokens may name, repeatable: {', '.join(KINDS)}")
    ],
    file: Annotated[Path, typer.Option(help="append the public key to this file of keys")],
    private_key: Annotated[Path, typer.Option(help="new file for the private key, a JSON Web Key")],
    right: Annotated[
        list[str] | None, typer.Option(help="right that its tokens may give, repeatable; default: no bound")
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help="service that accepts its tokens, repeatable; default: all with such clients"),
    ] = None,
    expires: Annotated[str, typer.Option(help="instant with time zone from which they are refused; else never")] = "",
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="the same, so many days from now")] = None,
    per_minute: Annotated[int, typer.Option(min=1, help="requests of each post in a minute")] = 600,
) -> None:
    """Make a key pair of a program that signs tokens for the people who have signed in to it."""
    _known(kind, KINDS, "--kind")
    kinds: list[Kind] = [each for each in KINDS if each in kind]
    _known(right, {OPERATE, *(right for each in kinds for right in RIGHTS_OF[each])}, "--right")
    _known(service, {each for kind in kinds for each in TAKEN_BY[kind]}, "--service")
    new_issuer(
        id,
        kinds,
        file,
        private_key,
        rights=right or (),
        services=service or (),
        per_minute=per_minute,
        expires=_end(expires, days),
    )
    typer.echo(f"stored in {file}; its private key in {private_key}")


@app.command("list")
def list_(file: File) -> None:
    """List the keys and issuers of a file with client, services, rights and expiry, without hashes."""
    table = Table("key", "kind", "speaker", "post", "services", "rights", "per minute", "expires")
    now = datetime.now(UTC)
    for each in keys_file.read(file).entries:
        end = each.expires.isoformat(timespec="seconds") if each.expires else "never"
        until = f"{end} (expired)" if each.expired(now) else end
        services, rights = ", ".join(_services(each)), ", ".join(sorted(each.rights))
        shown = (services, rights or "any", str(each.per_minute), until)
        if isinstance(each, Issuer):
            table.add_row(each.id, "issuer", f"of tokens: {', '.join(sorted(each.kinds))}", "", *shown)
        else:
            table.add_row(each.id, _kind(each), each.speaker, each.post or "", *shown)
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(table)


@app.command()
def expire(
    file: File,
    key: Annotated[str, typer.Argument(help="id of the key or issuer, as listed")],
    at: Annotated[str, typer.Option(help="instant with time zone from which the key is refused; default: now")] = "",
) -> None:
    """Set the expiry of a key or issuer in the file, which services reload within seconds."""
    ring, end = keys_file.read(file), _instant(at, "--at") if at else datetime.now(UTC)
    if key not in {each.id for each in ring.entries}:
        raise Fault(Exit.NO, f"{file}: there is no key {key}")
    text = keys_file.with_expiry(file.read_text("utf-8"), key, end)
    expired = {"expires": end.replace(microsecond=0)}
    wanted = tuple(each.model_copy(update=expired) if each.id == key else each for each in ring.entries)
    if KeyRing.read(None, text).entries != wanted:
        raise Fault(Exit.CONTENT, f"{file}: write `{expiry_line(end)}` into the table of {key} yourself")
    keys_file.replace(file, text)
    typer.echo(f"{key} expires at {end.isoformat(timespec='seconds')}")


@app.command()
def pair() -> None:
    """A new pair of keys for contacts: the private one is notify's alone, the public one is intake's."""
    private = new_private_key()
    typer.echo(f"XN_CONTACT_PRIVATE_KEY={private}\nXN_CONTACT_PUBLIC_KEY={public_key_of(private)}")


@app.command()
def check(file: File) -> None:
    """Fail when services would reject this file, or when a key or issuer lists a service without such clients."""
    ring, now = keys_file.read(file), datetime.now(UTC)
    if faults := [fault for each in ring.entries for fault in _faults(each)]:
        for fault in faults:
            typer.echo(f"{file}: {fault}", err=True)
        raise typer.Exit(Exit.NO)
    typer.echo(f"{len(ring)} keys" + (f", {len(ring.issuers)} issuers" if ring.issuers else ""))
    taken = Counter(service for each in ring.entries for service in _services(each))
    typer.echo(", ".join(f"{service}: {taken[service]}" for service in SERVICES))
    if expired := [each.id for each in ring.entries if each.expired(now)]:
        typer.echo(f"expired: {', '.join(expired)}")


def _faults(entry: ApiKey | Issuer) -> Iterable[str]:
    what = f"issuer {entry.id}" if isinstance(entry, Issuer) else f"key {entry.id} of a {_kind(entry)}"
    if strangers := entry.services - set(_takers(entry)):
        yield f"{what} is meant for {', '.join(sorted(strangers))}, which does not take it"


def _kind(key: ApiKey) -> Kind:
    return key.kind or kind_of(key.speaker, key.rights)


def _takers(entry: ApiKey | Issuer) -> list[str]:
    """The services with clients of its kinds."""
    kinds = entry.kinds if isinstance(entry, Issuer) else {_kind(entry)}
    return [service for service in SERVICES if any(service in TAKEN_BY[kind] for kind in kinds)]


def _services(entry: ApiKey | Issuer) -> list[str]:
    return sorted(entry.services) or _takers(entry)


def _end(expires: str, days: int | None) -> datetime | None:
    if expires and days:
        raise typer.BadParameter("one of the two", param_hint="--expires / --days")
    return datetime.now(UTC) + timedelta(days=days) if days else _instant(expires, "--expires") if expires else None


def _known(given: Iterable[str] | None, known: Iterable[str], option: str) -> None:
    if strangers := set(given or ()) - set(known):
        raise typer.BadParameter(f"none of its: {', '.join(sorted(strangers))}", param_hint=option)


def _instant(text: str, option: str) -> datetime:
    try:
        return _INSTANT.validate_strings(text)
    except ValidationError:
        raise typer.BadParameter("write an instant with its time zone", param_hint=option) from None
