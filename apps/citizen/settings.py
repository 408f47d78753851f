"""Settings of the public pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from apps.web.settings import WebSettings


class CitizenSettings(WebSettings):
    """What the public pages need to know beside the settings of every app."""

    web_secret: SecretStr = Field(description="encrypts the cookie that proves whose case a browser follows")
    citizen_key: SecretStr = Field(
        description="API key of the channel that the public pages file for, such as `web`; rights submit and read"
    )
    citizen_hotline: str = Field(default="12345", description="telephone number that the public pages name for help")
    citizen_filings_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=10, description="complaints that the public pages accept from one address in a minute"
    )
    citizen_uploads_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=60, description="files that the public pages accept from one address in a minute"
    )
    citizen_upload_bytes: Annotated[int, Field(ge=1024)] = Field(
        default=20_000_000, description="largest file that the public pages pass on; at most `XN_FILES_MOST_BYTES`"
    )
    citizen_number_seconds: Annotated[float, Field(ge=0)] = Field(
        default=4.0, description="how long the receipt page waits for the number of a new case"
    )
