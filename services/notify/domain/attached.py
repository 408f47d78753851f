"""What came with a case, in words: kinds and counts of its attachments, never a name or an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contracts.attachments import Attachment
from contracts.codes import Language

_KINDS = {
    "image": ("图片", "image", "images"),
    "audio": ("录音", "recording", "recordings"),
    "application": ("PDF 文件", "PDF file", "PDF files"),
    "url": ("网络链接", "web address", "web addresses"),
}


def summary_of(attachments: Sequence[Attachment], language: Language) -> str | None:
    """Such as `3 个（图片 2、网络链接 1）`, for one line of a notice; None where nothing came with the case."""
    if not attachments:
        return None
    counts = Counter("url" if each.url else (each.media_type or "").split("/", 1)[0] for each in attachments)
    named = [(_KINDS[kind], counts[kind]) for kind in _KINDS if counts[kind]]
    if language is Language.CHINESE:
        return f"{len(attachments)} 个（{'、'.join(f'{zh} {count}' for (zh, _, _), count in named)}）"
    return (
        f"{len(attachments)} ({', '.join(f'{count} {one if count == 1 else more}' for (_, one, more), count in named)})"
    )
