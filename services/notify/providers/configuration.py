"""Which providers there are: a TOML file, or the same text in a setting. Errors name file and field, never a value."""

from __future__ import annotations

import ipaddress
import json
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from yarl import URL

from services.notify.providers.mime import Sender
from services.notify.settings import NotifySettings

Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class ProvidersError(ValueError):
    """The providers cannot be read; `str()` says where and what is wrong, never what stands there."""


class LaneTable(BaseModel):
    """How much a provider is trusted with, whatever it speaks."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    connections: Annotated[int, Field(ge=1, le=64)] = 4
    """Letters sent at the same time."""
    per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Letters in a second; none: as many as it takes."""
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 15.0
    """Of each step towards it."""
    limit_seconds: Annotated[float, Field(gt=0, le=600)] = 45.0
    """Of a letter as a whole; shorter than the lease of an attempt."""
    room: Annotated[int, Field(ge=1, le=100_000)] = 5_000
    """Letters that may wait."""
    failures: Annotated[int, Field(ge=1)] = 5
    """In a row, after which it is left alone."""
    reset_seconds: Annotated[float, Field(gt=0, le=3_600)] = 30.0
    """How long it is left alone."""


class MailTable(LaneTable):
    """A mail server."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 25
    username: Annotated[str | None, Field(repr=False)] = None
    """No log-in when absent."""
    password: SecretStr | None = None
    tls: bool = False
    """From the first byte on, as on port 465."""
    start_tls: bool | None = None
    """None: STARTTLS when the server offers it."""
    sender: str = "xiaoneng@city.invalid"
    """Address in From, or `name <address>`."""

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        try:
            Sender.of(sender)
        except ValueError:
            raise ValueError(
                "neither a mail address nor a name and <address>; quote a name that holds a comma"
            ) from None
        return sender

    @model_validator(mode="after")
    def _one_way_of_tls(self) -> Self:
        if self.tls and self.start_tls:
            raise ValueError("tls and start_tls exclude each other")
        return self

    @classmethod
    def of(cls, settings: NotifySettings) -> MailTable:
        """The mail server of the settings."""
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=settings.smtp_password,
            start_tls=settings.smtp_start_tls,
            connections=settings.smtp_connections,
            timeout_seconds=settings.smtp_timeout_seconds,
            sender=settings.sender,
        )


class HttpTable(LaneTable):
    """Somebody who is reached by HTTP."""

    url: SecretStr
    """May hold a token; `https` unless the host is this machine."""
    allow_http: bool = False
    """In clear text to another machine."""

    @property
    def address(self) -> URL:
        """As it is called. Raises `ValueError` where it is none."""
        return URL(self.url.get_secret_value())

    @model_validator(mode="after")
    def _fit_to_be_called(self) -> Self:
        try:
            url = self.address
        except ValueError:
            raise ValueError("url is no address") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("url is no address of http or https")
        if url.user is not None or url.password is not None:
            raise ValueError("url holds a password; there is a field for that")
        if url.scheme == "http" and not self.allow_http and not _is_loopback(url.host):
            raise ValueError("url must be https, unless allow_http is set")
        return self


class SmsTable(HttpTable):
    """An SMS gateway."""

    access_key: Annotated[str, Field(repr=False)]
    secret: SecretStr
    """Signs each request."""
    sign_name: Annotated[str, Field(min_length=1, max_length=20)]
    """短信签名: stands in 【】 before each text."""
    action: str = "SendSms"
    version: str = "2017-05-25"
    templates: dict[Literal["zh", "en"], dict[str, str]]
    """The gateway's code of each template, by language and name."""
    segments: Annotated[int, Field(ge=1, le=10)] = 1
    """SMS that one text may be joined from."""
    parameter_characters: Annotated[int, Field(ge=1)] = 35
    """Longest parameter that the gateway takes."""


class WebhookTable(HttpTable):
    """A system that is told by a request to an address of its own."""

    id: Key
    secret: SecretStr
    """Signs each request."""
    body: Literal["cloudevents", "plain"] = "cloudevents"
    """A CloudEvent as JSON, or what the template says and nothing around it."""


class Configuration(BaseModel):
    """All providers."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    mail: MailTable
    sms: SmsTable | None = None
    webhook: tuple[WebhookTable, ...] = ()

    @model_validator(mode="after")
    def _each_webhook_once(self) -> Self:
        if len({each.id for each in self.webhook}) < len(self.webhook):
            raise ValueError("two webhooks have one id")
        return self

    @classmethod
    def read(cls, file: Path | None, text: str | None, settings: NotifySettings) -> Configuration:
        """As the file or the text says; without a `[mail]` table mail goes as the settings say.

        Raises `ProvidersError`.
        """
        if file is not None and text:
            raise ProvidersError("providers stand in a file or in the setting, not in both")
        if file is not None:
            try:
                return _parsed(str(file), file.read_text("utf-8"), settings)
            except (OSError, UnicodeDecodeError) as error:
                raise ProvidersError(f"{file}: cannot be read ({type(error).__name__})") from None
        return _parsed("the setting", text or "", settings)


def _parsed(where: str, text: str, settings: NotifySettings) -> Configuration:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProvidersError(f"{where}: not TOML ({_place(error)})") from None
    try:
        if "mail" in tables:
            return Configuration.model_validate_json(json.dumps(tables, default=str))
        rest = json.dumps(tables | {"mail": {}}, default=str)
        return Configuration.model_validate_json(rest).model_copy(update={"mail": MailTable.of(settings)})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ProvidersError(f"{where}: {field}: {first['msg']}" if field else f"{where}: {first['msg']}") from None


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Line and column alone: what else the parser says may quote a secret."""
    _, _, place = str(error).rpartition("(")
    return place.rstrip(")") or "at its end"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
