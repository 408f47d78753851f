"""Changes that are not published yet: one draft for each post, a file each, so that they survive a restart."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

_POST = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


@dataclass(frozen=True)
class Proposal:
    """The draft waits for another post to publish it."""

    at: str
    valid_from: str | None
    """As ISO 8601; None: as soon as it is published."""
    version: str
    """The version that its tables make: what was proposed is what is published."""


@dataclass(frozen=True)
class Draft:
    """The tables as one post wants them."""

    post: str
    person: str
    """Opaque id of the person; never a name."""
    base: str
    """The version that was changed."""
    base_texts: Mapping[str, str]
    texts: Mapping[str, str]
    changed_at: str
    proposal: Proposal | None = None
    returned: str = ""
    """Why another post has sent the proposal back."""

    @property
    def changed_tables(self) -> list[str]:
        """Tables that differ from the version."""
        names = {*self.base_texts, *self.texts}
        return sorted(each for each in names if self.base_texts.get(each) != self.texts.get(each))

    def with_texts(self, texts: Mapping[str, str], at: datetime) -> Draft:
        """The draft with other tables; it has to be proposed again."""
        return replace(self, texts=dict(texts), changed_at=at.isoformat(), proposal=None)


@dataclass
class Drafts:
    """The folder of one place's drafts."""

    folder: Path

    def of(self, post: str) -> Draft | None:
        """The draft of a post."""
        return self._read(self._file(post))

    def all(self) -> Iterator[Draft]:
        """Every draft, by post."""
        for file in sorted(self.folder.glob("*.json")):
            if (draft := self._read(file)) is not None:
                yield draft

    def save(self, draft: Draft) -> None:
        """Replace the draft of its post; after a crash there is the old one or the new one. Raises `OSError`."""
        file = self._file(draft.post)
        self.folder.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as written:
            json.dump(asdict(draft), written, ensure_ascii=False)
            written.flush()
            os.fsync(written.fileno())
        new.replace(file)

    def delete(self, post: str) -> None:
        """Discard the draft of a post."""
        self._file(post).unlink(missing_ok=True)

    def _file(self, post: str) -> Path:
        if not _POST.fullmatch(post):
            raise ValueError(f"no post: {post[:80]!r}")
        return self.folder / f"{post}.json"

    def _read(self, file: Path) -> Draft | None:
        try:
            fields = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        proposal = fields.pop("proposal", None)
        return Draft(**fields, proposal=Proposal(**proposal) if proposal else None)
