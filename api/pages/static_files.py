"""The files browsers load: our styles and scripts, and the few that are needed of npm packages."""

from fnmatch import fnmatchcase
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".bin": "application/octet-stream",
}
"""Said by us: the machine's own table may lack one, and modules need exactly theirs."""


class NamedFiles(StaticFiles):
    """Files of one folder whose names fit one of the patterns; nothing below it, no listing."""

    def __init__(self, folder: Path, *patterns: str) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._patterns = patterns

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or that it has not changed since the browser kept it."""
        if "/" in path or not any(fnmatchcase(path, pattern) for pattern in self._patterns):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        media_type = MEDIA_TYPES.get(Path(path).suffix)
        if media_type and response.status_code == 200:
            response.headers["Content-Type"] = media_type
        return response


def repository_root() -> Path:
    """Return the folder that holds `api` and `clients`."""
    return Path(__file__).resolve().parents[2]


def mount_static(app: FastAPI) -> None:
    """Serve everything below `/static/`."""
    pages = repository_root() / "api" / "pages"
    browser = repository_root() / "clients" / "browser"
    face_api = browser / "node_modules" / "@vladmandic" / "face-api"
    pico = pages / "node_modules" / "@picocss" / "pico" / "css"
    uplot = pages / "node_modules" / "uplot" / "dist"
    for address, files in {
        "/static/pages": NamedFiles(pages / "static", "*.js", "*.css", "*.svg"),
        "/static/face-monitor": NamedFiles(browser / "src", "*.js"),
        "/static/vendor/uplot": NamedFiles(uplot, "uPlot.esm.js", "uPlot.min.css"),
        "/static/vendor/pico": NamedFiles(pico, "pico.min.css"),
        "/static/vendor/face-api/model": NamedFiles(
            face_api / "model", "tiny_face_detector_model*"
        ),
        "/static/vendor/face-api": NamedFiles(face_api / "dist", "face-api.esm.js"),
    }.items():
        app.mount(address, files)
