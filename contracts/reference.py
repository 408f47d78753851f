"""Reference data of a place, as its centre publishes them: on one compacted topic, tables before the list of them.

One partition: whoever reads the list has read its tables. Tables are kept by their content and lists by their version,
so that every version a decision ever quoted can be looked up, and publishing the same again changes nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.instants import AwareDatetime
from contracts.message import Code, Message, PolicyVersion

Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="SHA-256 of the UTF-8 text of the table, lower-case hexadecimal"),
]


class TableHash(BaseModel):
    """One table of a version, known by its content."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    table: Code = Field(description="name of the table, such as `units`: its file without the suffix")
    sha256: Sha256


class ReferencePublished(Message):
    """A table of a place, word by word. It is in force in those versions whose `PlacePublished` names its hash."""

    TYPE: ClassVar[str] = "cn.xiaoneng.reference.published.v1"
    TOPIC: ClassVar[str] = "reference.places"

    place: Code = Field(description="the city or county")
    table: Code = Field(description="name of the table, such as `units`")
    sha256: Sha256
    content: str = Field(max_length=3_000_000, description="the table as TOML 1.0, comments included")
    published_at: AwareDatetime = Field(description="when the centre published it")

    @property
    def time(self) -> datetime:
        return self.published_at

    @property
    def key(self) -> str:
        return f"{self.place}/{self.table}/{self.sha256}"

    @property
    def whole(self) -> bool:
        """Whether the content is what its hash says."""
        return sha256_of(self.content) == self.sha256


class PlacePublished(Message):
    """A place has a new version: these tables and no others, from this instant on.

    A version that a service cannot use is refused by that service, which stays with the last good one and says so.
    """

    TYPE: ClassVar[str] = "cn.xiaoneng.place.published.v1"
    TOPIC: ClassVar[str] = "reference.places"

    place: Code = Field(description="the city or county")
    version: PolicyVersion
    valid_from: AwareDatetime = Field(description="no service uses the version earlier")
    tables: tuple[TableHash, ...] = Field(min_length=1, max_length=100, description="all tables of this version")
    published_by: str = Field(min_length=1, max_length=80, description="the post that published it; never a name")
    edited_by: str | None = Field(
        default=None, min_length=1, max_length=80, description="the post that made the changes, where another published"
    )
    published_at: AwareDatetime = Field(description="when the centre published it")

    @property
    def time(self) -> datetime:
        return self.published_at

    @property
    def key(self) -> str:
        return f"{self.place}/{self.version}"


def sha256_of(content: str) -> str:
    """What `Sha256` holds for this text."""
    return hashlib.sha256(content.encode()).hexdigest()
