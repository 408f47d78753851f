"""File storage in a bucket of Amazon S3 or an S3-compatible server, by `obstore`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Client

from infra.objects.port import CHUNK, Content, ObjectStoreError, chunked


class S3ObjectStore:
    """An `ObjectStore` in one existing bucket; every key begins with `prefix`."""

    def __init__(
        self,
        bucket: str,
        *,
        region: str,
        endpoint: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        prefix: str = "",
    ) -> None:
        """Does not connect yet. Without keys, credentials come from the environment, such as an instance role."""
        options = {"endpoint": endpoint, "access_key_id": access_key, "secret_access_key": secret_key}
        self._store = Client(
            bucket,
            prefix=prefix or None,
            region=region,
            client_options={"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": "60s"},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
            **{name: value for name, value in options.items() if value},  # type: ignore[arg-type]
        )

    async def put(self, id: str, content: Content, media_type: str) -> None:
        """In parts of 5 MB where it is larger; one that fails is aborted."""
        try:
            await obstore.put_async(self._store, id, _each(content), attributes={"Content-Type": media_type})
        except (BaseError, OSError) as error:
            raise ObjectStoreError(type(error).__name__) from error

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """Request the file; its body is read as the caller iterates."""
        try:
            found = await obstore.get_async(self._store, id)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise ObjectStoreError(type(error).__name__) from error
        return _chunks(found)

    async def delete(self, id: str) -> None:
        """Delete the file; S3 answers the same when it does not exist."""
        try:
            await obstore.delete_async(self._store, id)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise ObjectStoreError(type(error).__name__) from error

    async def close(self) -> None:
        """Do nothing: the connections are closed with the client object."""


async def _each(content: Content) -> AsyncIterator[bytes]:
    for piece in chunked(content):
        yield bytes(piece)


async def _chunks(found: obstore.GetResult) -> AsyncIterator[bytes]:
    try:
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)
    except (BaseError, OSError) as error:
        raise ObjectStoreError(type(error).__name__) from error
