"""A broker that goes away, and images that change on disk."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.services import REDIS_URL, require
from tests.support.sitting import different_frames, open_sitting, wait_for_verdicts
from tests.support.stack import RunningStack, running_stack
from tests.support.waiting import free_port, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


@contextmanager
def own_redis(folder: Path, port: int) -> Iterator[None]:
    """Run a Redis of our own, which may be killed."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        ping = ["redis-cli", "-p", str(port), "ping"]
        wait_until(
            lambda: subprocess.run(ping, capture_output=True).stdout.startswith(b"PONG"),
            what="our own Redis",
        )
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.services
def test_a_dead_broker_stops_no_upload_and_an_empty_one_no_verdict(tmp_path: Path) -> None:
    require("Redis", REDIS_URL)
    if shutil.which("redis-server") is None:
        pytest.skip("left out: redis-server is not installed, only reachable")
    port = free_port()
    frames = different_frames(20)
    url = f"redis://127.0.0.1:{port}/0"
    with running_stack(tmp_path, wait=False, broker_url=url) as stack, ExitStack() as redis:
        redis.enter_context(own_redis(tmp_path, port))
        stack.wait_ready()
        with open_sitting(stack) as sitting:
            for seq in range(1, 6):
                sitting.send(seq, frames[seq - 1])
            wait_for_verdicts(sitting, 5, seconds=30)
            redis.close()
            for seq in range(6, 21):
                sitting.send(seq, frames[seq - 1])
            assert sitting.client.get_attempt(sitting.attempt_id).counts.frames == 20
            # It comes back empty: everything it knew is gone.
            redis.enter_context(own_redis(tmp_path, port))
            wait_for_verdicts(sitting, 20, seconds=90)
        stack.stop()


def test_a_changed_image_is_an_error_and_never_a_match(embedded_stack: RunningStack) -> None:
    with open_sitting(embedded_stack) as sitting:
        worker = embedded_stack.child("worker")
        children = embedded_stack.pool_children()
        # The image has to change before it is read: nobody works meanwhile.
        for process in [worker, *children]:
            process.suspend()
        try:
            first, second = different_frames(2)
            sitting.send(1, first)
            sitting.send(2, second)
            folder = embedded_stack.data_dir / "frames" / "frames" / sitting.attempt_id
            one, two = sorted(folder.iterdir())
            one_bytes, two_bytes = one.read_bytes(), bytearray(two.read_bytes())
            two_bytes[len(two_bytes) // 2] ^= 1
            two.write_bytes(bytes(two_bytes))
            one.unlink()
            assert one_bytes
        finally:
            for process in [*children, worker]:
                process.resume()
        wait_for_verdicts(sitting, 2, seconds=30)
        for seq in (1, 2):
            verification = sitting.client.get_frame(sitting.attempt_id, seq).verification
            assert verification is not None
            assert (verification.verdict, verification.error_code) == ("error", "integrity")
