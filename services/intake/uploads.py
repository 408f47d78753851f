"""Uploaded files of intake: those of channels and complainants, each for one case of the same channel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile

from contracts.attachments import Attachment
from contracts.refusals import attachment_refusal
from infra.http.uploading import FileUploads, Refusal
from infra.uploads import Upload
from services.intake.domain.attaching import StoredFile, file_ids
from services.intake.domain.registration import Registration


def files_of(state: Mapping[str, Any]) -> Collection[str]:
    """Ids of the stored files of a registered case."""
    return Registration.model_validate(state).files


@dataclass
class UploadDesk(FileUploads):
    """The uploaded files of intake's channels."""

    refusal: Refusal = attachment_refusal
    cited_by: Callable[[Mapping[str, Any]], Collection[str]] = files_of

    async def take(self, file: UploadFile, channel: str, name: str) -> Attachment:
        """Check and store a file, and return its reference. `name` is the form field, for refusals.

        Raises `HttpProblem`.
        """
        return _file(await self.accept(file, channel, name)).reference

    async def files(self, ids: Collection[str]) -> dict[str, StoredFile]:
        """Return the records of these files by id. Raises `StoreError`."""
        return {id: _file(upload) for id, upload in (await self.store.uploads.find(ids)).items()}

    async def claim(self, cited: Sequence[Attachment], channel: str, case_id: str) -> None:
        """Assign the channel's files to this case, except files that already belong to another case.

        They still expire unless the case is registered. Raises `StoreError`.
        """
        for id in file_ids(cited):
            await self.store.uploads.claim(id, channel, case_id, self.clock() + self.uncited)

    async def same(self, cited: Sequence[Attachment], case_id: str) -> list[Attachment]:
        """Replace files that this case already cites by the first upload and delete duplicates. Raises `StoreError`."""
        known = {each.sha256: each for each in await self.store.uploads.held_by(case_id)}
        found = []
        for each in cited:
            twin = known.get(each.sha256 or "")
            if twin is not None and each.file_id and twin.id != each.file_id:
                await self.drop(each.file_id)
                each = _file(twin).reference  # noqa: PLW2901 - replaces the duplicate
            found.append(each)
        return found


def _file(upload: Upload) -> StoredFile:
    return StoredFile(
        upload.id, upload.owner, upload.media_type, upload.size_bytes, upload.sha256, case_id=upload.holder
    )
