"""The shared keys file: which service uses which key, reloading after a change, and expiry."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.speakers import kind_of
from infra.http.key_file import LOOK_SECONDS, KeyFile
from infra.http.keys import Kind, new_key, stored, stored_issuer
from infra.http.tokens import TokenFault
from infra.settings import Settings
from services.intake.settings import IntakeSettings
from tests.support.tokens import Signer

NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)
TAKEN: dict[str, tuple[Kind, ...]] = {
    "intake": ("channel", "unit"),
    "routing": ("unit",),
    "scoring": ("unit", "system"),
    "notify": ("unit", "provider"),
}


class Clocks:
    """A wall clock and a monotonic clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW
        self.seconds = 100.0

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def key_file(file: Path, clocks: Clocks) -> KeyFile:
    return KeyFile(file, None, clock=clocks, monotonic=lambda: clocks.seconds, wall=lambda: clocks.seconds + 1e6)


def write(file: Path, text: str, seconds: float) -> None:
    """Replace the file by a new one, as an editor does."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    os.utime(fresh, (seconds, seconds))
    fresh.replace(file)


def test_each_service_takes_its_own_out_of_one_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    made = {
        "channel": new_key("web", ["submit"], kind="channel"),
        "unit": new_key("ecology", ["act"], kind="unit"),
        "a unit named like a channel": new_key("radio", ["act"], kind="unit"),
        "unit at routing": new_key("police", ["act"], kind="unit", services=["routing"]),
        "provider": new_key("sms", ["report"], kind="provider"),
        "system": new_key("e-supervision", ["act"], kind="system"),
        "old channel": new_key("web", ["read"]),
        "old unit": new_key("city-office", ["read"]),
        "old provider": new_key("mail", ["report"]),
        "old key of a new channel": new_key("overseas-forum", ["submit", "read"]),
        "old key of a unit named like a provider": new_key("sms", ["act"]),
    }
    file.write_text("\n".join(stored(kept) for _, kept in made.values()))
    settings = IntakeSettings(dead_letter_key="x", contact_public_key="x", http_keys_file=file)  # type: ignore[arg-type]
    found = {
        service: {
            name
            for name, (key, _) in made.items()
            if KeyFile.of(settings, service, kind_of, *kinds).find(key) is not None
        }
        for service, kinds in TAKEN.items()
    }
    units = {"unit", "a unit named like a channel", "old unit", "old key of a unit named like a provider"}
    assert found == {
        "intake": {*units, "channel", "old channel", "old key of a new channel"},
        "routing": {*units, "unit at routing"},
        "scoring": {*units, "system"},
        "notify": {*units, "provider", "old provider"},
    }
    assert isinstance(settings, Settings)


def test_a_key_that_names_no_kind_has_the_derived_one_in_use(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    (channel, web), (unit, office) = new_key("web", ["read"]), new_key("city-office", ["read"])
    file.write_text(stored(web) + stored(office))
    settings = IntakeSettings(dead_letter_key="x", contact_public_key="x", http_keys_file=file)  # type: ignore[arg-type]
    keys = KeyFile.of(settings, "intake", kind_of, "channel", "unit")
    kinds = [found.kind for key in (channel, unit) if (found := keys.find(key))]
    assert kinds == ["channel", "unit"]


def test_a_changed_file_is_read_again_and_a_key_that_is_gone_is_refused(tmp_path: Path, clocks: Clocks) -> None:
    file = tmp_path / "keys.toml"
    (key, one), (other, two) = new_key("web", ["read"]), new_key("radio", ["read"])
    write(file, stored(one), 1)
    keys = key_file(file, clocks)
    assert (keys.find(key), keys.find(other)) == (one, None)
    write(file, stored(two), 2)
    assert keys.find(key) == one, "it is looked at once a second at most"
    clocks.seconds += LOOK_SECONDS
    assert (keys.find(key), keys.find(other)) == (None, two)


@pytest.mark.parametrize("broken", ["[[key", "[[key]]\nid = 1\n", None])
def test_a_broken_file_leaves_the_old_keys_in_force_and_is_reported(
    tmp_path: Path, clocks: Clocks, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys.toml"
    key, kept = new_key("web", ["read"])
    write(file, stored(kept), 1)
    keys = key_file(file, clocks)
    if broken is None:
        file.unlink()
    else:
        write(file, broken, 2)
    clocks.seconds += LOOK_SECONDS
    assert keys.find(key) == kept
    note = keys.note()
    assert note is not None
    assert "keys.toml" in note
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "keys file invalid; previous keys stay in use"
    ]
    write(file, stored(kept), 3)
    clocks.seconds += LOOK_SECONDS
    assert keys.find(key) == kept
    assert keys.note() is None


def test_a_file_that_is_being_written_is_left_for_the_next_look(tmp_path: Path, clocks: Clocks) -> None:
    file = tmp_path / "keys.toml"
    key, kept = new_key("web", ["read"])
    write(file, stored(kept), 1)
    keys = key_file(file, clocks)
    clocks.seconds += LOOK_SECONDS
    write(file, "", clocks.seconds + 1e6)
    assert keys.find(key) == kept
    write(file, stored(kept) + "\n", clocks.seconds + 1e6)
    clocks.seconds += LOOK_SECONDS
    assert keys.find(key) == kept


def test_the_next_expiry_is_known_and_what_is_over_does_not_count(tmp_path: Path, clocks: Clocks) -> None:
    file = tmp_path / "keys.toml"
    ends = (NOW - timedelta(days=1), NOW + timedelta(seconds=90), NOW + timedelta(days=90), None)
    made = [new_key("web", ["read"], expires=end) for end in ends]
    file.write_text("\n".join(stored(kept) for _, kept in made))
    keys = key_file(file, clocks)
    assert keys.seconds_to_expiry() == 90
    clocks.now += timedelta(seconds=90)
    assert [kept.expired(clocks()) for _, kept in made] == [True, True, False, False]
    clocks.now += timedelta(days=365)
    assert keys.seconds_to_expiry() == math.inf


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no key any more"),
        ("# all gone", "it has no key any more"),
        ("[[keys]]\nid = 'abcd'\n", "'keys' is unknown: use tables"),
        ("[[key]]\nid = 'ab", "not TOML"),
        ("key = " + "[" * 5_000, "not TOML"),
        ("key = 1", "valid list"),
        ("\udcff", "cannot be read (UnicodeDecodeError)"),
        ("[[key]]\nexpires = 2026-12-01T00:00:00", "key.0.id: Field required"),
    ],
)
def test_a_version_that_shuts_everyone_out_by_mistake_is_not_taken(
    text: str, why: str, tmp_path: Path, clocks: Clocks
) -> None:
    file = tmp_path / "keys.toml"
    key, kept = new_key("web", ["submit"])
    write(file, stored(kept), 1)
    keys = key_file(file, clocks)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    clocks.seconds += LOOK_SECONDS
    assert keys.find(key) is not None
    note = keys.note()
    assert note is not None
    assert why in note


def test_links_that_change_to_another_folder_are_followed(tmp_path: Path, clocks: Clocks) -> None:
    """Kubernetes exchanges a secret by one link; the link of the file itself stays."""
    made = [new_key("web", ["submit"]) for _ in range(2)]
    for number, (_, kept) in enumerate(made):
        (tmp_path / f"v{number}").mkdir()
        (tmp_path / f"v{number}" / "keys.toml").write_text(stored(kept))
    (tmp_path / "data").symlink_to("v0")
    file = tmp_path / "keys.toml"
    file.symlink_to(Path("data") / "keys.toml")
    keys = key_file(file, clocks)
    assert keys.find(made[0][0]) is not None
    (tmp_path / "fresh").symlink_to("v1")
    (tmp_path / "fresh").replace(tmp_path / "data")
    clocks.seconds += LOOK_SECONDS
    assert keys.find(made[1][0]) is not None
    assert keys.find(made[0][0]) is None


def test_a_service_accepts_the_tokens_that_are_meant_for_it_and_of_its_kinds(tmp_path: Path) -> None:
    desk, hall = Signer("desk"), Signer("hall")
    file = tmp_path / "keys.toml"
    issuers = (desk.issuer(), hall.issuer(kinds=frozenset({"channel"}), services=frozenset({"intake"})))
    file.write_text("\n".join(map(stored_issuer, issuers)))
    settings = IntakeSettings(dead_letter_key="x", contact_public_key="x", http_keys_file=file)  # type: ignore[arg-type]
    tokens = desk.token("ecology"), desk.token("web", kind="channel"), hall.token("web", kind="channel")
    taken = {}
    for service in ("intake", "routing", "notify"):
        keys = KeyFile.of(settings, service, kind_of, *TAKEN[service])
        taken[service] = [accepted(keys, each) for each in tokens]
    assert taken == {
        "intake": ["ecology", "web", "web"],
        "routing": ["ecology", "kind_not_allowed", "issuer_unknown"],
        "notify": ["ecology", "kind_not_allowed", "issuer_unknown"],
    }


def accepted(keys: KeyFile, token: str) -> str:
    try:
        found = keys.find(token)
    except TokenFault as fault:
        return fault.detail
    assert found is not None
    return found.speaker


def test_an_issuer_that_expires_is_refused_at_the_next_reading(tmp_path: Path, clocks: Clocks) -> None:
    file, desk = tmp_path / "keys.toml", Signer()
    write(file, stored_issuer(desk.issuer()), 1)
    keys = key_file(file, clocks)
    token = desk.token("ecology", now=NOW.timestamp())
    assert accepted(keys, token) == "ecology"
    write(file, stored_issuer(desk.issuer(expires=NOW)), 2)
    clocks.seconds += LOOK_SECONDS
    assert accepted(keys, token) == "issuer_expired"
    write(file, "# empty", 3)
    clocks.seconds += LOOK_SECONDS
    assert accepted(keys, token) == "issuer_expired"
    assert "it has no key any more" in str(keys.note())
