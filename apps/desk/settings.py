"""Settings of the desk."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from apps.web.settings import StaffSettings


class DeskSettings(StaffSettings):
    """What the desk needs to know beside the settings of every staff app."""

    web_port: int = Field(default=8091, ge=0, le=65_535, description="port of the app; 0: any free one")
    desk_file: Path = Field(
        default=Path("var/desk/desk.sqlite"), description="SQLite file of the saved searches of people"
    )
