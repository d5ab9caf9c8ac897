"""What the extension promises: every answer and message of the tests is held against it."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from af_lab.server.api_documents import EVENTS_SCHEMA, OPENAPI

DOCUMENT: dict[str, Any] = yaml.safe_load(OPENAPI.read_text())

_REGISTRY: Registry[Any] = Registry().with_resources(
    [
        ("openapi.yaml", DRAFT202012.create_resource(DOCUMENT)),
        ("events.schema.json", DRAFT202012.create_resource(json.loads(EVENTS_SCHEMA.read_text()))),
    ]
)


def validator(reference: str) -> Draft202012Validator:
    """Return the validator of a schema in one of the documents."""
    return Draft202012Validator(
        {"$ref": reference}, registry=_REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


MESSAGE = validator("events.schema.json")


def check_answer(method: str, path: str, status: int, content: Any) -> None:
    """Check that a route may give an answer, and that it looks as is promised; a route that is none gives an error."""
    route = next((route for route in DOCUMENT["paths"] if _pattern(route).fullmatch(f"/{path.strip('/')}")), None)
    operation = None if route is None else DOCUMENT["paths"][route].get(method.lower())
    if route is None or operation is None:
        assert status in (403, 404, 405), f"{method} {path} is not in the document, and answers {status}"
        validator("openapi.yaml#/components/schemas/Error").validate(content)
        return
    assert str(status) in operation["responses"], f"{method} {route} may not answer {status}: {content}"
    response, pointer = (
        operation["responses"][str(status)],
        _pointer("paths", route, method.lower(), "responses", str(status)),
    )
    if "$ref" in response:
        pointer = response["$ref"].removeprefix("#/")
        response = DOCUMENT["components"]["responses"][pointer.rpartition("/")[2]]
    if "application/json" in response.get("content", {}):
        validator(f"openapi.yaml#/{pointer}/content/application~1json/schema").validate(content)
    elif "content" not in response:
        assert content is None, f"{method} {route} has no content, not {content!r}"


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", re.escape(route).replace(r"\{", "{").replace(r"\}", "}")))


def _pointer(*parts: str) -> str:
    escaped = (part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for part in parts)
    return "/".join(escaped)
