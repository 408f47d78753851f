"""Settings of intake beyond those of every service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from infra.objects.settings import FileSettings
from infra.sealing import secret_for
from infra.settings import Port


class IntakeSettings(FileSettings):
    """Intake seals identities; it cannot open them."""

    http_port: Port = Field(default=8081, description="port of health, metrics and documentation")
    contact_public_key: str = Field(description="base64; notify's public key")
    http_public_url: str | None = Field(
        default=None, description="where the world reaches Open311, for its discovery; the request's own host otherwise"
    )
    files_most_bytes: Annotated[int, Field(ge=1024)] = Field(
        default=20_000_000, description="size limit of an attachment"
    )
    files_at_once: Annotated[int, Field(ge=1)] = Field(
        default=3, description="attachments processed at the same time; each is in memory meanwhile"
    )
    files_seconds: float = Field(default=120.0, description="timeout of an upload")
    files_uncited_hours: Annotated[float, Field(gt=0)] = Field(
        default=24.0, description="time after which an upload that no registered case cites is deleted"
    )
    rating_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None,
        description="verifies links, makes rating codes, as in notify and scoring; from the dead-letter key otherwise",
    )

    @property
    def rating_key(self) -> bytes:
        """Verifies signed links, and makes rating codes."""
        if self.rating_secret is not None:
            return self.rating_secret.get_secret_value().encode()
        return secret_for("ratings", self.dead_letter_key.get_secret_value())
