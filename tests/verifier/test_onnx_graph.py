"""Graphs run on the calling thread alone and keep nothing of the pictures they have seen."""

import multiprocessing

import numpy as np
import psutil

from verifier.onnx_graph import GraphWriter, open_session


def test_memory_of_a_large_picture_is_given_back_and_no_thread_stays() -> None:
    # In a process of its own: in this one other tests leave and take memory meanwhile.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        kept_bytes, new_threads = pool.apply(_run_a_large_picture)
    assert kept_bytes < 20_000_000
    assert new_threads == 0


def _run_a_large_picture() -> tuple[int, int]:
    """Return the bytes and threads that are there afterwards and were not before."""
    writer = GraphWriter()
    filters = writer.constant(np.ones((8, 3, 3, 3), np.float32))
    planes = writer.node("Transpose", "pixels", perm=[0, 3, 1, 2])
    last = writer.node("Conv", planes, filters, kernel_shape=[3, 3])
    process = psutil.Process()
    threads = process.num_threads()
    session = open_session(
        writer.model(last, [1, "rows_in", "columns_in", 3], [1, 8, "rows", "columns"])
    )
    session.run(None, {"pixels": np.ones((1, 10, 10, 3), np.float32)})
    before = process.memory_info().rss
    # Between its nodes this picture takes 48 MB and its answer 128 MB.
    (answer,) = session.run(None, {"pixels": np.ones((1, 2000, 2000, 3), np.float32)})
    assert answer.shape == (1, 8, 1998, 1998)
    assert (answer == 27).all()
    del answer
    return process.memory_info().rss - before, process.num_threads() - threads
