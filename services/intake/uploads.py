"""Life cycle of uploaded files: check, clean and store; assign to one case; delete when no case cites them."""

from __future__ import annotations

import asyncio
import mmap
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import cast

from starlette.datastructures import UploadFile

from contracts.attachments import Attachment
from contracts.codes import RefusalCode
from contracts.refusals import Reason, reason
from infra.clock import Clock
from infra.http.forms import FormLimits
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.media.faults import MOST_PIXELS, Fault, MediaFault
from infra.media.process import Cleaned, Examiner, ExaminerError
from infra.objects.port import ObjectStore, ObjectStoreError
from infra.store import Store, StoreError
from infra.uploads import Upload
from services.intake.domain.attaching import StoredFile, file_ids
from services.intake.domain.registration import Registration

SWEPT_AT_ONCE = 100
SWEEP_SECONDS = 60.0

_CODES = {
    Fault.EMPTY: RefusalCode.ATTACHMENT_EMPTY,
    Fault.TYPE_NOT_TAKEN: RefusalCode.ATTACHMENT_TYPE_NOT_TAKEN,
    Fault.TYPE_MISMATCH: RefusalCode.ATTACHMENT_TYPE_MISMATCH,
    Fault.DAMAGED: RefusalCode.ATTACHMENT_DAMAGED,
    Fault.PIXELS: RefusalCode.ATTACHMENT_PIXELS,
    Fault.PROTECTED: RefusalCode.ATTACHMENT_PROTECTED,
    Fault.ENCLOSES: RefusalCode.ATTACHMENT_ENCLOSES,
}


@dataclass
class UploadDesk:
    """The uploaded files of intake's channels."""

    store: Store
    objects: ObjectStore
    clock: Clock
    most_bytes: int
    """Size limit of one file."""
    uncited: timedelta
    """Time after which an uncited upload is deleted."""
    at_once: int = 3
    """Files examined and stored at once: each has a process meanwhile."""
    examiner: Examiner = field(default_factory=Examiner)
    _places: asyncio.Semaphore = field(init=False)
    _prepared: bool = False

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.at_once)

    # ---- taking

    def form(self, files: int, name: str) -> FormLimits:
        """Limits of a form with so many files in this field: three of the largest size, or more smaller ones."""
        return FormLimits(
            most_bytes=self.most_bytes * min(files, 3) + 512 * 1024,
            most_files=files,
            too_large=self._too_large(name).model_dump(),
            too_many=reason(RefusalCode.ATTACHMENTS_TOO_MANY, name, most=files).model_dump(),
        )

    async def take(self, file: UploadFile, channel: str, name: str) -> Attachment:
        """Check and store a file, and return its reference. `name` is the form field, for refusals.

        Raises `HttpProblem`.
        """
        if (file.size or 0) > self.most_bytes:
            raise _refused(self._too_large(name))
        async with self._places:
            with TemporaryFile() as stored:
                source = await asyncio.to_thread(_on_disk, file)
                try:
                    found = await self.examiner.examine(source, stored.fileno(), file.content_type or "")
                except MediaFault as error:
                    raise _refused(_reason(error, name)) from None
                except ExaminerError:
                    raise HttpProblem("unavailable", headers=SOON) from None
                return (await self._stored(found, stored.fileno(), channel)).reference

    async def _stored(self, found: Cleaned, file: int, channel: str) -> StoredFile:
        upload = Upload(secrets.token_hex(16), channel, found.media_type, found.size_bytes, found.sha256)
        try:
            await self.store.uploads.add(upload, self.clock() + self.uncited)
            content = mmap.mmap(file, found.size_bytes, access=mmap.ACCESS_READ)
            await self.objects.put(upload.id, content, found.media_type)
        except (StoreError, ObjectStoreError):
            raise HttpProblem("unavailable", headers=SOON) from None
        return _file(upload)

    def _too_large(self, name: str) -> Reason:
        return reason(RefusalCode.ATTACHMENT_TOO_LARGE, name, limit=self.most_bytes)

    # ---- citing

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

    async def close(self) -> None:
        """Connections are released, and no process waits for a file."""
        await self.examiner.close()
        await self.objects.close()

    # ---- ending

    async def drop(self, id: str) -> None:
        """Delete the file and its record. Raises `StoreError` and `ObjectStoreError`."""
        await self.objects.delete(id)
        await self.store.uploads.drop(id)

    async def erase(self, case_id: str) -> None:
        """Delete all stored files of a case. Raises `StoreError` and `ObjectStoreError`."""
        for upload in await self.store.uploads.held_by(case_id):
            await self.drop(upload.id)

    async def sweep(self) -> None:
        """Confirm expired uploads that a registered case cites, and delete the others."""
        if not self._prepared:
            await self.store.uploads.prepare()
            self._prepared = True
        for upload in await self.store.uploads.expired(self.clock(), SWEPT_AT_ONCE):
            state = await self.store.state_of(upload.holder) if upload.holder else None
            if state is not None and upload.id in Registration.model_validate(state).files:
                await self.store.uploads.confirm(upload.id)
            else:
                await self.drop(upload.id)
        await asyncio.sleep(SWEEP_SECONDS)


def _file(upload: Upload) -> StoredFile:
    return StoredFile(
        upload.id, upload.owner, upload.media_type, upload.size_bytes, upload.sha256, case_id=upload.holder
    )


def _on_disk(file: UploadFile) -> int:
    """The open file, all of it written; a small one was in memory."""
    spooled = cast("SpooledTemporaryFile[bytes]", file.file)
    spooled.rollover()
    spooled.flush()
    return spooled.fileno()


def _reason(error: MediaFault, name: str) -> Reason:
    found = reason(_CODES[error.fault], name, limit=MOST_PIXELS)
    return found.model_copy(update={"detail": error.seems or None})


def _refused(fault: Reason) -> HttpProblem:
    return HttpProblem("refused", [fault.model_dump()])
