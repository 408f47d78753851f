"""Templates of an app, compiled once for each language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from apps.web.language import Language

KIT = Path(__file__).parent
_PAIR = re.compile(
    r"""(?<![\w.])t\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)"""
)


class _OneLanguage(Extension):
    """Replaces `t("中文", "English")` by the text of one language, which is constant then: most of a page is."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source in the language of the environment."""
        return _PAIR.sub(r"\2" if self.environment.globals["language"] == "en" else r"\1", source)


def environments(package: Path) -> Mapping[Language, Environment]:
    """The templates of an app and of the kit, by language."""
    return {language: _environment(package, language) for language in ("zh", "en")}


def _environment(package: Path, language: Language) -> Environment:
    found = Environment(
        loader=ChoiceLoader([FileSystemLoader(package / "templates"), FileSystemLoader(KIT / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals["language"] = language
    found.add_extension(_OneLanguage)
    return found
