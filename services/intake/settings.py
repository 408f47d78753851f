"""Settings of intake beyond those of every service."""

from __future__ import annotations

from pydantic import Field

from infra.settings import Settings


class IntakeSettings(Settings):
    """Intake seals identities; it cannot open them."""

    http_port: int = Field(default=8081, description="port of health, metrics and documentation")
    contact_public_key: str = Field(description="base64; notify's public key")
    http_public_url: str | None = Field(
        default=None, description="where the world reaches Open311, for its discovery; the request's own host otherwise"
    )
