"""Attachments (附件): references to photos, documents and recordings of a case, without their bytes.

A reference names either a web address or an uploaded file: complainants upload to intake, units to routing. File
names are left out because they often contain a person's name.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

MOST_ATTACHMENTS = 20
"""Upper limit for one submission, supplement or report."""

WebAddress = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9\[][A-Za-z0-9._~:\[\]-]*([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?$",
        description="absolute, http or https, without a user name; characters outside RFC 3986 are percent-encoded",
    ),
]
FileId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{32}$", description="random id of a stored file, from the answer to its upload")
]
MediaType = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$",
        description="such as `image/jpeg`: lower case, without parameters",
    ),
]


class Attachment(BaseModel):
    """One file of a case: a web address or a stored file. Exactly one of `url` and `file_id` is given.

    The service that stores a file fills in its type, size and digest; values that the sender gives must match the
    stored file. For a web address they are the sender's unchecked values: intake does not fetch the address.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    url: WebAddress | None = None
    file_id: FileId | None = None
    media_type: MediaType | None = None
    size_bytes: Annotated[int, Field(ge=1, le=2**53)] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="of the bytes, lower-case hex")] | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        if (self.url is None) == (self.file_id is None):
            raise PydanticCustomError("url_or_file_id", "exactly one of url and file_id is needed")
        return self


Attachments = Annotated[tuple[Attachment, ...], Field(max_length=MOST_ATTACHMENTS)]
EvidenceIds = Annotated[tuple[FileId, ...], Field(max_length=MOST_ATTACHMENTS)]
"""Evidence (佐证材料): ids of files uploaded for the case, by `POST /v1/cases/{case_id}/evidence` of routing."""
