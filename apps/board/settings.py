"""Settings of the board, from the environment (prefix ``XN_``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from apps.web.settings import StaffSettings


class BoardSettings(StaffSettings):
    """What the board reads beside the settings of every app that people sign in to."""

    web_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        default=8092, description="port of the board; 0: any free one"
    )
    board_traces_key: SecretStr = Field(
        default=SecretStr(""),
        description="key that services send as `X-API-Key` with their spans; empty: the board takes no spans",
    )
    board_traces_file: Path = Field(
        default=Path("var/board/traces.sqlite"), description="SQLite file of the board with recent spans"
    )
    board_traces_hours: Annotated[float, Field(gt=0)] = Field(default=72.0, description="spans are deleted after it")
    board_traces_most_mb: Annotated[int, Field(ge=1)] = Field(
        default=256, description="megabytes of spans; beyond it the oldest are deleted"
    )
