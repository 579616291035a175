"""The description is public, whole, and says what can go wrong."""

import json

import pytest


@pytest.fixture
def description(anonymous):
    return anonymous.get("/openapi.json").json()


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_reference_leads_somewhere(description):
    schemas = description["components"]["schemas"]
    text = json.dumps(description)
    for reference in text.split('"#/components/schemas/')[1:]:
        assert reference.partition('"')[0] in schemas


def test_every_operation_is_described_with_its_problems(description):
    for name, operation in operations(description):
        assert operation["summary"], name
        assert operation["description"], name
        problem = operation["responses"]["422"]["content"]["application/problem+json"]
        assert problem["schema"]["$ref"].endswith("/Problem"), name
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_only_health_is_open(description):
    open_ones = {
        name for name, operation in operations(description) if operation.get("security") == []
    }
    assert open_ones == {"GET /healthz", "GET /readyz"}
    assert description["security"] == [{"api_key": []}, {"sign_in": []}]


def test_pages_are_no_part_of_it(description):
    assert not [path for path in description["paths"] if path.startswith("/admin")]
