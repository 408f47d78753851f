"""Names of columns as they are compared, and codes made of names."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Marks that show nothing, which copying and old exports leave in headers."""
_MARKS = re.compile(r"[\W_]+")


def slug(text: str) -> str:
    """A code for a name: lower case, everything else one hyphen (``Noise - Street/Sidewalk``)."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def folded(header: str) -> str:
    """A header as it is compared: ``complaint_type`` and its full-width form are ``Complaint Type``."""
    return " ".join(_shown(header).replace("_", " ").split()).casefold()


def loosely_folded(header: str) -> str:
    """The same without punctuation, as portals make names of columns: ``problem_formerly_complaint_type``."""
    return _MARKS.sub(" ", folded(header)).strip()


def _shown(header: str) -> str:
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", header)).strip()
