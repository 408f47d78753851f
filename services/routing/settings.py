"""Settings of routing beyond those of every service."""

from __future__ import annotations

from pydantic import Field

from infra.settings import Settings


class RoutingSettings(Settings):
    """Nothing but its own port."""

    http_port: int = Field(default=8082, description="port of health, metrics and documentation")
