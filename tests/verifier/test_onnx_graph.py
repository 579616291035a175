"""Graphs run on the calling thread alone and keep nothing of the pictures they have seen."""

import numpy as np
import psutil

from verifier.onnx_graph import GraphWriter, open_session


def test_memory_of_a_large_picture_is_given_back_and_no_thread_stays() -> None:
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
    assert process.memory_info().rss < before + 20_000_000
    assert process.num_threads() == threads
