"""API keys and issuers of one service, selected from the shared keys file and reloaded when the file changes.

When a new version of the file is invalid, the previous one stays in use; the error is logged, counted, and shown by
`/readyz`.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

from infra.clock import Clock, system_clock
from infra.http.keys import ApiKey, Client, Issuer, KeyRing, KeysError, Kind
from infra.http.tokens import TokenVerifier, is_token
from infra.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Interval between two checks whether the file has changed."""
SETTLED_SECONDS = 0.3
"""A file modified more recently than this may be incomplete and is read at the next check."""
WARN = timedelta(days=14)
"""Keys that expire within this time are logged when the file is read."""

Signature = tuple[int, int, int]
"""Inode, modification time and size, by which a changed file is recognised."""


class KeyFile:
    """The API keys of one service. `find` checks for a changed file at most once a second."""

    def __init__(
        self,
        file: Path | None,
        inline: str | None,
        wanted: Callable[[ApiKey], ApiKey | None] = lambda key: key,
        wanted_issuer: Callable[[Issuer], Issuer | None] = lambda issuer: issuer,
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Read the file. The functions return a key or issuer as the service uses it, or None. Raises `KeysError`."""
        self._file = file
        self._inline = inline
        self._wanted = wanted
        self._wanted_issuer = wanted_issuer
        self._clock = clock
        self._monotonic = monotonic
        self._wall = wall
        self.fault: str | None = None
        """Why the newest version of the file is not in use; None when it is."""
        self._signature = self._sign()
        self._seen = self._signature
        self._looked_at = monotonic()
        self.ring = KeyRing()
        self._tokens = TokenVerifier(())
        self._use(self._read())

    @classmethod
    def of(
        cls,
        settings: Settings,
        service: str,
        kind_of: Callable[[str, Collection[str]], Kind],
        *kinds: Kind,
    ) -> KeyFile:
        """Select the keys and issuers of a service whose clients are of these kinds.

        `kind_of` derives the kind of clients whose keys, in older files, do not name it; selected keys have it.
        Raises `KeysError`.
        """

        def wanted(key: ApiKey) -> ApiKey | None:
            kind = key.kind or kind_of(key.speaker, key.rights)
            meant = not key.services or service in key.services
            return key.model_copy(update={"kind": kind}) if meant and kind in kinds else None

        def wanted_issuer(issuer: Issuer) -> Issuer | None:
            taken = issuer.kinds & set(kinds)
            meant = not issuer.services or service in issuer.services
            return issuer.model_copy(update={"kinds": taken}) if meant and taken else None

        inline = settings.http_keys.get_secret_value() if settings.http_keys else None
        return cls(settings.http_keys_file, inline, wanted, wanted_issuer)

    def find(self, presented: str) -> Client | None:
        """The client of a key, even if the key has expired, or of a token; None for an unknown key.

        Raises `TokenFault` for a token that is not valid or has expired.
        """
        self.look()
        return self._tokens.client_of(presented, self._clock()) if is_token(presented) else self.ring.find(presented)

    def has_expired(self, client: Client) -> bool:
        """Whether the client's key has expired."""
        return isinstance(client, ApiKey) and client.expired(self._clock())

    def look(self) -> None:
        """Reload a changed file once it has not been written to for `SETTLED_SECONDS`."""
        now = self._monotonic()
        if self._file is None or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        signature = self._sign()
        if signature == self._signature:
            self._seen = signature
            return
        being_written = signature is not None and abs(self._wall() - signature[1] / 1e9) < SETTLED_SECONDS
        if being_written and signature != self._seen:
            self._seen = signature
            self._looked_at = now - LOOK_SECONDS + SETTLED_SECONDS
            return
        self._seen = self._signature = signature
        try:
            self._use(self._read())
            self.fault = None
        except KeysError as error:
            self.fault = str(error)
            fields = {"why": self.fault}
            log.error("keys file invalid; previous keys stay in use", extra={"fields": fields})  # noqa: TRY400 - no traceback is needed
        else:
            loaded = {"keys": len(self.ring), "issuers": len(self.ring.issuers)}
            log.info("keys reloaded", extra={"fields": loaded})

    def _use(self, ring: KeyRing) -> None:
        self._tokens = TokenVerifier(ring.issuers)
        self.ring = ring

    def seconds_to_expiry(self) -> float:
        """Seconds until the next unexpired key or issuer expires; infinite when none will."""
        self.look()
        now = self._clock()
        left = [
            (key.expires - now).total_seconds() for key in self.ring.entries if key.expires and not key.expired(now)
        ]
        return min(left, default=math.inf)

    def note(self) -> str | None:
        """A line for `/readyz` while the keys in use are older than the file."""
        self.look()
        return f"keys file invalid, previous keys in use: {self.fault}" if self.fault else None

    def _read(self) -> KeyRing:
        every = KeyRing.read(self._file, self._inline)
        if not every.entries and self.ring.entries:  # a file that was cut short must not shut every partner out
            raise KeysError(f"{self._file}: it has no key any more: expire keys to refuse them all")
        ring = every.chosen(self._wanted, self._wanted_issuer)
        now = self._clock()
        for key in ring.entries:
            if key.expires is not None and key.expires - now < WARN:
                what = "a key has expired" if key.expired(now) else "a key expires soon"
                log.warning(what, extra={"fields": {"key": key.id, "expires": key.expires.isoformat()}})
        return ring

    def _sign(self) -> Signature | None:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
