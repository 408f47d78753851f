"""Settings of the city app, from the environment (prefix ``XN_``)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from apps.web.settings import StaffSettings


class CitySettings(StaffSettings):
    """What the city app needs besides."""

    web_port: int = Field(default=8093, ge=0, le=65_535, description="port of the app; 0: any free one")
    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="Kafka brokers, host:port, comma separated")
    city_place: str = Field(
        default="demo", pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", description="code of the place that is administered"
    )
    city_drafts: Path = Field(default=Path("var/city-drafts"), description="folder of changes not published yet")
