"""Folders of portraits, and frames made of them once."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from clients.simulator.portraits import portrait_path
from tests.verifier import pictures, scenes
from verifier import FaceEngine, MatchPolicy
from verifier.benchmark.enrolled_frames import (
    EnrolledFrame,
    Skipped,
    frames_of_pictures,
    with_strangers,
)
from verifier.benchmark.pictures import find_pictures


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person with two pictures, another with one, and pictures that give no frame."""
    folder = tmp_path_factory.mktemp("people")
    for name, target in (
        ("obama.jpg", "press/obama/1.jpg"),
        ("obama2.jpg", "press/obama/2.JPG"),
        ("biden.jpg", "press/biden/1.jpeg"),
    ):
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(portrait_path(name), path)
    (folder / "wall.png").write_bytes(pictures.png(scenes.wall()))
    (folder / "broken.webp").write_bytes(b"my face, as text")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture(scope="session")
def skipped() -> Counter[Skipped]:
    """Filled by `frames`."""
    return Counter()


@pytest.fixture(scope="session")
def frames(
    engine: FaceEngine, people: Path, skipped: Counter[Skipped]
) -> tuple[EnrolledFrame, ...]:
    policy = MatchPolicy()
    found = frames_of_pictures(engine, policy, find_pictures(people), skipped)
    return with_strangers(found, policy)
