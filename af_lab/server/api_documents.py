"""The documents that describe the interface, for people and programs."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from af_lab.server.base import Handler

__all__ = ["EVENTS_SCHEMA", "OPENAPI", "EventsSchemaHandler", "OpenApiHandler"]

OPENAPI = Path(__file__).parent / "openapi.yaml"
EVENTS_SCHEMA = Path(__file__).parent / "events.schema.json"


class OpenApiHandler(Handler):
    """The description of the routes."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Return the description."""
        self.finish(OPENAPI.read_bytes(), set_content_type="application/yaml")


class EventsSchemaHandler(Handler):
    """The JSON schema of the messages; it refers to the schemas in `openapi.yaml`."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Return the schema."""
        self.finish(EVENTS_SCHEMA.read_bytes(), set_content_type="application/schema+json")
