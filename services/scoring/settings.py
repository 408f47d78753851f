"""Settings of scoring beyond those of every service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from infra.sealing import secret_for
from infra.settings import Port, Settings


class ScoringSettings(Settings):
    """Scoring knows the code of each case, and who holds it by nothing else."""

    http_port: Port = Field(default=8083, description="port of health, metrics and documentation")
    rating_secret: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="makes rating codes, 16 characters or more; from the dead-letter key otherwise"
    )

    @property
    def rating_key(self) -> bytes:
        """From which rating codes are made."""
        if self.rating_secret is not None:
            return self.rating_secret.get_secret_value().encode()
        return secret_for("ratings", self.dead_letter_key.get_secret_value())
