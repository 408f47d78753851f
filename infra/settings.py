"""Settings of every service, from the environment (prefix ``XN_``). Secrets are never printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.endpoints import checked, checked_uri

Port = Annotated[int, Field(ge=1, le=65_535)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)]


class Settings(BaseSettings):
    """What each service needs to know; a service adds its own in `services/<name>/settings.py`."""

    model_config = SettingsConfigDict(env_prefix="XN_", extra="ignore", hide_input_in_errors=True)

    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="host:port, comma separated")
    mongo_uri: SecretStr = Field(
        default=SecretStr("mongodb://127.0.0.1:27017/?directConnection=true"), description="may hold a password"
    )
    mongo_database: str = Field(default="xn", description="prefix of the database names: `<prefix>_<service>`")
    http_host: str = Field(default="127.0.0.1", description="address the HTTP side listens on")
    http_port: Port = Field(default=8080, description="port of health, metrics, AsyncAPI and the service's own routes")
    admin_port: Port | None = Field(
        default=None, description="port of probes, metrics and AsyncAPI alone; without it they are on `XN_HTTP_PORT`"
    )
    admin_host: str | None = Field(default=None, description="address of the admin port; default: `XN_HTTP_HOST`")
    http_proxies: str = Field(
        default="127.0.0.1", description="addresses, comma separated, whose `X-Forwarded-For` is believed"
    )
    http_keys_file: Path | None = Field(
        default=None,
        description="TOML file of hashed API keys and issuers of tokens, written by `xn keys new` and `issuer`",
    )
    http_keys: SecretStr | None = Field(default=None, description="the same text in a variable instead of a file")
    http_body_bytes: Annotated[int, Field(ge=1024)] = Field(
        default=262_144, description="largest body of a request; more is answered with 413"
    )
    http_seconds: Positive = Field(default=10.0, description="a request that takes longer is given up")
    http_head_seconds: Positive = Field(
        default=10.0, description="a connection without a complete head of a request is closed after it"
    )
    http_connections: Count = Field(
        default=800, description="most open connections; beyond, the one that has sent no head for longest is closed"
    )
    policies: Path = Field(
        default=Path("policies/demo"), description="folder of the place's configuration; its name is the place's"
    )
    reference: Literal["topics", "folder"] = Field(
        default="topics", description="`topics`: as published, from the folder when nothing is; `folder`: it alone"
    )
    reference_look_seconds: Positive = Field(default=2.0, description="a new version comes into force within this time")
    dead_letter_key: SecretStr = Field(description="base64 of 32 bytes; seals and opens dead letters")

    @field_validator("*", mode="before")
    @classmethod
    def _named(cls, value: Any, about: ValidationInfo) -> Any:
        """An empty path would be the working directory."""
        if value == "" and about.field_name and "Path" in str(cls.model_fields[about.field_name].annotation):
            raise ValueError("empty: give it a value, or unset it")
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _collector(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("write http://host:port or https://host:port")
        return value

    @field_validator("kafka_bootstrap")
    @classmethod
    def _brokers(cls, value: str) -> str:
        return checked(value)

    @field_validator("mongo_uri")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        checked_uri(value.get_secret_value())
        return value

    batch_records: Count = Field(default=500, description="most records taken at once")
    batch_wait_ms: Count = Field(default=200, description="how long an empty poll waits")
    fetch_wait_ms: Count = Field(default=50, description="`fetch.max.wait.ms`")
    session_timeout_ms: Count = Field(default=30_000, description="`session.timeout.ms`: a silent member is dropped")
    stop_seconds: NotNegative = Field(default=20.0, description="how long a stop waits for the batch in hand")
    stuck_seconds: Positive = Field(default=120.0, description="no progress on a batch in hand for so long: not alive")
    engine_seconds: Positive = Field(
        default=2.0, description="an engine that has answered nothing for so long counts as away: not ready"
    )
    tick_seconds: Positive = Field(default=0.5, description="pause between two looks for what is due")
    ahead_seconds: NotNegative = Field(
        default=60.0,
        description="crowds of timers are decided so long before they fall due; 0, and on an accelerated clock: never",
    )
    sweep_seconds: Positive = Field(default=10.0, description="pause between two looks for unpublished events")
    sweep_grace_seconds: NotNegative = Field(
        default=10.0, description="age at which another's unpublished events are taken over"
    )
    announce_again_hours: NotNegative = Field(
        default=24.0, description="after a broker lost its data, what was said so lately is said again"
    )
    dead_letters_in_a_row: Count = Field(default=50, description="failures in a row that halt the consumer")

    otlp_endpoint: str | None = Field(default=None, description="OTLP/HTTP base URL; traces are exported when set")
    log_level: Level = Field(default="INFO", description="of the JSON log on standard output")

    clock_origin: AwareDatetime | None = Field(default=None, description="instant an accelerated clock starts from")
    clock_speed: Positive = Field(default=1.0, description="how many times as fast as the wall it runs")
