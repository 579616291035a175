"""What one worker process holds: settings, database, images and the loaded engine."""

import logging
import threading
from dataclasses import dataclass, field

from sqlalchemy import delete

from models.database import Database, database_now
from models.frame_store import open_frame_store
from models.job import WorkerProcess
from models.sealed_images import SealedImages
from models.sealing import KeyRing
from models.settings import Settings
from verifier import FaceEngine, WeightsError, limit_native_threads, load_engine, run_self_test
from worker.holder import this_holder
from worker.job_protocol import release_jobs_of_the_dead

logger = logging.getLogger(__name__)


class EngineUnavailable(Exception):
    """An engine that somebody wants to compare with cannot be used here."""


@dataclass
class Runtime:
    """Built once per process, after the fork, and handed to every use case."""

    settings: Settings
    database: Database
    images: SealedImages
    engine: FaceEngine | None = None
    """None while the weights are missing or the self-test fails: jobs wait then, none fails."""
    trouble: str | None = None
    """What a person has to mend before jobs are done."""
    _others: dict[str, FaceEngine] = field(default_factory=dict)
    """Engines beside the one in use, by name, once somebody wanted to compare with them."""
    _stopping: threading.Event = field(default_factory=threading.Event)

    def load_engine(self) -> None:
        """Load the engine and test it with known answers; on failure note the trouble."""
        limit_native_threads()
        try:
            engine = load_engine(self.settings.engine)
        except WeightsError as error:
            self.engine, self.trouble = None, str(error)
            logger.error("no engine: %s", error)  # noqa: TRY400
            return
        report = run_self_test(engine)
        if report.passed:
            self.engine, self.trouble = engine, None
        else:
            self.engine = None
            self.trouble = (
                "The engine's self-test failed. Run `face-verify self-test` and install again."
            )
            logger.error("self-test of %s failed", engine.engine_id)

    def engine_named(self, name: str) -> FaceEngine:
        """Return an engine to compare with: the one in use, or another, loaded and tested once.

        Raises
        ------
        EngineUnavailable
            Its weights are missing, or it does not pass the known answers.
        """
        if self.engine is not None and name == self.settings.engine:
            return self.engine
        if name not in self._others:
            try:
                engine = load_engine(name)
            except (WeightsError, ValueError) as error:
                raise EngineUnavailable(str(error)) from error
            if not run_self_test(engine).passed:
                raise EngineUnavailable(f"the self-test of {engine.engine_id} failed")
            self._others[name] = engine
        return self._others[name]

    def start_heartbeat(self) -> None:
        """Report this process in the database from a thread, now and every few seconds.

        Not from here: a database that is away just now must not leave a worker nobody knows of.
        """
        threading.Thread(target=self._beat_until_stopped, name="heartbeat", daemon=True).start()

    def stop(self) -> None:
        """Take this process off the list of workers and close the database."""
        self._stopping.set()
        with self.database.write() as session:
            session.execute(delete(WorkerProcess).where(WorkerProcess.holder == this_holder()))
        self.database.close()

    def _beat_until_stopped(self) -> None:
        pause_seconds = self.settings.worker_seen_seconds / 6
        while not self._stopping.is_set():
            try:
                self._beat()
                if self.engine is None:
                    self.load_engine()
            except Exception:  # The database may be away for a while; the next beat tries again.
                logger.exception("heartbeat failed")
            self._stopping.wait(pause_seconds)

    def _beat(self) -> None:
        release_jobs_of_the_dead(self.database)
        holder = this_holder()
        with self.database.write(survives_power_cut=False) as session:
            now = database_now(session)
            process = session.get(WorkerProcess, holder)
            if process is None:
                process = WorkerProcess(holder=holder, started_at=now)
                session.add(process)
            process.seen_at = now
            process.engine_id = self.engine.engine_id if self.engine else None
            process.trouble = self.trouble


def open_runtime(settings: Settings) -> Runtime:
    """Return a runtime without an engine: the database is reached only when it is first used."""
    key_ring = KeyRing(settings.required_encryption_keys())
    return Runtime(
        settings=settings,
        database=Database(settings.database),
        images=SealedImages(open_frame_store(settings.frame_store), key_ring),
    )
