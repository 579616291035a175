import re

import pytest

from api.pages.page import TEMPLATES
from tests.api.conftest import Caller

SERVED = {
    "/static/pages/face-monitor.css": "text/css; charset=utf-8",
    "/static/pages/attempt.js": "text/javascript; charset=utf-8",
    "/static/pages/favicon.svg": "image/svg+xml",
    "/static/vendor/pico/pico.min.css": "text/css; charset=utf-8",
    "/static/face-monitor/index.js": "text/javascript; charset=utf-8",
    "/static/vendor/face-api/face-api.esm.js": "text/javascript; charset=utf-8",
    "/static/vendor/face-api/model/tiny_face_detector_model-weights_manifest.json": (
        "application/json"
    ),
    "/static/vendor/face-api/model/tiny_face_detector_model.bin": "application/octet-stream",
}

NOT_SERVED = [
    "/static/",
    "/static/pages/",
    "/static/pages/../page.py",
    "/static/pages/%2e%2e/page.py",
    "/static/pages/..%2fpage.py",
    "/static/pages/../package.json",
    "/static/vendor/pico/",
    "/static/vendor/pico/pico.css",
    "/static/vendor/pico/../package.json",
    "/static/vendor/face-api/face-api.js",
    "/static/vendor/face-api/model/",
    "/static/vendor/face-api/model/face_recognition_model.bin",
    "/static/face-monitor/../package.json",
    "/static/face-monitor/%2e%2e/package.json",
]


@pytest.mark.parametrize(("address", "media_type"), SERVED.items())
def test_needed_file_is_served_with_its_type(
    anonymous: Caller, address: str, media_type: str
) -> None:
    answer = anonymous.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_unchanged_file_is_not_sent_again(anonymous: Caller) -> None:
    address = "/static/vendor/face-api/face-api.esm.js"
    etag = anonymous.get(address).headers["etag"]
    again = anonymous.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", NOT_SERVED)
def test_nothing_else_is_served(anonymous: Caller, address: str) -> None:
    assert anonymous.get(address).status_code == 404


def test_every_file_a_template_names_is_served(anonymous: Caller) -> None:
    named = {
        address.replace("{{ language }}", "de")
        for template in TEMPLATES.rglob("*.html")
        for address in re.findall(r'"(/static/[^"]+)"', template.read_text())
    }
    assert len(named) > 5
    for address in named:
        assert anonymous.get(address).status_code == 200, address
