"""Every field that can be edited has a Chinese name and a Chinese help text, and no text is of a field that is gone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from pydantic import BaseModel

from apps.city.fields import fields_of, leaves
from apps.city.names import Names
from contracts.reference_tables import MODELS

CHINESE = re.compile("[\u4e00-\u9fff]")


def models() -> dict[str, type[BaseModel]]:
    """Every model whose fields the app shows, by name."""
    found: dict[str, type[BaseModel]] = {}
    left: list[type[BaseModel]] = list(MODELS.values())
    while left:
        model = left.pop()
        if found.setdefault(model.__name__, model) is not model:
            raise AssertionError(f"two models are called {model.__name__}")
        inner = (each.model for each in leaves(fields_of(model, Names())) if each.model is not None)
        left += [each for each in inner if each.__name__ not in found]
    return found


def fields() -> Iterator[tuple[str, str]]:
    for name, model in models().items():
        for field, info in model.model_fields.items():
            yield name, info.alias or field


def test_every_field_has_a_name_and_a_help_text_in_chinese():
    names, known = Names(), models()
    for model, field in fields():
        assert CHINESE.search(names.field(known[model], field).zh), (model, field)
        assert CHINESE.search(names.help(known[model], field, "").zh), (model, field)


def test_no_name_or_help_text_is_of_a_field_that_is_gone():
    present = set(fields())
    for file in ("names.toml", "help.toml"):
        found = tomllib.loads(files("apps.city").joinpath(file).read_text("utf-8"))
        for section, texts in found.items():
            if section in {"tables", "values"}:
                continue
            for field in texts:
                users = {(model, key) for model, key in present if key == field and field not in found.get(model, {})}
                assert users if section == "fields" else (section, field) in present, (file, section, field)


def test_a_help_text_ends_its_sentence_and_has_no_english_quotes():
    found = tomllib.loads(files("apps.city").joinpath("help.toml").read_text("utf-8"))
    for section, texts in found.items():
        for field, text in texts.items():
            assert text.endswith(("。", "”")), (section, field)
            assert not re.search(r"[\u4e00-\u9fff][,;:'\"!?]", text), (section, field)


def test_an_english_help_text_names_no_source_document():
    known = models()
    assert Names().help(known["Step"], "sources", "However few (S2: 曝光), see `x`.").en == "However few, see x."
