"""Housekeeping: what nobody asks for and everybody misses when it is not done.

Every step may run in several processes at once, and a step that fails is tried again next time.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import islice

from sqlalchemy import delete, select

from models.api_client import IdempotentAnswer
from models.attempt_states import expire_overdue
from models.database import Database, database_now
from models.enrollment import ReferenceImage
from models.frame import Frame, VerificationRequest
from models.frame_store import FrameStore, open_frame_store
from models.job import WorkerProcess
from models.measurement import STORAGE, TOTALS, Measurement, keep_measurement
from models.sealing import KeyRing
from models.settings import Settings, SettingsProblem, read_settings
from models.statuses import DeliveryState
from models.totals import count_totals
from models.user import SignIn
from models.webhook import AlertMail, WebhookDelivery
from worker.dispatcher import stop_on_signals
from worker.logs import set_up_logging
from worker.notifier import Notifier

logger = logging.getLogger(__name__)

GONE_WORKER_SECONDS = 3600
"""How long a worker that vanished stays visible to whoever asks what happened."""

MESSAGES_KEPT_DAYS = 30
"""How long is known what webhooks and people were told."""

MEASURE_SECONDS = 600
"""How often files and rows are counted: a million of them are a few seconds of work."""

UNNAMED_SHARE = 0.02
UNNAMED_COUNT = 10
"""Killed uploads leave a file now and then. More without a row than this share, or this count,
means that database and store do not belong together: evidence is never removed on such grounds."""

KEYS_PER_QUERY = 200
"""How many stored images are looked up at once."""


class Housekeeping:
    """The recurring chores over one database and one frame store."""

    def __init__(self, settings: Settings, database: Database, store: FrameStore) -> None:
        self._settings = settings
        self._database = database
        self._store = store

    def run_once(self) -> None:
        """Do every chore once; one that fails does not keep the others from being done."""
        chores: tuple[Callable[[], None], ...] = (
            self.expire_attempts,
            self.drop_old_rows,
            self.sweep_store,
            self.sweep_broker,
            self.measure_store,
            self.count_rows,
        )
        for chore in chores:
            try:
                chore()
            except Exception as error:  # noqa: BLE001  # The next round tries again.
                logger.warning("%s failed: %s: %s", chore.__name__, type(error).__name__, error)

    def expire_attempts(self) -> None:
        """Close attempts whose time is over: a sweeper does that, not a page view."""
        with self._database.write() as session:
            expired = expire_overdue(session, database_now(session))
        if expired:
            logger.info("%d attempts expired", expired)

    def drop_old_rows(self) -> None:
        """Delete sign-ins, kept answers and messages past their time, and workers long gone."""
        with self._database.write() as session:
            now = database_now(session)
            kept = timedelta(seconds=self._settings.idempotency_lifetime_seconds)
            gone = timedelta(seconds=GONE_WORKER_SECONDS)
            session.execute(delete(SignIn).where(SignIn.expires_at <= now))
            session.execute(
                delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= now - kept)
            )
            session.execute(delete(WorkerProcess).where(WorkerProcess.seen_at <= now - gone))
            old = timedelta(days=MESSAGES_KEPT_DAYS)
            for table in (WebhookDelivery, AlertMail):
                is_over = table.state != DeliveryState.PENDING
                session.execute(delete(table).where(table.created_at <= now - old, is_over))

    def sweep_store(self) -> None:
        """Remove what killed uploads left: half-written files, and files no row names."""
        age_seconds = self._settings.orphan_age_seconds
        self._store.sweep_half_written(age_seconds)
        named_count, unnamed = 0, set()
        for keys in batched_keys(self._store.keys_older_than(age_seconds)):
            named = self._named(keys)
            named_count += len(named)
            unnamed |= keys - named
        if len(unnamed) > max(named_count * UNNAMED_SHARE, UNNAMED_COUNT if named_count else 0):
            logger.error(
                "%d of %d stored files have no row: is this the right database for this frame "
                "store, or an older copy of it? Nothing was removed.",
                len(unnamed),
                len(unnamed) + named_count,
            )
            return
        for key in unnamed:
            self._store.delete(key)
            logger.info("removed a stored file that no row names: %s", key)

    def sweep_broker(self) -> None:
        """Remove hints of the embedded broker that nobody took: their jobs are hinted again."""
        oldest = time.time() - self._settings.orphan_age_seconds
        for path in (self._settings.broker_folder / "hints").glob("*"):
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue  # A worker took it meanwhile.

    def measure_store(self) -> None:
        """Count what the store holds, now and then: no page has to look at every file."""
        if not self._is_measured(STORAGE):
            figures = asdict(self._store.usage())
            with self._database.write(survives_power_cut=False) as session:
                keep_measurement(session, STORAGE, figures, now=database_now(session))

    def count_rows(self) -> None:
        """Count what the large tables hold, now and then: nobody who asks has to read them."""
        if not self._is_measured(TOTALS):
            with self._database.read() as session:
                figures = count_totals(session, now=database_now(session))
            with self._database.write(survives_power_cut=False) as session:
                keep_measurement(session, TOTALS, figures, now=database_now(session))

    def run(self, stopping: threading.Event) -> None:
        """Do the chores at the set interval until told to stop."""
        while not stopping.is_set():
            self.run_once()
            stopping.wait(self._settings.housekeeping_interval_seconds)

    def _is_measured(self, name: str) -> bool:
        """Tell whether the measurement is young enough."""
        with self._database.read() as session:
            measured = session.get(Measurement, name)
            age = database_now(session) - measured.measured_at if measured else None
        return age is not None and age < timedelta(seconds=MEASURE_SECONDS)

    def _named(self, keys: set[str]) -> set[str]:
        columns = (
            Frame.storage_key,
            ReferenceImage.storage_key,
            VerificationRequest.storage_key,
            VerificationRequest.reference_storage_key,
        )
        with self._database.read() as session:
            return {
                key
                for column in columns
                for key in session.scalars(select(column).where(column.in_(keys)))
                if key is not None
            }


def batched_keys(keys: Iterator[str]) -> Iterator[set[str]]:
    """Yield the keys in sets of at most `KEYS_PER_QUERY`."""
    while batch := set(islice(keys, KEYS_PER_QUERY)):
        yield batch


def main() -> None:
    """`python -m worker.housekeeping`: keep house until told to stop."""
    set_up_logging("housekeeping")
    try:
        settings = read_settings()
        key_ring = KeyRing(settings.required_encryption_keys())
    except SettingsProblem as problem:
        sys.exit(str(problem))
    database = Database(settings.database)
    store = open_frame_store(settings.frame_store)
    stopping = stop_on_signals()
    notifier = Notifier(settings, database, key_ring)
    # A thread of its own: counting a large store must not keep an alert waiting.
    sending = threading.Thread(target=notifier.run, args=(stopping,), name="notifier")
    sending.start()
    Housekeeping(settings, database, store).run(stopping)
    sending.join()


if __name__ == "__main__":
    main()
