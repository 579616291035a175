"""What stays as long as the process is not looked through for garbage again and again."""

import gc

from tests.api.conftest import new_client


def test_a_server_that_starts_spares_its_program(app):
    gc.unfreeze()
    try:
        with new_client(app):
            assert gc.get_freeze_count() > 50_000
    finally:
        gc.unfreeze()
