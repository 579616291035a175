"""The API's description, with what FastAPI cannot know: our problems and who may call."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.credentials import SIGN_IN_COOKIE

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457, with a stable code, the next step and the request id.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id", "next_step"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/attempt_closed"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "examples": ["attempt_closed"]},
        "request_id": {"type": "string"},
        "next_step": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
"""What `Problem.body` returns."""

SECURITY_SCHEMES: dict[str, Any] = {
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "`fmk_<key id>_<secret>`, made by `face-monitor create-api-key`.",
    },
    "sign_in": {
        "type": "apiKey",
        "in": "cookie",
        "name": SIGN_IN_COOKIE,
        "description": "Of a browser; unsafe methods also need `X-CSRF-Token`.",
    },
}
"""Either of them, on everything but health."""


def describe_api(app: FastAPI) -> None:
    """Make `app.openapi()` name problems and credentials."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            components = schema.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            schemas["Problem"] = PROBLEM_SCHEMA
            components["securitySchemes"] = SECURITY_SCHEMES
            schema["security"] = [{"api_key": []}, {"sign_in": []}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]
