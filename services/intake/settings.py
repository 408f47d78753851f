"""Settings of intake beyond those of every service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from infra.objects.settings import UploadSettings
from infra.sealing import secret_for
from infra.settings import Port


class IntakeSettings(UploadSettings):
    """Intake seals identities; it cannot open them."""

    http_port: Port = Field(default=8081, description="port of health, metrics and documentation")
    contact_public_key: str = Field(description="base64; notify's public key")
    index_file: Path | None = Field(
        default=None,
        description="SQLite file of this instance's search index; `var/index/intake-<port>.sqlite` without it",
    )
    http_public_url: str | None = Field(
        default=None, description="where the world reaches Open311, for its discovery; the request's own host otherwise"
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
