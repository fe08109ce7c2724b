"""How the OpenAPI document describes what all endpoints share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction


class OrganizationAutoSchema(AutoSchema):
    """Adds the error answers that any endpoint of an organisation can give, in the one shape."""

    ERROR = {
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "boolean", "enum": [True]},
            "message": {"type": "string", "minLength": 1},
            "errors": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
    }

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        codes = {"400": "Invalid input", "401": "No valid login or key", "403": "The role does not allow it"}
        codes |= {"404": "Not found, or another organisation's", "429": "Too many requests"}
        if self.method not in {"GET", "HEAD", "OPTIONS"}:
            codes |= {
                "409": "The state of things forbids it",
                "413": "Too large",
                "415": "Content type not understood",
            }
        for code, description in codes.items():
            responses.setdefault(
                code, {"description": description, "content": {"application/json": {"schema": self.ERROR}}}
            )
        return responses
