"""Settings of notify beyond those of every service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from infra.endpoints import page_base
from infra.sealing import secret_for
from infra.settings import Port, Settings


class NotifySettings(Settings):
    """Notify alone opens contacts, and sends."""

    http_port: Port = Field(default=8084, description="port of health, metrics and documentation")
    contact_private_key: SecretStr = Field(description="base64; opens the contacts that intake sealed")
    contact_replaced_keys: SecretStr | None = Field(
        default=None, description="keys it has replaced, with commas: what they open is sealed anew; then destroy them"
    )
    smtp_host: str = Field(default="127.0.0.1", description="mail server")
    smtp_port: int = Field(default=25, description="its port")
    smtp_username: str | None = Field(default=None, description="no log-in when absent")
    smtp_password: SecretStr | None = Field(default=None, description="goes with the user name")
    smtp_start_tls: bool | None = Field(default=None, description="None: STARTTLS when the server offers it")
    smtp_connections: int = Field(default=4, ge=1, description="mails sent at the same time")
    smtp_timeout_seconds: float = Field(default=15.0, description="of each step towards the mail server")
    lease_seconds: float = Field(
        default=60.0, description="an attempt that has not ended then is made again; longer than its time-outs"
    )
    sender: str = Field(default="xiaoneng@city.invalid", description="address in From")
    providers_file: Path | None = Field(
        default=None, description="TOML file of mail server, SMS gateway and webhooks; without it mail goes as set here"
    )
    providers: SecretStr | None = Field(default=None, description="the same text in a variable instead of a file")
    rating_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None,
        description="makes rating codes and signs links, as in intake and scoring; from the dead-letter key otherwise",
    )
    paper_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="makes the codes that prove printed papers; from the dead-letter key otherwise"
    )
    public_url: str = Field(
        default="", description="address at which the public reaches notify: printed papers name it; empty: none"
    )

    citizen_url: str | None = Field(
        default=None,
        description="base of the complainant's pages, `/c/…` and `/r/…`; without it notices have no links",
    )
    desk_url: str | None = Field(
        default=None,
        description="base of the staff's pages, `/cases/<case id>`; without it notices have no links",
    )

    @field_validator("citizen_url", "desk_url")
    @classmethod
    def _pages(cls, value: str | None) -> str | None:
        return page_base(value) if value else None

    @property
    def paper_key(self) -> bytes:
        """From which the codes of printed papers are made."""
        if self.paper_secret is not None:
            return self.paper_secret.get_secret_value().encode()
        return secret_for("papers", self.dead_letter_key.get_secret_value())

    @property
    def rating_key(self) -> bytes:
        """From which the codes are made that an invitation to rate tells."""
        if self.rating_secret is not None:
            return self.rating_secret.get_secret_value().encode()
        return secret_for("ratings", self.dead_letter_key.get_secret_value())
