"""Answers that are kept as files."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from api.reports.service import ReportFile


def attachment(name: str) -> dict[str, str]:
    """Return the header that makes a browser keep an answer as a file of this name."""
    plain = name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    }


def file_response(file: ReportFile) -> Response:
    """Return a report as the answer to a request."""
    headers = attachment(file.name) | file.headers
    return Response(file.content, media_type=file.media_type, headers=headers)


def described(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says about a route that answers with a file."""
    return {200: {"content": {media_type: {}}, "description": "The file."}}
