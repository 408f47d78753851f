"""`xn keys`: what it prints once is what the service knows by its hash."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from typer.testing import CliRunner

from infra.exits import Exit
from infra.http.keys import KeyRing
from infra.http.tokens import TokenVerifier
from infra.sealing import Opener, Sealer
from tests.support.tokens import Signer
from xn.__main__ import run
from xn.keys import app

RUN = CliRunner()


def test_a_new_key_is_shown_once_and_its_lines_are_what_a_service_reads() -> None:
    done = RUN.invoke(app, ["new", "--channel", "web", "--right", "read", "--per-minute", "9"])
    assert done.exit_code == 0
    key, _, lines = done.output.partition("\n")
    found = KeyRing.read(None, lines).find(key)
    assert found is not None
    assert (found.speaker, set(found.rights), found.per_minute) == ("web", {"read"}, 9)
    assert key not in lines


def test_keys_are_added_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    keys = [
        RUN.invoke(app, ["new", "--channel", channel, "--file", str(file)]).output.splitlines()[0]
        for channel in ("web", "radio")
    ]
    ring = KeyRing.read(file, None)
    assert [found.speaker for key in keys if (found := ring.find(key))] == ["web", "radio"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert "2 keys" in RUN.invoke(app, ["check", str(file)]).output


@pytest.mark.parametrize(
    ("words", "rights"),
    [
        (["--unit", "city-office"], {"act", "read"}),
        (["--unit", "city-office", "--right", "read", "--right", "operate"], {"read", "operate"}),
        (["--provider", "sms"], {"report"}),
        (["--system", "e-supervision"], {"act", "read"}),
    ],
)
def test_a_key_allows_what_its_speaker_may_and_operating_only_where_it_is_named(
    words: list[str], rights: set[str]
) -> None:
    key, _, lines = RUN.invoke(app, ["new", *words]).output.partition("\n")
    found = KeyRing.read(None, lines).find(key)
    assert found is not None
    assert (found.speaker, set(found.rights)) == (words[1], rights)


def test_a_key_of_a_post_is_made_and_listed(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    words = ["--unit", "police-beicheng", "--post", "police-beicheng.desk-2", "--file", str(file)]
    assert RUN.invoke(app, ["new", *words]).exit_code == 0
    (key,) = KeyRing.read(file, None).keys
    assert (key.speaker, key.post, key.kind) == ("police-beicheng", "police-beicheng.desk-2", "unit")
    assert "police-beicheng.desk-2" in RUN.invoke(app, ["list", str(file)]).output
    assert RUN.invoke(app, ["expire", str(file), key.id]).exit_code == 0
    assert KeyRing.read(file, None).keys[0].post == "police-beicheng.desk-2"


@pytest.mark.parametrize(
    "words",
    [
        ["--channel", "web", "--post", "web.desk-1"],
        ["--provider", "sms", "--post", "sms.desk-1"],
        ["--unit", "ecology", "--post", "Li Wei"],
        ["--unit", "ecology", "--post", f"ecology.{'x' * 80}"],
        ["--provider", "sms", "--right", "operate"],
        ["--channel", "web", "--right", "report"],
        ["--unit", "ecology", "--provider", "sms"],
        ["--system", "e-supervision", "--right", "operate"],
        [],
    ],
)
def test_nobody_is_given_a_right_of_somebody_else(words: list[str]) -> None:
    assert RUN.invoke(app, ["new", *words]).exit_code == 2


def test_what_would_not_be_taken_is_refused(tmp_path: Path) -> None:
    assert RUN.invoke(app, ["new", "--channel", "web", "--right", "everything"]).exit_code == 2
    assert RUN.invoke(app, ["new", "--channel", "else where"]).exit_code == 2
    file = tmp_path / "keys.toml"
    file.write_text("[[key")
    assert run(["keys", "check", str(file)]) == Exit.CONTENT
    assert run(["keys", "new", "--channel", "web", "--file", str(file)]) == Exit.CONTENT
    assert file.read_text() == "[[key"


def test_a_pair_fits_together() -> None:
    lines = dict(line.split("=", 1) for line in RUN.invoke(app, ["pair"]).output.splitlines())
    box = Sealer(lines["XN_CONTACT_PUBLIC_KEY"]).seal(b"x")
    assert Opener(lines["XN_CONTACT_PRIVATE_KEY"]).open(box) == b"x"


def test_a_key_expires_when_it_is_made_to_and_nothing_else_in_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text("# keys of the city\n")
    file.chmod(0o600)
    for words in (["--channel", "web"], ["--unit", "ecology", "--days", "30"], ["--provider", "sms"]):
        assert RUN.invoke(app, ["new", *words, "--file", str(file)]).exit_code == 0
    before = KeyRing.read(file, None).keys
    assert [key.kind for key in before] == ["channel", "unit", "provider"]
    for index, at in ((1, "2027-01-01T00:00:00+08:00"), (0, "2026-12-31T12:00:00Z"), (0, "2026-12-30T12:00:00Z")):
        assert RUN.invoke(app, ["expire", str(file), before[index].id, "--at", at]).exit_code == 0
    after = KeyRing.read(file, None).keys
    assert after[2] == before[2]
    assert [key.expires.isoformat() if key.expires else None for key in after] == [
        "2026-12-30T12:00:00+00:00",
        "2027-01-01T00:00:00+08:00",
        None,
    ]
    assert [key.model_copy(update={"expires": None}) for key in after] == [
        key.model_copy(update={"expires": None}) for key in before
    ]
    assert file.read_text().startswith("# keys of the city\n")
    assert file.stat().st_mode & 0o777 == 0o600
    listed = RUN.invoke(app, ["list", str(file)]).output
    assert all(key.id in listed for key in after)
    assert "sha256" not in listed
    assert run(["keys", "expire", str(file), "ffffffff"]) == Exit.NO


def test_a_key_for_a_service_that_does_not_take_it_is_found(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    assert RUN.invoke(app, ["new", "--channel", "web", "--service", "routing"]).exit_code == 2
    assert RUN.invoke(app, ["new", "--system", "e-supervision", "--service", "routing"]).exit_code == 2
    assert RUN.invoke(app, ["new", "--unit", "ecology", "--service", "intake", "--file", str(file)]).exit_code == 0
    assert RUN.invoke(app, ["new", "--system", "e-supervision", "--file", str(file)]).exit_code == 0
    checked = RUN.invoke(app, ["check", str(file)])
    assert "intake: 1, routing: 0, scoring: 1, notify: 0" in checked.output
    file.write_text(file.read_text().replace('"unit"', '"provider"'))
    refused = RUN.invoke(app, ["check", str(file)])
    assert refused.exit_code == 1
    assert "of a provider is meant for intake, which does not take it" in refused.output


def test_a_key_is_added_behind_a_last_line_without_its_end(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    assert run(["keys", "new", "--channel", "web", "--file", str(file)]) == 0
    file.write_text(file.read_text("utf-8").rstrip("\n"), "utf-8")
    assert run(["keys", "new", "--channel", "radio", "--file", str(file)]) == 0
    assert KeyRing.read(file, None).speakers == {"web", "radio"}


def test_a_link_to_a_file_of_keys_stays_a_link(tmp_path: Path) -> None:
    """Kubernetes shows a secret as links into a folder of its version."""
    data, file = tmp_path / "..data", tmp_path / "keys.toml"
    data.mkdir()
    file.symlink_to(data / "keys.toml")
    assert run(["keys", "new", "--channel", "web", "--file", str(file)]) == 0
    (key,) = KeyRing.read(file, None).keys
    assert run(["keys", "expire", str(file), key.id]) == 0
    assert file.is_symlink()
    assert [each.name for each in data.iterdir()] == ["keys.toml"]
    assert all(each.expires for each in KeyRing.read(data / "keys.toml", None).keys)


def test_an_issuer_signs_tokens_with_the_private_key_that_its_owner_alone_reads(tmp_path: Path) -> None:
    file, private = tmp_path / "keys.toml", tmp_path / "desk.key"
    words = ["keys", "issuer", "--id", "desk", "--kind", "unit", "--kind", "channel", "--file", str(file)]
    assert run(["keys", "new", "--channel", "web", "--file", str(file)]) == 0
    assert run([*words, "--private-key", str(private), "--days", "30"]) == 0
    (issuer,) = KeyRing.read(file, None).issuers
    assert issuer.kinds == {"unit", "channel"}
    assert not issuer.rights
    assert issuer.expires is not None
    assert private.stat().st_mode & 0o777 == 0o600
    key = OKPKey.import_key(json.loads(private.read_text()))
    assert (key.kid, key.is_private) == ("desk", True)
    token = Signer("desk", key).token("ecology", rights=["act"])
    assert TokenVerifier([issuer]).client_of(token, datetime.now(UTC)).speaker == "ecology"
    assert str(key.as_dict(private=True)["d"]) not in file.read_text()


def test_an_issuer_is_listed_checked_and_expired(tmp_path: Path) -> None:
    file, private = tmp_path / "keys.toml", tmp_path / "desk.key"
    words = ["keys", "issuer", "--id", "desk", "--kind", "unit", "--file", str(file), "--private-key", str(private)]
    assert run(["keys", "new", "--channel", "web", "--file", str(file)]) == 0
    assert run([*words, "--service", "routing", "--right", "act", "--right", "operate"]) == 0
    listed = RUN.invoke(app, ["list", str(file)]).output
    assert "of tokens: unit" in listed
    assert "act, operate" in listed
    assert (
        "1 keys, 1 issuers\nintake: 1, routing: 1, scoring: 0, notify: 0"
        in RUN.invoke(app, ["check", str(file)]).output
    )
    assert run(["keys", "expire", str(file), "desk", "--at", "2026-01-01T00:00:00Z"]) == 0
    ring = KeyRing.read(file, None)
    assert [each.expires is not None for each in ring.entries] == [False, True]
    assert "expired: desk" in RUN.invoke(app, ["check", str(file)]).output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--id", "desk"], 2),
        (["--id", "desk", "--kind", "citizen"], 2),
        (["--id", "The Desk", "--kind", "unit"], 2),
        (["--id", "desk", "--kind", "unit", "--right", "submit"], 2),
        (["--id", "desk", "--kind", "channel", "--service", "routing"], 2),
        (["--id", "board", "--kind", "unit"], Exit.NO),
    ],
)
def test_an_issuer_that_does_not_fit_leaves_no_file(words: list[str], code: int, tmp_path: Path) -> None:
    file, private = tmp_path / "keys.toml", tmp_path / "desk.key"
    board = ["--id", "board", "--kind", "unit", "--file", str(file), "--private-key", str(tmp_path / "board.key")]
    assert run(["keys", "issuer", *board]) == 0
    before = file.read_text()
    assert run(["keys", "issuer", *words, "--file", str(file), "--private-key", str(private)]) == code
    assert file.read_text() == before
    assert not private.exists()


def test_a_private_key_is_never_overwritten_and_goes_with_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    private = tmp_path / "desk.key"
    words = ["keys", "issuer", "--id", "desk", "--kind", "unit", "--private-key", str(private), "--file"]
    assert run([*words, str(tmp_path / "none" / "keys.toml")]) == Exit.OUTPUT
    assert not private.exists()
    private.write_text("precious")
    assert run([*words, str(tmp_path / "keys.toml")]) == Exit.FILE
    assert private.read_text() == "precious"
    assert not (tmp_path / "keys.toml").exists()
