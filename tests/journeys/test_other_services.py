"""The same code on RabbitMQ and MariaDB."""

from pathlib import Path

import pytest

from tests.support.services import RABBITMQ_URL, mariadb_database, require
from tests.support.sitting import (
    different_frames,
    open_sitting,
    read_ledger,
    wait_for_verdicts,
)
from tests.support.stack import running_stack


@pytest.mark.services
@pytest.mark.timeout(180)
def test_frames_are_verified_on_rabbitmq_and_mariadb(tmp_path: Path) -> None:
    require("RabbitMQ", RABBITMQ_URL)
    with (
        mariadb_database() as database_url,
        running_stack(tmp_path, database_url=database_url, broker_url=RABBITMQ_URL) as stack,
        open_sitting(stack) as sitting,
    ):
        for seq, jpeg in enumerate(different_frames(12), start=1):
            sitting.send(seq, jpeg)
        wait_for_verdicts(sitting, 12, seconds=60)
        ledger = read_ledger(stack, sitting.attempt_id)
        assert ledger.sha256_by_seq == sitting.sha256_by_seq
        assert list(ledger.verdicts_by_seq.values()) == [["match"]] * 12
        assert ledger.jobs_not_done == 0
