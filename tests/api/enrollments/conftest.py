"""Somebody who has consented, and images to offer."""

import pytest

from tests.support.pictures import small_jpeg, small_png


@pytest.fixture
def willing(student):
    """A student who has consented."""
    path = f"/api/v1/subjects/{student.subject_id}/consents"
    assert student.post(path, json={"text_version": "2026-12"}).status_code == 201
    return student


@pytest.fixture
def path(student):
    return f"/api/v1/subjects/{student.subject_id}/enrollments"


@pytest.fixture
def jpeg():
    return small_jpeg()


@pytest.fixture
def png():
    return small_png()
