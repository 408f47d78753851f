"""Settings of the apps with pages, from the environment (prefix ``XN_``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Where the four services are."""

    model_config = SettingsConfigDict(
        env_prefix="XN_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    intake_url: str = Field(default="http://127.0.0.1:8081", description="base address of intake's HTTP API")
    routing_url: str = Field(default="http://127.0.0.1:8082", description="base address of routing's HTTP API")
    scoring_url: str = Field(default="http://127.0.0.1:8083", description="base address of scoring's HTTP API")
    notify_url: str = Field(default="http://127.0.0.1:8084", description="base address of notify's HTTP API")
    service_seconds: Annotated[float, Field(gt=0)] = Field(
        default=10.0, description="timeout of a request of an app to a service"
    )


class WebSettings(ServiceSettings):
    """What each app with pages needs to know; an app adds its own."""

    web_host: str = Field(default="127.0.0.1", description="address the app listens on")
    web_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        default=8090, description="port of the app; 0: any free one"
    )
    web_url: str = Field(default="", description="public address of the app; default: the address it listens on")
    web_proxies: str = Field(
        default="127.0.0.1", description="addresses, comma separated, whose `X-Forwarded-*` headers an app believes"
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL")


class StaffSettings(WebSettings):
    """Further settings of apps that people sign in to."""

    web_secret: SecretStr = Field(
        min_length=12, description="signs the cookies of sessions; the apps that share it share their sessions"
    )
    session_idle_minutes: Annotated[int, Field(ge=1)] = Field(
        default=30, description="a session without requests ends after it"
    )
    session_hours: Annotated[int, Field(ge=1)] = Field(default=10, description="every session ends after it")
    token_issuer: str = Field(default="desk", description="id of the `[[issuer]]` in the services' keys file")
    token_key_file: Path = Field(description="private key that signs the tokens: written by `xn keys issuer`")
    directory_file: Path | None = Field(
        default=None, description="TOML file of people, their posts and password hashes: a directory for trials"
    )
    oidc_issuer: str = Field(default="", description="OpenID Connect provider; empty: only the directory")
    oidc_client_id: str = Field(default="", description="this app's id at the provider")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="this app's secret at the provider")
    oidc_posts_claim: str = Field(default="xn_posts", description="claim that lists a person's posts")
    oidc_scope: str = Field(default="openid profile", description="scopes that are asked for")
