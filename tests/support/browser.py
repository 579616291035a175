"""A real Chromium whose camera plays a film made from still images."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from clients.simulator.fake_camera import write_y4m

FPS = 10

CAMERA = "camera.y4m"
"""The film a browser's camera plays, in a folder of its own."""

QUIET_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Headless and without calls to the outside; tests may run as root, where the sandbox cannot."""


def chromium_path() -> str:
    """Return where Chromium lies; skip, or fail where services are required, when it is missing."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("FACE_MONITOR_TEST_SERVICES") == "required":
            pytest.fail(reason)
        pytest.skip(f"left out: {reason}")
    return path


@contextmanager
def chromium(film: list[bytes], folder: Path) -> Iterator[Browser]:
    """Run a Chromium whose camera plays `film` (JPEGs, ten a second) in a loop."""
    with chromiums({folder: film}) as [browser]:
        yield browser


@contextmanager
def chromiums(films: Mapping[Path, list[bytes]]) -> Iterator[list[Browser]]:
    """Run a Chromium for each folder, whose camera plays the folder's film in a loop."""
    path = chromium_path()
    for folder, film in films.items():
        folder.mkdir(parents=True, exist_ok=True)
        write_y4m(folder / CAMERA, film, FPS)
    with sync_playwright() as playwright:
        browsers = [
            playwright.chromium.launch(
                executable_path=path,
                args=[
                    *QUIET_FLAGS,
                    "--use-fake-device-for-media-stream",
                    "--use-fake-ui-for-media-stream",
                    f"--use-file-for-fake-video-capture={folder / CAMERA}",
                ],
            )
            for folder in films
        ]
        try:
            yield browsers
        finally:
            for browser in browsers:
                browser.close()


def change_film(film: list[bytes], folder: Path) -> None:
    """Let the camera of the running Chromium show `film` from here on, which is as long.

    Chromium reads the file as it plays it: the track goes on, and somebody else sits there.
    """
    other = folder / "other.y4m"
    write_y4m(other, film, FPS)
    camera = folder / CAMERA
    assert other.stat().st_size == camera.stat().st_size, "The film must be as long as the first."
    with camera.open("r+b") as playing:
        playing.write(other.read_bytes())


class Watched:
    """A page whose console errors and refused loads are collected."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)
