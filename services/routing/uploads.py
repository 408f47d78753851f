"""Evidence that units upload for their cases, and the records of it that decisions need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.attachments import Attachment
from contracts.handling import ReportHandling, ReportSubtask
from contracts.refusals import attachment_refusal
from infra.http.uploading import FileUploads, Refusal
from infra.reading import Arrival
from infra.uploads import Upload
from services.routing.domain.case import Case
from services.routing.domain.evidence import UploadedFile, UploadedFiles


def evidence_ids(state: Mapping[str, Any]) -> Collection[str]:
    """Ids of the stored evidence of a case."""
    return {each.file.file_id for each in Case.model_validate(state).evidence if each.file.file_id}


def reference_of(upload: Upload) -> Attachment:
    """The complete reference to a stored file."""
    return Attachment(
        file_id=upload.id, media_type=upload.media_type, size_bytes=upload.size_bytes, sha256=upload.sha256
    )


@dataclass
class EvidenceUploads(FileUploads):
    """The uploaded files of units. Their owner is the unit, their holder the case that they were uploaded for."""

    refusal: Refusal = attachment_refusal
    cited_by: Callable[[Mapping[str, Any]], Collection[str]] = evidence_ids

    async def prepare(self, batch: Mapping[str, tuple[Case | None, Sequence[Arrival]]], _at: datetime) -> UploadedFiles:
        """The files that the reports of a batch cite; each expires no sooner than a new upload. Raises `StoreError`."""
        ids: set[str] = set()
        for case_id, (_, arrivals) in batch.items():
            for arrival in arrivals:
                if isinstance(arrival.subject, ReportHandling | ReportSubtask):
                    for id in arrival.subject.evidence:
                        await self.store.uploads.claim(id, arrival.speaker or "", case_id, self.clock() + self.uncited)
                    ids.update(arrival.subject.evidence)
        found = await self.store.uploads.find(ids)
        return {id: UploadedFile(each.owner, each.holder, reference_of(each)) for id, each in found.items()}
