"""What comes with notify and is no code: the words of notices, of codes, sample values, the frame of mails."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> Mapping[str, Any]:
    """One of the TOML files here: `templates`, `words`, `samples`."""
    return tomllib.loads(text(f"{name}.toml"))


def text(file: str) -> str:
    """One of the files here, as it stands."""
    return files(__name__).joinpath(file).read_text("utf-8")
