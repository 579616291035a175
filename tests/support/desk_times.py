"""`python -m tests.support.desk_times DATA_DIR`: how long each page of the desk takes to answer.

The data come from `python -m tests.support.seed DATA_DIR`. A server of its own answers on a
socket; each page is asked for in turn, so that a busy moment of the machine hits all alike.
"""

import argparse
import statistics
import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from api.app import make_app
from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.users.service import start_sign_in
from models.garbage import spare_what_stays
from models.incident import Incident
from models.statuses import Role
from models.user import User
from models.verification import Verification
from tests.api.pages.test_many_attempts import PAGES, addresses_of
from tests.support.seed import settings_of
from tests.support.serving import serving

ROUNDS = 20

console = Console()


def ids_of(context: Context) -> tuple[str, dict[str, str]]:
    """Return a sign-in of the admin, and what stands in the addresses."""
    with context.database.write() as session:
        admin = session.scalars(select(User).where(User.role == Role.ADMIN)).first()
        incident = session.scalars(select(Incident).order_by(Incident.evidence.desc())).first()
        assert admin is not None
        assert incident is not None
        counted = session.scalar(select(func.count()).select_from(Verification))
        console.print(f"{counted} verifications")
        ids = addresses_of(session, incident)
        return start_sign_in(session, context, admin.id).token, ids


def main() -> None:
    """Ask for every page and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    app = make_app(settings_of(arguments.folder))
    spare_what_stays()  # As the server does when it starts.
    token, ids = ids_of(app.state.context)
    taken: dict[str, list[float]] = {page: [] for page in PAGES}
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        client.cookies.set(SIGN_IN_COOKIE, token)
        for turn in range(arguments.rounds + 1):
            for page in PAGES:
                began = time.perf_counter()
                client.get(page.format(**ids), headers={"Accept": "text/html"}).raise_for_status()
                if turn:  # The first fills caches, as the first visitor of a day does.
                    taken[page].append(1000 * (time.perf_counter() - began))
    table = Table("page", "median ms", "p95 ms", "most ms")
    for page, times in taken.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        table.add_row(page, f"{statistics.median(times):.0f}", f"{p95:.0f}", f"{max(times):.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
