"""Pages of the versions that were published: who, when, what changed; and one made a draft again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from apps.city.changes import compared
from apps.city.city import City, parsed
from apps.city.drafts import Draft
from apps.web.view import View
from contracts.place_versions import PlaceError
from contracts.reference import PlacePublished

PAGE_SIZE = 30


class History:
    """The handlers."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def versions(self, view: View) -> Response:
        """Every version, newest first."""
        every = self._city.published.versions()
        page = view.request.query_params.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and int(page[:6]) > 0 else 1
        first = (number - 1) * PAGE_SIZE
        rows = [
            (each, self._differing(each, every[n + 1] if n + 1 < len(every) else None))
            for n, each in enumerate(every[first : first + PAGE_SIZE], start=first)
        ]
        return view.render(
            "city/history.html",
            rows=rows,
            in_force=self._city.published.in_force(),
            page=number,
            more=first + PAGE_SIZE < len(every),
            now=view.site.clock(),
            names=self._city.words(view, {}),
        )

    async def version(self, view: View) -> Response:
        """One version, and what it changed."""
        manifest, before = self._found(view)
        texts = self._texts(manifest)
        old = self._texts(before) if before else {}
        words = self._city.words(view, parsed(texts))
        return view.render(
            "city/version.html",
            manifest=manifest,
            before=before,
            tables=compared(old, texts, words) if before else [],
            files=[(name, words.table(name), len(text.encode())) for name, text in sorted(texts.items())],
            in_force=self._city.published.in_force(),
            draft=self._city.draft(view),
            newest=self._city.published.newest(),
            now=view.site.clock(),
        )

    async def table(self, view: View) -> Response:
        """A table of a version, word by word."""
        texts = self._texts(self._found(view)[0])
        table = str(view.request.path_params["table"])
        if table not in texts:
            raise HTTPException(404)
        return PlainTextResponse(texts[table])

    async def restore(self, view: View) -> Response:
        """Make the tables of a version the draft of this post, replacing it."""
        manifest, _ = self._found(view)
        newest = self._city.newest()
        person = view.session.person if view.session else ""
        base = self._city.published.known.texts(newest)
        draft = Draft(view.post, person, newest.version, base, self._texts(manifest), view.site.clock().isoformat())
        if not draft.changed_tables:
            return view.redirect(f"/history/{manifest.version}", "与最新版本相同。", "It is the same as the newest.")
        await asyncio.to_thread(self._city.drafts.save, draft)
        return view.redirect("/changes", "已恢复为草稿，核对后发布。", "Restored as a draft: compare it, then publish.")

    def _found(self, view: View) -> tuple[PlacePublished, PlacePublished | None]:
        every = self._city.published.versions()
        for n, each in enumerate(every):
            if each.version == view.request.path_params["version"]:
                return each, every[n + 1] if n + 1 < len(every) else None
        raise HTTPException(404)

    def _texts(self, manifest: PlacePublished) -> Mapping[str, str]:
        try:
            return self._city.published.known.texts(manifest)
        except PlaceError:
            raise HTTPException(404) from None

    def _differing(self, manifest: PlacePublished, before: PlacePublished | None) -> list[str]:
        """Tables whose content is not that of the version before."""
        if before is None:
            return []
        old = {each.table: each.sha256 for each in before.tables}
        new = {each.table: each.sha256 for each in manifest.tables}
        return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
