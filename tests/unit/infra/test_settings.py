"""Settings come from the environment, and secrets are in no text about them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from infra.exits import Exit, Fault
from infra.settings import Settings
from infra.starting import settings_of
from services.intake.settings import IntakeSettings
from services.notify.settings import NotifySettings
from services.routing.settings import RoutingSettings
from services.scoring.settings import ScoringSettings

SECRETS = {
    "XN_MONGO_URI": "mongodb://xn:hunter2-mongo@db/",
    "XN_DEAD_LETTER_KEY": "hunter2-letters",
    "XN_RATING_SECRET": "hunter2-hunter2-ratings",
    "XN_CONTACT_PRIVATE_KEY": "hunter2-contacts",
    "XN_SMTP_PASSWORD": "hunter2-mail",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XN_KAFKA_BOOTSTRAP", "XN_POLICIES", "XN_HTTP_PORT", "XN_CLOCK_ORIGIN", "XN_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XN_CONTACT_PUBLIC_KEY", "public")


@pytest.mark.parametrize("kind", [IntakeSettings, RoutingSettings, ScoringSettings, NotifySettings])
def test_no_secret_is_printed(kind: type[Settings]) -> None:
    settings = kind()
    for text in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "hunter2" not in text


def test_secrets_are_there_for_who_asks() -> None:
    settings = NotifySettings()
    assert settings.mongo_uri.get_secret_value() == SECRETS["XN_MONGO_URI"]
    assert settings.contact_private_key.get_secret_value() == "hunter2-contacts"
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == "hunter2-mail"


def test_rating_codes_are_made_from_their_own_secret_or_from_one_of_the_dead_letter_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ScoringSettings().rating_key == b"hunter2-hunter2-ratings"
    monkeypatch.delenv("XN_RATING_SECRET")
    derived = ScoringSettings().rating_key
    assert (len(derived), b"hunter2" in derived) == (32, False)
    monkeypatch.setenv("XN_DEAD_LETTER_KEY", "another")
    assert ScoringSettings().rating_key != derived
    monkeypatch.setenv("XN_RATING_SECRET", "short")
    with pytest.raises(ValidationError, match="rating_secret"):
        ScoringSettings()


def test_each_service_has_its_own_port() -> None:
    kinds: list[type[Settings]] = [IntakeSettings, RoutingSettings, ScoringSettings, NotifySettings]
    assert len({kind().http_port for kind in kinds}) == 4


def test_a_wrong_value_is_named_without_being_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XN_BATCH_RECORDS", "hunter2")
    with pytest.raises(ValidationError, match="batch_records") as error:
        RoutingSettings()
    assert "hunter2" not in str(error.value)


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XN_DEAD_LETTER_KEY")
    with pytest.raises(ValidationError, match="dead_letter_key"):
        RoutingSettings()


def test_the_origin_of_a_clock_needs_a_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XN_CLOCK_ORIGIN", "2026-11-23T09:00:00")
    with pytest.raises(ValidationError, match="clock_origin"):
        RoutingSettings()
    monkeypatch.setenv("XN_CLOCK_ORIGIN", "2026-11-23T17:00:00+08:00")
    assert RoutingSettings().clock_origin == datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("XN_HTTP_PORT", "0", "greater than or equal to 1"),
        ("XN_HTTP_PORT", "70000", "less than or equal to 65535"),
        ("XN_ADMIN_PORT", "", "valid integer"),
        ("XN_POLICIES", "", "empty: give it a value"),
        ("XN_HTTP_KEYS_FILE", "", "empty: give it a value"),
        ("XN_HTTP_SECONDS", "nan", "finite number"),
        ("XN_HTTP_HEAD_SECONDS", "inf", "finite number"),
        ("XN_STOP_SECONDS", "-1", "greater than or equal to 0"),
        ("XN_CLOCK_SPEED", "0", "greater than 0"),
        ("XN_DEAD_LETTERS_IN_A_ROW", "0", "greater than or equal to 1"),
        ("XN_LOG_LEVEL", "verbose", "'DEBUG', 'INFO'"),
        ("XN_OTLP_ENDPOINT", "collector:4318", "write http://host:port"),
    ],
)
@pytest.mark.parametrize("kind", [IntakeSettings, RoutingSettings, ScoringSettings, NotifySettings])
def test_a_value_that_cannot_work_is_refused_at_the_start(
    kind: type[Settings], name: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Fault, match=f"^{name}: .*{re.escape(line)}") as fault:
        settings_of(kind)
    assert fault.value.code == Exit.SETTING


def test_a_level_may_be_written_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XN_LOG_LEVEL", "debug")
    assert RoutingSettings().log_level == "DEBUG"


def test_settings_that_do_not_fit_together_are_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XN_FILES_STORE", "s3")
    with pytest.raises(Fault, match=r"^XN_FILES_STORE=s3 needs XN_FILES_S3_BUCKET$"):
        settings_of(IntakeSettings)
