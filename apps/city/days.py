"""The page of a year's working days: read, and changed by naming days in a notice (节假日安排通知)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from apps.city.city import City, parsed
from apps.city.editing import replace
from apps.city.year import Known, days_of, in_months, with_days
from apps.web.view import View
from contracts.tables import Name

FIRST_YEAR, LAST_YEAR = 2004, 2100
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class Calendar:
    """The handlers."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def present(self, view: View) -> Response:
        """This year."""
        at = view.local(view.site.clock())
        return view.redirect(f"/calendar/{at.year if at else FIRST_YEAR}")

    async def year(self, view: View) -> Response:
        """One year, and changes of its days."""
        year = _year(view)
        if view.request.method == "POST":
            return await self._save(view, year)
        return await self._page(view, year)

    async def _page(
        self, view: View, year: int, *, worked: frozenset[date] | None = None, fault: str = "", source: str = ""
    ) -> Response:
        draft = self._city.draft_or_new(view)
        table = parsed(draft.texts).get("calendar", {})
        known = await self._known(view, year)
        days = days_of(year, known, table, self._in_force())
        notices = [(n, each) for n, each in enumerate(table.get("year", ())) if each.get("year") == year]
        return view.render(
            "city/year.html",
            422 if fault else 200,
            year=year,
            months=in_months(days),
            checked={each.on for each in days if each.worked} if worked is None else worked,
            notices=notices,
            provisional_from=known.provisional_from,
            worked_days=sum(each.worked for each in days),
            fault=fault,
            source=source,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )

    async def _save(self, view: View, year: int) -> Response:
        form = await view.form()
        worked = frozenset(on for on in map(_date, map(str, form.getlist("worked"))) if on and on.year == year)
        source, chosen = str(form.get("source", "")).strip(), str(form.get("notice", "new"))
        table = parsed(self._city.draft_or_new(view).texts).get("calendar", {})
        known = await self._known(view, year)
        days = days_of(year, known, table, self._in_force())
        moved = {each.on: each.on in worked for each in days if each.worked != (each.on in worked)}
        if not moved:
            return view.redirect(f"/calendar/{year}", "没有改动。", "Nothing was changed.")
        position = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else None
        if position is None and (fault := _source_fault(view, source)):
            return await self._page(view, year, worked=worked, fault=fault, source=source)
        if position is not None and position >= len(table.get("year", ())):
            raise HTTPException(404)

        async def change(texts: Mapping[str, str]) -> dict[str, str]:
            text = texts.get("calendar", "")
            after = with_days(tomllib.loads(text), position, {"year": year, "source": source}, moved)
            return {**texts, "calendar": replace(text, (), after)}

        await self._city.changed(view, change)
        zh, en = f"已存入草稿：改动 {len(moved)} 天。", f"Saved in the draft: {len(moved)} days changed."
        return view.redirect(f"/calendar/{year}", zh, en)

    async def _known(self, view: View, year: int) -> Known:
        return Known.of(await view.get("scoring", f"/v1/calendar/{year}"))

    def _in_force(self) -> Mapping[str, Any]:
        manifest = self._city.published.in_force()
        texts = self._city.published.known.texts(manifest) if manifest else {}
        return tomllib.loads(texts.get("calendar", ""))


def _year(view: View) -> int:
    given = str(view.request.path_params["year"])
    if not (given.isascii() and given.isdigit()) or not FIRST_YEAR <= int(given[:5]) <= LAST_YEAR:
        raise HTTPException(404)
    return int(given)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _source_fault(view: View, source: str) -> str:
    try:
        _NAME.validate_python(source)
    except ValidationError:
        return view.t(
            "请填写通知的文号，如 国办发明电〔2026〕7号", "Give the number of the notice, such as 国办发明电〔2026〕7号"
        )
    return ""
