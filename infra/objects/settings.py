"""Settings of the file store, and its construction."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from infra.objects.gridfs import GridFsStore
from infra.objects.port import ObjectStore
from infra.settings import Settings


class FileSettings(Settings):
    """Settings of a service that reads or writes files."""

    files_store: Literal["database", "s3"] = Field(
        default="database", description="where attachments are stored: GridFS in `<prefix>_files`, or an S3 bucket"
    )
    files_s3_bucket: str | None = Field(default=None, description="name of an existing bucket; required with `s3`")
    files_s3_region: str = Field(default="us-east-1", description="region of the bucket")
    files_s3_endpoint: str | None = Field(
        default=None, description="URL of the S3-compatible server; Amazon S3 when not set"
    )
    files_s3_access_key: str | None = Field(
        default=None, description="access key; when not set, credentials come from the environment"
    )
    files_s3_secret_key: SecretStr | None = Field(default=None, description="secret of the access key")
    files_s3_prefix: str = Field(default="", description="prefix of every object key in the bucket")

    @model_validator(mode="after")
    def _bucket_is_named(self) -> Self:
        if self.files_store == "s3" and not self.files_s3_bucket:
            raise ValueError("XN_FILES_STORE=s3 needs XN_FILES_S3_BUCKET")
        return self


class UploadSettings(FileSettings):
    """Settings of a service that takes uploads."""

    files_most_bytes: Annotated[int, Field(ge=1024)] = Field(
        default=20_000_000, description="size limit of an attachment"
    )
    files_at_once: Annotated[int, Field(ge=1)] = Field(
        default=3, description="attachments processed at the same time; each is in memory meanwhile"
    )
    files_seconds: float = Field(default=120.0, description="timeout of an upload")
    files_uncited_hours: Annotated[float, Field(gt=0)] = Field(
        default=24.0, description="time after which an upload that no case cites is deleted"
    )

    @property
    def files_uncited(self) -> timedelta:
        """Time after which an uncited upload is deleted."""
        return timedelta(hours=self.files_uncited_hours)


def object_store(settings: FileSettings) -> ObjectStore:
    """Build the store that the settings select, without connecting."""
    if settings.files_store == "database":
        return GridFsStore(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_files")
    from infra.objects.s3 import S3ObjectStore  # noqa: PLC0415 - services without S3 need not load its client

    secret = settings.files_s3_secret_key
    return S3ObjectStore(
        settings.files_s3_bucket or "",
        region=settings.files_s3_region,
        endpoint=settings.files_s3_endpoint,
        access_key=settings.files_s3_access_key,
        secret_key=secret.get_secret_value() if secret else None,
        prefix=settings.files_s3_prefix,
    )
