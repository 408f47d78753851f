"""Attachments of a submission: a stored file is the channel's own and belongs to one case alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.refusals import Reason, reason


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of an uploaded file."""

    id: str
    channel: str
    """Who uploaded it."""
    media_type: str
    size_bytes: int
    sha256: str
    case_id: str | None = None
    """The case that cites it."""

    @property
    def reference(self) -> Attachment:
        """As it is cited, whole."""
        return Attachment(file_id=self.id, media_type=self.media_type, size_bytes=self.size_bytes, sha256=self.sha256)


Files = Mapping[str, StoredFile]
"""By id."""


def attachment_faults(cited: Sequence[Attachment], files: Files, channel: str, case_id: str) -> list[Reason]:
    """Stored files that the channel did not upload, that another case has, or that are not as described."""
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
    """The same list, with type, size and digest of each stored file."""
    return tuple(files[each.file_id].reference if each.file_id and each.file_id in files else each for each in cited)


def file_ids(cited: Sequence[Attachment]) -> tuple[str, ...]:
    """Of the stored files among them."""
    return tuple(each.file_id for each in cited if each.file_id)
