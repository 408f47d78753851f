"""Known fields of Open311 forms and queries. Source: GeoReport v2, POST Service Request, GET Service Requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from contracts.codes import RefusalCode
from contracts.refusals import Reason, reason

FORM = {
    "api_key": "of the channel",
    "jurisdiction_id": "may be left out: there is one",
    "service_code": "of the list of services",
    "lat": "WGS 84 in decimal degrees, with long; or address_string, or address_id",
    "long": "WGS 84 in decimal degrees, with lat",
    "address_string": "where, in words",
    "address_id": "code of an area",
    "description": "what is the matter",
    "first_name": "sealed for notify",
    "last_name": "sealed for notify",
    "email": "sealed for notify",
    "phone": "sealed for notify",
    "device_id": "not kept",
    "account_id": "not kept",
}
"""Fields of a form that may occur once, with descriptions."""
REPEATABLE = {
    "media_url": "address of a photo, paper or recording, http or https",
    "media_url[]": "the same, also with a number between the brackets",
}
"""Fields of a form that may be given several times, with what they hold."""
MEDIA_URL = re.compile(r"media_url(?:\[\d{0,3}\])?")
"""Every spelling of the field for an address."""
MEDIA = re.compile(r"media(?:\[\d{0,3}\])?")
"""Names of file fields. The standard has none; several servers use these."""
ANSWER = "attribute[code]"
"""Placeholder for the answer to a question with any code; `attribute[code][]` is repeated for several answers."""
ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\])?")
FILTERS = (
    "api_key",
    "jurisdiction_id",
    "service_request_id",
    "service_code",
    "start_date",
    "end_date",
    "status",
    "page",
    "page_size",
)
"""Fields of the query for a list of requests; each may occur once."""
_COMPARED = 60
"""Length to which an unknown name is truncated for the comparison with known names."""


def form_faults(names: Iterable[str]) -> list[Reason]:
    """Return a reason for each field that a form does not have, or has once and was given several times."""
    given = [name for name in names if not (ATTRIBUTE.fullmatch(name) or MEDIA_URL.fullmatch(name))]
    return _faults(given, (*FORM, *REPEATABLE, ANSWER), once={*FORM, ANSWER})


def filter_faults(names: Iterable[str]) -> list[Reason]:
    """Return the same reasons for the query of a list."""
    return _faults(names, FILTERS, once=FILTERS)


def _faults(names: Iterable[str], known: Collection[str], once: Collection[str]) -> list[Reason]:
    found = []
    for name, times in Counter(names).items():
        if name not in known:
            (nearest,) = get_close_matches(name[:_COMPARED].lower(), known, 1, cutoff=0)
            found.append(reason(RefusalCode.FIELD_UNKNOWN, name[:200], nearest=nearest))
        elif times > 1 and name in once:
            found.append(reason(RefusalCode.FIELD_REPEATED, name))
    return found
