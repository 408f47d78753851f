"""JSON Schemas of GeoReport v2's answers, written by us from the text of the specification.

Source: https://wiki.open311.org/GeoReport_v2/ (responses of each method; JSON by the Spark convention) and
https://wiki.open311.org/Service_Discovery/. The specification itself comes without schemas.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
NOTHING_OR_TEXT: Schema = {"type": ["string", "null"]}
INSTANT: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$",
}
"""W3C date and time with its zone."""


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


DISCOVERY = _object(
    {
        "changeset": INSTANT,
        "contact": TEXT,
        "key_service": TEXT,
        "endpoints": {
            **_list(
                _object(
                    {
                        "specification": {"const": "http://wiki.open311.org/GeoReport_v2"},
                        "url": {"type": "string", "pattern": "^https?://"},
                        "changeset": INSTANT,
                        "type": {"enum": ["production", "test"]},
                        "formats": {**_list({"enum": ["text/xml", "application/json"]}), "minItems": 1},
                    }
                )
            ),
            "minItems": 1,
        },
    }
)

SERVICES = _list(
    _object(
        {
            "service_code": TEXT,
            "service_name": TEXT,
            "description": TEXT,
            "metadata": {"type": "boolean"},
            "type": {"enum": ["realtime", "batch", "blackbox"]},
        },
        {"keywords": {"type": "string"}, "group": {"type": "string"}},
    )
)

DEFINITION = _object(
    {
        "service_code": TEXT,
        "attributes": _list(
            {
                **_object(
                    {
                        "variable": {"type": "boolean"},
                        "code": TEXT,
                        "datatype": {
                            "enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
                        },
                        "required": {"type": "boolean"},
                        "datatype_description": NOTHING_OR_TEXT,
                        "order": {"type": "integer", "minimum": 1},
                        "description": TEXT,
                    },
                    {"values": {**_list(_object({"key": TEXT, "name": TEXT})), "minItems": 1}},
                ),
                "if": {"properties": {"datatype": {"pattern": "list$"}}},
                "then": {"required": ["values"]},
                "else": {"not": {"required": ["values"]}},
            }
        ),
    }
)

CREATED = {
    **_list(
        {
            **_object(
                {},
                {
                    "service_request_id": TEXT,
                    "token": TEXT,
                    "service_notice": NOTHING_OR_TEXT,
                    "account_id": NOTHING_OR_TEXT,
                },
            ),
            "oneOf": [{"required": ["service_request_id"]}, {"required": ["token"]}],
        }
    ),
    "minItems": 1,
    "maxItems": 1,
}

TOKEN = {**_list(_object({"service_request_id": TEXT, "token": TEXT})), "minItems": 1, "maxItems": 1}

REQUESTS = _list(
    _object(
        {
            "service_request_id": TEXT,
            "status": {"enum": ["open", "closed"]},
            "service_name": TEXT,
            "service_code": TEXT,
            "requested_datetime": INSTANT,
        },
        {
            "status_notes": NOTHING_OR_TEXT,
            "description": NOTHING_OR_TEXT,
            "agency_responsible": NOTHING_OR_TEXT,
            "service_notice": NOTHING_OR_TEXT,
            "updated_datetime": INSTANT,
            "expected_datetime": {"anyOf": [{"type": "null"}, INSTANT]},
            "address": NOTHING_OR_TEXT,
            "address_id": NOTHING_OR_TEXT,
            "zipcode": NOTHING_OR_TEXT,
            "lat": {"type": ["number", "null"]},
            "long": {"type": ["number", "null"]},
            "media_url": NOTHING_OR_TEXT,
            "media_urls": {"type": "array", "minItems": 2, "items": TEXT},
        },
    )
)

ERRORS = {**_list(_object({"code": {"type": "integer", "minimum": 400}, "description": TEXT})), "minItems": 1}
