"""Small helps for writing ONNX graphs by hand and for running them."""

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

_OPSET = 17
_IR_VERSION = 9
"""Old enough for every ONNX Runtime that runs on Python 3.11."""

Dimension = str | int
"""A size that is known, or a name for one that is not."""


class GraphWriter:
    """A graph that grows node by node from its input, "pixels", to its output, "answer"."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation and return the name of its output."""
        output = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Add trained values and return their name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def model(self, last: str, input_shape: list[Dimension], shape: list[Dimension]) -> ModelProto:
        """Return the finished graph, whose answer is the output named `last`."""
        nodes = [*self._nodes, helper.make_node("Identity", [last], ["answer"])]
        pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, input_shape)
        answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, shape)
        graph = helper.make_graph(nodes, "face_monitor", [pixels], [answer], self._constants)
        opsets = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def open_session(model: ModelProto) -> onnxruntime.InferenceSession:
    """Return the graph ready to run on the calling thread alone, without memory that grows.

    One thread: with a process per core, more would only fight the neighbours. No arena: it
    keeps the largest picture's memory for ever.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False  # It remembers every size of picture it has seen.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
