"""The application alone, answering on a socket of this process; nobody verifies anything."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.app import make_app
from api.stream.hub import Hub
from models.settings import Settings
from tests.conftest import ENCRYPTION_KEY
from tests.support.schema_copies import sqlite_copy
from tests.support.waiting import free_port, wait_until


@contextmanager
def new_app(folder: Path) -> Iterator[FastAPI]:
    """Make the application with an empty database in `folder`; closed at the end of the block."""
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url=sqlite_copy(folder / "face-monitor.db"),
        secret_key="a secret of the tests",
        key_encryption_key=ENCRYPTION_KEY,
    )
    app = make_app(settings)
    yield app
    app.state.context.database.close()


@contextmanager
def serving(app: FastAPI, port: int | None = None) -> Iterator[str]:
    """Serve `app` until the block ends; gives its address."""
    port = port or free_port()
    # A hub that was closed stays so; it also belongs to one event loop.
    app.state.hub = hub = Hub(app.state.context)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the application to listen")
        yield f"http://127.0.0.1:{port}"
    finally:
        hub.close()
        server.should_exit = True
        thread.join(timeout=10)
