"""Rules for attachments of a submission: a stored file must be uploaded by the same channel and belongs to one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.refusals import Reason, reason


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The record of an uploaded file."""

    id: str
    channel: str
    """The channel that uploaded it."""
    media_type: str
    size_bytes: int
    sha256: str
    case_id: str | None = None
    """The case that cites it, if any."""

    @property
    def reference(self) -> Attachment:
        """The complete reference to the file."""
        return Attachment(file_id=self.id, media_type=self.media_type, size_bytes=self.size_bytes, sha256=self.sha256)


Files = Mapping[str, StoredFile]
"""Stored files by id."""


def attachment_faults(cited: Sequence[Attachment], files: Files, channel: str, case_id: str) -> list[Reason]:
    """Reasons against files that the channel did not upload, that another case cites, or whose description differs."""
    found = ((n, _fault(each, files, channel, case_id)) for n, each in enumerate(cited))
    return [reason(code, f"attachments.{n}.{field}") for n, fault in found if fault for code, field in [fault]]


def _fault(cited: Attachment, files: Files, channel: str, case_id: str) -> tuple[RefusalCode, str] | None:
    if cited.file_id is None:
        return None
    stored = files.get(cited.file_id)
    if stored is None or stored.channel != channel:
        return RefusalCode.ATTACHMENT_UNKNOWN, "file_id"
    if stored.case_id not in {None, case_id}:
        return RefusalCode.ATTACHMENT_TAKEN, "file_id"
    for name in ("media_type", "size_bytes", "sha256"):
        if getattr(cited, name) not in {None, getattr(stored, name)}:
            return RefusalCode.ATTACHMENT_DIFFERS, name
    return None


def completed(cited: Sequence[Attachment], files: Files) -> tuple[Attachment, ...]:
    """Fill in type, size and digest of each stored file."""
    return tuple(files[each.file_id].reference if each.file_id and each.file_id in files else each for each in cited)


def file_ids(cited: Sequence[Attachment]) -> tuple[str, ...]:
    """The ids of the stored files among the attachments."""
    return tuple(each.file_id for each in cited if each.file_id)
