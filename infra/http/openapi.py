"""The OpenAPI 3.1 document of a service and a page to read it by, from the endpoints that are served."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from infra.http.access_log import REASON, REASON_HEADER
from infra.http.endpoint import Answer, Endpoint, Interface, Parameter
from infra.http.forms import MULTIPART
from infra.http.problems import MEDIA_TYPE, ProblemDocument

Schema = dict[str, Any]
_REASON = Parameter(
    REASON_HEADER,
    "header",
    "why personal data are read, as a code for the log",
    {"type": "string", "pattern": f"^{REASON}$"},
)
_REF = "#/components/schemas/{model}"


def document(title: str, version: str, interfaces: Sequence[Interface]) -> Schema:
    """Everything that is served under these interfaces."""
    paths: dict[str, Schema] = {}
    for interface in interfaces:
        for endpoint in interface.endpoints:
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", endpoint.path)
            paths.setdefault(path, {})[endpoint.method.lower()] = _operation(interface, endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": interface.name, "description": interface.says} for interface in interfaces],
        "paths": paths,
        "components": {
            "schemas": _schemas(interfaces),
            "securitySchemes": {
                name: dict(place) for interface in interfaces for name, place in _security(interface).items()
            },
        },
    }


def _security(interface: Interface) -> dict[str, Mapping[str, str]]:
    return {f"{interface.name}-key-{n}": place for n, place in enumerate(interface.key_places, 1)}


def _models(interfaces: Iterable[Interface]) -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {ProblemDocument.__name__: ProblemDocument}
    for interface in interfaces:
        for endpoint in interface.endpoints:
            for model in (endpoint.body, *(answer.model for answer in endpoint.answers.values())):
                if model is not None:
                    found[model.__name__] = model
    return list(found.values())


def _schemas(interfaces: Sequence[Interface]) -> Schema:
    _, schemas = models_json_schema([(model, "validation") for model in _models(interfaces)], ref_template=_REF)
    found: Schema = schemas["$defs"]
    return found


def _operation(interface: Interface, endpoint: Endpoint) -> Schema:
    said: Schema = {
        "tags": [interface.name],
        "summary": endpoint.summary,
        "operationId": re.sub(r"\W+", "_", f"{endpoint.method.lower()} {endpoint.path}").strip("_"),
        "responses": {str(status): _answer(answer) for status, answer in endpoint.answers.items()},
    }
    parameters = (*endpoint.parameters, *((_REASON,) if endpoint.right else ()))
    if parameters:
        said["parameters"] = [
            {
                "name": each.name,
                "in": each.where,
                "description": each.says,
                "schema": dict(each.schema),
                "required": each.required or each.where == "path",
            }
            for each in parameters
        ]
    schema = _reference(endpoint.body) if endpoint.body else endpoint.body_schema
    if schema:
        said["requestBody"] = {
            "required": True,
            "content": {each: {"schema": dict(schema)} for each in endpoint.body_types},
        }
    if endpoint.form_schema:
        body = said.setdefault("requestBody", {"required": True, "content": {}})
        body["content"][MULTIPART] = {"schema": dict(endpoint.form_schema)}
    said["security"] = [{name: []} for name in _security(interface)] if endpoint.right else []
    if endpoint.right and interface.client:
        said["x-client"] = " or ".join(interface.clients)
    if endpoint.commands:
        said["x-commands"] = [{"type": each.TYPE, "topic": each.TOPIC} for each in endpoint.commands]
    return said


def _answer(answer: Answer) -> Schema:
    schema = _reference(answer.model) if answer.model else dict(answer.schema or {})
    types = (MEDIA_TYPE,) if answer.model is ProblemDocument else answer.media_types
    return {"description": answer.says, "content": {each: {"schema": schema} for each in types}}


def _reference(model: type[BaseModel]) -> Schema:
    return {"$ref": _REF.format(model=model.__name__)}


def page(doc: Schema) -> str:
    """The document as a page for people; needs no script and nothing from elsewhere."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>{escape(doc['info']['title'])}</title><style>{_STYLE}</style><h1>{escape(doc['info']['title'])}</h1>",
        "<p>For programs: <a href='/openapi.json'>openapi.json</a>. The bus: <a href='/asyncapi'>AsyncAPI</a>.</p>",
    ]
    for tag in doc["tags"]:
        parts.append(f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>")
        for path, operations in doc["paths"].items():
            parts += [_shown(m, path, o) for m, o in operations.items() if tag["name"] in o["tags"]]
    parts.append("<h2>Schemas</h2>")
    parts += [_shown_schema(name, schema) for name, schema in doc["components"]["schemas"].items()]
    return "".join(parts) + "</html>"


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "code,h3{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #ddd;padding:.2rem .6rem;text-align:left;vertical-align:top}"
)


def _shown(method: str, path: str, operation: Schema) -> str:
    rows = [(p["name"], f"{p['in']}, {_type(p['schema'])}", p["description"]) for p in operation.get("parameters", ())]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        rows.append(("body", f"{media}, {_type(content['schema'])}", ""))
    for status, answer in operation["responses"].items():
        types = {_type(content["schema"]) for content in answer["content"].values()}
        rows.append((status, ", ".join(sorted(types)), answer["description"]))
    client = operation.get("x-client")
    key = f" · needs a key of a {client}" if client else " · needs a key" if operation["security"] else ""
    return f"<h3>{method.upper()} {escape(path)}</h3><p>{escape(operation['summary'])}{key}</p>{_table(rows)}"


def _shown_schema(name: str, schema: Schema) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (field + ("*" if field in required else ""), _type(said), said.get("description", ""))
        for field, said in schema.get("properties", {}).items()
    ]
    if "enum" in schema:
        rows = [(str(value), "", "") for value in schema["enum"]]
    return f"<h3>{escape(name)}</h3><p>{escape(schema.get('description', ''))}</p>{_table(rows)}"


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{cells}</table>"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(_type(each) for each in schema[key])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "object")
