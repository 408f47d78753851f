"""What every page of the app works with: versions, drafts, checks, and who may administer."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from apps.city.checking import Checked, Checker
from apps.city.drafts import Draft, Drafts
from apps.city.names import Names
from apps.city.published import BrokerAway, Published
from apps.city.words import Words
from apps.web.services import ServiceProblem
from apps.web.site import Handler
from apps.web.view import View
from contracts.administration import may_administer, needs_second_post
from contracts.place_versions import PlaceError
from contracts.reference import PlacePublished

Tables = dict[str, dict[str, Any]]


def parsed(texts: Mapping[str, str]) -> Tables:
    """Texts that are known to be TOML."""
    return {name: tomllib.loads(text) for name, text in texts.items()}


@dataclass
class City:
    """One place, and the changes of it."""

    published: Published
    drafts: Drafts
    checker: Checker
    names: Names = field(default_factory=Names)
    _tables: tuple[str, Tables] = ("", {})
    _whole: dict[str, bool] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    # ---- who

    def administers(self, view: View) -> bool:
        """Whether the post that is signed in may administer, by the version in force."""
        return view.session is not None and may_administer(self.in_force(), view.unit, view.post)

    def guarded(self, handle: Handler) -> Handler:
        """The handler, for administrators alone; others get a page that names who administers."""

        async def serve(view: View) -> Response:
            if not self.administers(view):
                return view.render("city/not_allowed.html", 403)
            try:
                return await handle(view)
            except BrokerAway:
                zh = "消息系统没有应答，操作没有完成；草稿保留着，请稍后再试。"
                en = "The message broker did not answer, and nothing was done. The draft is safe; try again shortly."
                return view.site.problem(view, ServiceProblem(503, "broker-away", zh, en, retry_after=10))

        return serve

    def needs_second_post(self) -> bool:
        """Whether another post publishes, by the version in force: no draft may lift that for itself."""
        return needs_second_post(self.in_force())

    def in_force(self) -> Tables:
        """The tables in force. Raises `LookupError` before a version is known."""
        manifest = self.published.in_force()
        if manifest is None:
            raise LookupError(self.published.place)
        if self._tables[0] != manifest.version:
            self._tables = (manifest.version, parsed(self.published.known.texts(manifest)))
        return self._tables[1]

    # ---- drafts

    def draft(self, view: View) -> Draft | None:
        """The draft of the post that is signed in."""
        return self.drafts.of(view.post)

    def draft_or_new(self, view: View) -> Draft:
        """The same, or one that changes nothing yet. It is based on the version that was published last."""
        if (draft := self.draft(view)) is not None:
            return draft
        newest = self.newest()
        texts = self.published.known.texts(newest)
        at = view.site.clock().isoformat()
        person = view.session.person if view.session else ""
        return Draft(view.post, person, newest.version, texts, texts, at)

    def newest(self) -> PlacePublished:
        """The version that was published last, and is whole. Raises `LookupError`."""
        for manifest in self.published.versions():
            if manifest.version not in self._whole:
                self._whole[manifest.version] = self._is_whole(manifest)
            if self._whole[manifest.version]:
                return manifest
        raise LookupError(self.published.place)

    def _is_whole(self, manifest: PlacePublished) -> bool:
        try:
            self.published.known.files(manifest)
        except PlaceError:
            return False
        return True

    async def changed(self, view: View, change: Callable[[Mapping[str, str]], Awaitable[dict[str, str]]]) -> Draft:
        """Change the tables of the draft and save it; edits of one post wait for each other.

        Raises whatever `change` raises; then nothing is saved.
        """
        async with self._locks.setdefault(view.post, asyncio.Lock()):
            draft = self.draft_or_new(view)
            texts = await change(draft.texts)
            person = view.session.person if view.session else ""
            changed = Draft(draft.post, person, draft.base, draft.base_texts, texts, view.site.clock().isoformat())
            if changed.changed_tables:
                await asyncio.to_thread(self.drafts.save, changed)
            else:
                await asyncio.to_thread(self.drafts.delete, draft.post)
            return changed

    async def check(self, view: View, texts: Mapping[str, str]) -> Checked:
        """Every fault of these tables."""
        return await self.checker.check(texts, view.acting("unit", view.unit, "read", "act", "operate"))

    def words(self, view: View, tables: Mapping[str, Mapping[str, Any]]) -> Words:
        """Names in the language of the page."""
        return Words(self.names, tables, view.language)
