"""A large place: the demo place with as many more units and rules as are asked for, each of them in use."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.services import PLACE

ABOVE = "city-office"


def large_place(directory: Path, units: int, rules: int) -> Path:
    """A folder with so many units and rules in all. The new rules come first: none fits the matters of the bench."""
    place = directory / "large"
    shutil.copytree(PLACE, place)
    files = {name: place / f"{name}.toml" for name in ("units", "categories", "dispatch")}
    texts = {name: path.read_text("utf-8") for name, path in files.items()}
    more_units = units - texts["units"].count("[[unit]]")
    more_rules = rules - texts["dispatch"].count("[[rule]]")
    names = [bureau(n) for n in range(more_units)]
    matters = [f"matter-{n}" for n in range(more_rules)]
    texts["units"] += "".join(_unit(name) for name in names)
    texts["categories"] += "".join(
        f'\n[[category]]\ncode = "{code}"\nzh = "{code}"\nen = "{code}"\n' for code in matters
    )
    first = texts["dispatch"].index("[[rule]]")
    added = "".join(_rule(code, names[n % len(names)]) for n, code in enumerate(matters))
    texts["dispatch"] = texts["dispatch"][:first] + added + texts["dispatch"][first:]
    for name, path in files.items():
        path.write_text(texts[name], "utf-8")
    return place


def bureau(n: int) -> str:
    """One of the new units."""
    return f"bureau-{n}"


def _unit(name: str) -> str:
    said = f'id = "{name}"\nzh = "{name}"\nen = "{name}"\nlevel = "city"\nparent = "{ABOVE}"\nareas = ["city"]\n'
    return f"\n[[unit]]\n{said}"


def _rule(code: str, unit: str) -> str:
    return f'[[rule]]\nid = "{code}"\ncategories = ["{code}"]\nto = "{unit}"\n\n'
