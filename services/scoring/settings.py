"""Settings of scoring beyond those of every service."""

from __future__ import annotations

from pydantic import Field

from infra.settings import Settings


class ScoringSettings(Settings):
    """Nothing but its own port."""

    http_port: int = Field(default=8083, description="port of health, metrics and documentation")
