"""The OpenAPI document of the site, from its operations: what schemathesis reads. Not a promise to anybody else."""

from collections.abc import Iterable
from typing import Any

from app.security import POLICY
from tests.attack.described import Operation, example_of

_PAGES: dict[str, Any] = {"text/html": {}}
_OTHERS = {
    ".csv": "text/csv", ".json": "application/json", ".tlog-proof": "text/plain", ".jpg": "image/jpeg",
    "/healthz": "text/plain", "/readyz": "text/plain", "/log/checkpoint": "text/plain", "/log/balances": "application/json",
    "/log/cosignatures": "text/plain", "/log/tile/{rest}": "application/octet-stream",
}  # fmt: skip
_ANSWERS = {200, 204, 302, 303, 304, 400, 403, 404, 405, 409, 413, 422, 429}  # and none from 500
_HEADERS = {
    "Content-Security-Policy": {"enum": [POLICY]},
    "X-Content-Type-Options": {"enum": ["nosniff"]},
    "Referrer-Policy": {"enum": ["same-origin", "no-referrer"]},
    "Cross-Origin-Opener-Policy": {"enum": ["same-origin"]},
    "Cache-Control": {"type": "string", "minLength": 1},
}


def document(operations: Iterable[Operation], *, role: str, spared: frozenset[str] = frozenset()) -> dict[str, Any]:
    """For somebody in this role: addresses begin with the values with which they get furthest.

    Forms to a spared address are marked as deprecated, so that they are known and not sent.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = {
            **_described(operation, role),
            "deprecated": operation.method != "GET" and operation.path in spared,
        }
    return {"openapi": "3.0.3", "info": {"title": "Every route of the site", "version": "1"}, "paths": paths}


def _described(operation: Operation, role: str) -> dict[str, Any]:
    first = operation.open_to.get(role, {})
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _part(name, first, operation)} for name in operation.values
    ]
    in_query = [{"name": name, "in": "query", "schema": _value(example_of(name))} for name in sorted(operation.query)]
    described: dict[str, Any] = {
        "operationId": f"{operation.method} {operation.path}",
        "parameters": [*in_path, *in_query],
        "responses": _responses(operation),
    }
    if operation.method != "GET":
        described["requestBody"] = {"content": _body(operation)}
    return described


def _part(name: str, first: dict[str, str], operation: Operation) -> dict[str, Any]:
    known = list(dict.fromkeys([*([first[name]] if name in first else []), *operation.values[name]]))
    if name in operation.numbers:
        numbers = [int(value) for value in known if value.isdecimal()]
        return {"anyOf": [*([{"enum": numbers}] if numbers else []), {"type": "integer", "minimum": 0}]}
    return {"anyOf": [{"enum": known}, {"type": "string", "minLength": 1, "maxLength": 200}]}


def _value(examples: list[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": examples}, {"type": "string", "maxLength": 200}]}


def _body(operation: Operation) -> dict[str, Any]:
    """A form as browsers send it; a field may come several times, as a day's three parts do."""
    if operation.reads == "json":
        return {"application/json": {"schema": {"type": "object"}}}
    if operation.reads == "bytes":
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    fields: dict[str, Any] = {}
    for name in sorted(operation.fields):
        examples = example_of(name)
        several = {"type": "array", "items": _value(examples), "maxItems": 4}
        fields[name] = several if name in {"begins", "ends", "until", "choices"} else _value(examples)
    fields |= {name: {"type": "string", "format": "binary"} for name in sorted(operation.files)}
    kind = "multipart/form-data" if operation.files else "application/x-www-form-urlencoded"
    return {kind: {"schema": {"type": "object", "properties": fields}}}


def _responses(operation: Operation) -> dict[str, Any]:
    """What any answer is like: pages, or the route's own kind of file; the headers of every page; no fault of the server."""
    kinds: dict[str, Any] = dict(_PAGES)
    kinds |= {kind: {} for end, kind in _OTHERS.items() if operation.path.endswith(end)}
    if operation.path.startswith("/static/"):
        kinds |= {"text/css": {}, "text/javascript": {}}
    if operation.reads == "json" or operation.path.endswith("/options"):
        kinds["application/json"] = {}
    if operation.method != "GET" or operation.path.startswith(("/log/", "/ledger/{index}.")):  # refusals for programs
        kinds["text/plain"] = {}
    headers = {name: {"required": True, "schema": schema} for name, schema in _HEADERS.items()}
    answers = {str(code): {"description": "An answer", "content": kinds, "headers": headers} for code in sorted(_ANSWERS)}
    return answers | {"414": {"description": "Refused by gunicorn, before the site", "content": _PAGES}}
