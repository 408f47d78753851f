"""Templates of notices: the words of a place, or those that come with notify, filled with what is known.

A place whose words do not fit is refused while its rules are built, so that the last good ones stay in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Template
from jinja2 import TemplateError as JinjaError
from markupsafe import Markup
from pydantic import ValidationError

from contracts.codes import Language
from contracts.template_tables import TemplatesTable, TemplateText
from services.notify.defaults import table
from services.notify.domain.facts import FactError, Facts, one_line, several_lines, shown
from services.notify.domain.samples import samples
from services.notify.domain.sandbox import TooLong, fill, layout, sandbox
from services.notify.domain.template_lint import Flaw, failure, flaws_of, misfits, parts

LONGEST = {"subject": 200, "sms": 500}
"""Characters of a part that is cut where it is longer."""
LONGEST_PARAMETER = 100
WRONG = (JinjaError, TooLong, TypeError, ValueError, LookupError, ArithmeticError)
"""What can go wrong while a template is filled."""

Tables = Mapping[str, Mapping[str, Any]]
Key = tuple[str, Language]


class TemplateError(ValueError):
    """Templates that do not fit; `str()` names occasion, language, part, line and what is wrong, and no value."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__("; ".join(map(str, flaws)))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice as it goes out. A part that its words have not is None."""

    subject: str
    """One line."""
    text: str
    html: str | None
    sms: str | None
    """One line."""
    sms_template: str | None
    """The provider's id of a text that it has approved."""
    sms_parameters: Mapping[str, str]


@dataclass(frozen=True)
class Templates:
    """The words of one place, by one version of its tables."""

    version: str
    zone: ZoneInfo
    place: Mapping[Language, str]
    own: Mapping[Key, TemplateText]
    """Where it does not use the words that come with notify."""

    @classmethod
    def from_tables(cls, version: str, tables: Tables) -> Templates:
        """From the place's tables; it may have no words of its own. Raises `TemplateError` with every flaw."""
        own, place = _read(tables.get("templates", {})), tables.get("place", {})
        zone = ZoneInfo(place.get("timezone", "UTC"))
        templates = cls(version, zone, {language: place.get(language.value, "") for language in Language}, own)
        if flaws := [flaw for key in own for flaw in templates.flaws(*key)]:
            raise TemplateError(*flaws)
        return templates

    def render(self, what: str, language: Language, facts: Facts) -> Rendered:
        """The notice of an occasion. Raises `TemplateError` when the facts, or the words with them, do not fit.

        Facts are shown as they are, whatever they look like. Raises `KeyError` for an occasion that there is not.
        """
        words, values = self.words(what, language), self._values(what, language, facts)
        filled = {part: self._fill(what, language, part, source, values) for part, source in parts(words)}
        return Rendered(
            filled["subject"],
            filled["text"],
            _framed(language, filled["subject"], filled["html"], values) if words.html is not None else None,
            filled.get("sms"),
            words.sms_template,
            {name: filled[f"sms_parameters.{name}"] for name in words.sms_parameters},
        )

    def words(self, what: str, language: Language) -> TemplateText:
        """The place's own words, or else those that come with notify. Raises `KeyError`."""
        return self.own.get((what, language)) or _defaults()[what, language]

    def flaws(self, what: str, language: Language) -> list[Flaw]:
        """What is wrong with the words of an occasion; they are filled with sample values when nothing else is."""
        words = self.words(what, language)
        return list(flaws_of(what, language, words)) or list(dict.fromkeys(self._trial(what, language, words)))

    def _trial(self, what: str, language: Language, words: TemplateText) -> Iterator[Flaw]:
        for absent in (False, True):
            values = self._values(what, language, samples(what, language, absent=absent))
            for part, source in parts(words):
                try:
                    filled = self._fill(what, language, part, source, values)
                except TemplateError as error:
                    yield from error.flaws
                else:
                    if not filled.strip() and not part.startswith("sms_parameters"):
                        yield Flaw(what, language, part, 1, "试填后是空的：请写上文字", "says nothing: write something")

    def _values(self, what: str, language: Language, facts: Facts) -> dict[str, Any]:
        try:
            values = shown(what, language, self.zone, facts)
        except FactError as error:
            raise TemplateError(Flaw(what, language, "facts", 0, f"已知事项不符：{error}", str(error))) from error
        return {**values, "place": self.place[language]}

    def _fill(self, what: str, language: Language, part: str, source: str, values: Mapping[str, Any]) -> str:
        try:
            filled = fill(_compiled(source, language, html=part == "html"), values)
        except WRONG as error:
            raise TemplateError(failure(what, language, part, error)) from error
        match part:
            case "html":
                return filled.strip()
            case "text":
                return f"{several_lines(filled)}\n"
            case _:
                return _bounded(one_line(filled), LONGEST.get(part, LONGEST_PARAMETER))


def _read(raw: Mapping[str, Any]) -> Mapping[Key, TemplateText]:
    try:
        read = TemplatesTable.model_validate(raw)
    except ValidationError as error:
        raise TemplateError(*misfits(error)) from error
    return {(what, language): words for what, language, words in read.entries()}


@cache
def _defaults() -> Mapping[Key, TemplateText]:
    return _read(table("templates"))


@lru_cache(maxsize=1_000)
def _compiled(source: str, language: Language, *, html: bool) -> Template:
    """Compiled when it is first filled: of most occasions a process never tells."""
    return sandbox(language, html=html).from_string(source)


def _framed(language: Language, subject: str, html: str, values: Mapping[str, Any]) -> str:
    content = Markup(html)  # noqa: S704 - every value in it was escaped
    place, centre = values["place"], values.get("centre")
    return layout().render(language=language.value, place=place, centre=centre, subject=subject, content=content)


def _bounded(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
