"""Nobody can forget to ask who is there: every route either does, or stands in PUBLIC."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.health.routes import may_see_metrics
from api.principal import current_principal

PUBLIC = {
    ("GET", "/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    # Before anybody has signed in; both forms carry a token of their own.
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/register"),
    ("POST", "/register"),
    # Whoever has the link; its token is the proof.
    ("GET", "/invitation/{token}"),
    ("POST", "/invitation/{token}"),
    # Ends whatever sign-in there is; answers 405, because a link must not sign anybody out.
    ("GET", "/logout"),
    # The start page leads to the sign-in form.
    ("GET", "/"),
    # A reader's choice, whoever reads.
    ("POST", "/language"),
    # Files of the program, the same for everybody.
    ("GET", "/static/{path:path}"),
}

GUARDS = {current_principal, may_see_metrics}


@pytest.fixture
def routes(app: FastAPI) -> list[RouteContext]:
    return list(iter_route_contexts(app.routes))


def test_every_route_asks_who_is_there(routes: list[RouteContext]) -> None:
    open_routes = {
        (method, route.path)
        for route in routes
        if not asks_who_is_there(route)
        for method in (route.methods or {"GET"}) - {"HEAD", "OPTIONS"}
    }
    forgotten = {
        (method, path)
        for method, path in open_routes - PUBLIC
        if not str(path).startswith("/static")
    }
    assert forgotten == set()


def test_guard_is_found_where_there_is_one(routes: list[RouteContext]) -> None:
    guarded = {route.path for route in routes if asks_who_is_there(route)}
    assert {"/api/v1/subjects", "/api/v1/attempts/{attempt_id}/frames/{seq}"} <= guarded


def test_stranger_gets_nothing_but_401(routes: list[RouteContext], anonymous) -> None:
    for route in routes:
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
            path = str(route.path)
            if (method, path) in PUBLIC or not path.startswith("/api"):
                continue
            # With a body that FastAPI would refuse before it asks who sent it, if it could.
            answer = anonymous.client.request(method, concrete(path))
            assert (method, path, answer.status_code) == (method, path, 401) or (
                answer.json()["code"] == "invalid_request"
            ), answer.text


def concrete(path: str) -> str:
    return path.replace("{seq}", "1").replace("{version}", "1")


def asks_who_is_there(route: RouteContext) -> bool:
    dependant = getattr(route, "dependant", None)
    return dependant is not None and any(call in GUARDS for call in calls_of(dependant))


def calls_of(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from calls_of(below)
