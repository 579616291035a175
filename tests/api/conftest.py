"""The application on a database and a frame store of its own, and people who use it."""

import base64
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.exceptions import StarletteDeprecationWarning

from api.api_clients.service import create_api_key
from api.app import make_app
from api.context import Context
from api.credentials import SIGN_IN_COOKIE, find_api_client
from api.users import passwords
from api.users.service import SignedIn, create_admin, start_sign_in
from models.settings import Settings
from models.statuses import Role
from tests.support.people import register_student
from tests.support.schema_copies import SchemaCopies, sqlite_copy

with warnings.catch_warnings():
    # It would rather have httpx2, which the rest of this project does not use.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

PASSWORD = "correct horse battery"
BASE_URL = "http://localhost:8000"

GOOD_HASHER = passwords._hasher
"""What the service itself hashes with."""


@dataclass
class FrozenClock:
    """A clock that moves only when told to."""

    now: datetime = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Caller:
    """Somebody with a client of their own, and the ids tests ask about."""

    client: TestClient
    user_id: str | None = None
    subject_id: str | None = None
    client_id: str | None = None
    login: str | None = None
    csrf_token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """Let `student.get("/…")` stand for `student.client.get("/…")`."""
        return getattr(self.client, name)


@pytest.fixture(scope="session", autouse=True)
def one_event_loop() -> Iterator[None]:
    """One event loop with its threads for all clients: a new one for each request costs more."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passwords weakly: hundreds of people are made, and good hashes are slow on purpose."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: weak)
        yield


@pytest.fixture
def good_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as the service does."""
    monkeypatch.setattr(passwords, "_hasher", GOOD_HASHER)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def database_url(tmp_path: Path, schema_copies: SchemaCopies) -> Iterator[str]:
    """A database of the test's own; `FACE_MONITOR_TEST_DATABASE` chooses another kind."""
    kind = os.environ.get("FACE_MONITOR_TEST_DATABASE", "sqlite")
    if kind == "sqlite":
        yield sqlite_copy(tmp_path / "face-monitor.db")
        return
    copies = {"postgresql": schema_copies.postgres, "mariadb": schema_copies.mariadb}
    with copies[kind]() as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Override in a test module to change one: `settings.model_copy(update={…})`."""
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=database_url,
        secret_key="a secret of the tests",
        key_encryption_key=base64.b64encode(bytes(range(32))).decode(),
    )


@pytest.fixture
def app(settings: Settings, clock: FrozenClock) -> Iterator[FastAPI]:
    app = make_app(settings, clock=clock)
    yield app
    app.state.context.database.close()


@pytest.fixture
def context(app: FastAPI) -> Context:
    context: Context = app.state.context
    return context


@pytest.fixture
def anonymous(app: FastAPI) -> Caller:
    return Caller(new_client(app))


@pytest.fixture
def student(app: FastAPI, context: Context) -> Caller:
    """A signed-in student whose client sends the CSRF token."""
    return new_student(app, context, "anna")


@pytest.fixture
def other_student(app: FastAPI, context: Context) -> Caller:
    return new_student(app, context, "berta")


@pytest.fixture
def admin(app: FastAPI, context: Context) -> Caller:
    with context.database.write() as session:
        user = create_admin(session, context, "root", PASSWORD)
        signed_in = start_sign_in(session, context, user.id)
    return signed_in_caller(app, signed_in)


@pytest.fixture
def reviewer(app: FastAPI, context: Context) -> Caller:
    """A signed-in reviewer."""
    with context.database.write() as session:
        user = create_admin(session, context, "reva", PASSWORD)
        user.role = Role.REVIEWER
        signed_in = start_sign_in(session, context, user.id)
    return signed_in_caller(app, signed_in)


@pytest.fixture
def system(app: FastAPI, context: Context) -> Caller:
    """Another system, with its API key."""
    return new_system(app, context, "lms")


@pytest.fixture
def other_system(app: FastAPI, context: Context) -> Caller:
    return new_system(app, context, "another lms")


def new_client(app: FastAPI, address: str = "192.0.2.1") -> TestClient:
    return TestClient(app, base_url=BASE_URL, follow_redirects=False, client=(address, 50_000))


def new_student(app: FastAPI, context: Context, login: str) -> Caller:
    with context.database.write() as session:
        user = register_student(
            session, context, login=login, display_name=login.title(), password=PASSWORD
        )
        signed_in = start_sign_in(session, context, user.id)
    return signed_in_caller(app, signed_in)


def signed_in_caller(app: FastAPI, signed_in: SignedIn) -> Caller:
    client = new_client(app)
    client.cookies.set(SIGN_IN_COOKIE, signed_in.token, domain="localhost.local", path="/")
    client.headers["X-CSRF-Token"] = signed_in.sign_in.csrf_token
    return Caller(
        client,
        user_id=signed_in.user.id,
        subject_id=signed_in.user.subject_id,
        login=signed_in.user.login,
        csrf_token=signed_in.sign_in.csrf_token,
    )


def new_system(app: FastAPI, context: Context, name: str) -> Caller:
    with context.database.write() as session:
        api_key = create_api_key(session, context, name)
        found = find_api_client(session, api_key)
        assert found is not None
        client_id = found.id
    client = new_client(app)
    client.headers["Authorization"] = f"Bearer {api_key}"
    return Caller(client, client_id=client_id)
