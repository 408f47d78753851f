"""Life cycle of uploaded files: check, clean and store; delete when nothing cites them.

Each service that takes uploads has records of its own (`Store.uploads`); the bytes share one object store.
"""

from __future__ import annotations

import asyncio
import mmap
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import Any, Protocol, cast

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request

from infra.clock import Clock
from infra.http.forms import MULTIPART, FormLimits, form_of_parts
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.media.faults import MOST_PIXELS, MediaFault
from infra.media.process import Cleaned, Examiner, ExaminerError
from infra.objects.port import ObjectStore, ObjectStoreError
from infra.store import Store, StoreError
from infra.uploads import Upload

SWEPT_AT_ONCE = 100
SWEEP_SECONDS = 60.0
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "description": "the file name is discarded"}},
}


class Refusal(Protocol):
    """The reason for a file that is not stored."""

    def __call__(self, fault: str, field: str, detail: str | None = None, **figures: object) -> BaseModel:
        """`fault`: a `Fault`, or `missing`, `too-large` (`limit`), `too-many` (`most`)."""


@dataclass
class FileUploads:
    """The uploaded files of one service."""

    store: Store
    objects: ObjectStore
    clock: Clock
    most_bytes: int
    """Size limit of one file."""
    uncited: timedelta
    """Time after which an uncited upload is deleted."""
    refusal: Refusal
    cited_by: Callable[[Mapping[str, Any]], Collection[str]]
    """Ids of the files that a saved state cites."""
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
            too_many=self.refusal("too-many", name, most=files).model_dump(),
        )

    def file_of(self, request: Request, name: str = "file") -> UploadFile:
        """The only file of the request's form. Raises `HttpProblem`."""
        form = form_of_parts(request)
        if form is None:
            raise HttpProblem("media-type", headers={"Accept": MULTIPART}, takes=(MULTIPART,))
        if [field for field, _ in form.files] != [name]:
            raise self._refused(self.refusal("missing", name))
        return form.files[0][1]

    async def accept(self, file: UploadFile, owner: str, name: str, holder: str | None = None) -> Upload:
        """Check and store a file of this owner, and return its record. `name` is the form field, for refusals.

        With `holder`, only that aggregate may cite it. Raises `HttpProblem`.
        """
        if (file.size or 0) > self.most_bytes:
            raise self._refused(self._too_large(name))
        async with self._places:
            with TemporaryFile() as stored:
                source = await asyncio.to_thread(_on_disk, file)
                try:
                    found = await self.examiner.examine(source, stored.fileno(), file.content_type or "")
                except MediaFault as error:
                    why = self.refusal(error.fault, name, error.seems or None, limit=MOST_PIXELS)
                    raise self._refused(why) from None
                except ExaminerError:
                    raise HttpProblem("unavailable", headers=SOON) from None
                return await self._stored(found, stored.fileno(), owner, holder)

    async def _stored(self, found: Cleaned, file: int, owner: str, holder: str | None) -> Upload:
        upload = Upload(secrets.token_hex(16), owner, found.media_type, found.size_bytes, found.sha256, holder)
        try:
            await self.store.uploads.add(upload, self.clock() + self.uncited)
            content = mmap.mmap(file, found.size_bytes, access=mmap.ACCESS_READ)
            await self.objects.put(upload.id, content, found.media_type)
        except (StoreError, ObjectStoreError):
            raise HttpProblem("unavailable", headers=SOON) from None
        return upload

    def _too_large(self, name: str) -> BaseModel:
        return self.refusal("too-large", name, limit=self.most_bytes)

    @staticmethod
    def _refused(fault: BaseModel) -> HttpProblem:
        return HttpProblem("refused", [fault.model_dump()])

    # ---- ending

    async def close(self) -> None:
        """Connections are released, and no process waits for a file."""
        await self.examiner.close()
        await self.objects.close()

    async def drop(self, id: str) -> None:
        """Delete the file and its record. Raises `StoreError` and `ObjectStoreError`."""
        await self.objects.delete(id)
        await self.store.uploads.drop(id)

    async def erase(self, holder: str) -> None:
        """Delete all stored files of an aggregate. Raises `StoreError` and `ObjectStoreError`."""
        for upload in await self.store.uploads.held_by(holder):
            await self.drop(upload.id)

    async def sweep(self) -> None:
        """Confirm expired uploads that a saved state cites, and delete the others."""
        if not self._prepared:
            await self.store.uploads.prepare()
            self._prepared = True
        for upload in await self.store.uploads.expired(self.clock(), SWEPT_AT_ONCE):
            state = await self.store.state_of(upload.holder) if upload.holder else None
            if state is not None and upload.id in self.cited_by(state):
                await self.store.uploads.confirm(upload.id)
            else:
                await self.drop(upload.id)
        await asyncio.sleep(SWEEP_SECONDS)


def _on_disk(file: UploadFile) -> int:
    """The open file, all of it written; a small one was in memory."""
    spooled = cast("SpooledTemporaryFile[bytes]", file.file)
    spooled.rollover()
    spooled.flush()
    return spooled.fileno()
