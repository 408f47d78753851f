"""Settings of routing beyond those of every service."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from infra.objects.settings import UploadSettings
from infra.settings import Port


class RoutingSettings(UploadSettings):
    """Its own port, uploads of evidence, and learned suggestions."""

    http_port: Port = Field(default=8082, description="port of health, metrics and documentation")
    suggestions: Path | None = Field(
        default=None,
        description="weights that `xn suggest train` wrote; a dispatcher's queue is shown without otherwise",
    )
