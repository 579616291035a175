"""face-api.js's tiny face detector on ONNX Runtime: two milliseconds a glance.

Source: @vladmandic/face-api 1.7.15, ``src/tinyYolov2`` and ``src/tinyFaceDetector`` (MIT). A small
relative of YOLO 2: separable convolutions over a grid of 32-pixel cells, five anchors a cell. It
sees turned and small faces that dlib's HOG detector cannot see, in half the time; it also frames
them loosely and now and then takes a hand for a face. So it only tells where to look.
"""

import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from verifier.cnn_detector import Detection
from verifier.faces import Pixels
from verifier.onnx_graph import GraphWriter, open_session

CELL_PX = 32
"""Edge of a cell of the answer, in pixels of the network's input."""

ANCHORS = (
    (1.603231, 2.094468),
    (6.041143, 7.080126),
    (2.882459, 3.518061),
    (4.266906, 5.178857),
    (9.041765, 10.66308),
)
"""Width and height, in cells, of the five shapes each cell measures faces by."""

MEANS = (117.001, 114.697, 97.404)
"""Red, green and blue subtracted from every pixel before it is divided by 255."""

MAX_OVERLAP = 0.4
"""face-api.js's: intersection over union above which two boxes are the same face."""

MAX_CANDIDATES = 200
"""The strongest boxes, looked at for overlaps."""

LONGEST_EDGE_PX = 1280
"""Of the working copy: a picture like a ribbon is looked at as a smaller ribbon."""

_CONVOLUTIONS = 5
_LEAK = 0.1

Values = dict[str, NDArray[np.float32]]
"""Trained values by name, in TensorFlow's order: (rows, columns, in, out)."""


class TinyWeightsInvalid(ValueError):
    """The manifest does not describe the values beside it."""


class TinyDetector:
    """The network, ready to look. One thread at a time."""

    def __init__(self, weights: Path, manifest: Path) -> None:
        values = read_values(weights.read_bytes(), json.loads(manifest.read_text("utf-8")))
        self._session = open_session(_build_model(values))

    def detect(
        self, pixels: Pixels, threshold: float, working_pixels: int
    ) -> tuple[Detection, ...]:
        """Return the faces of a picture as the network frames them, the surest first.

        It looks at a copy with an area of `working_pixels`; smaller pictures are magnified to it.
        The scores lie between `threshold` and 1.
        """
        height, width = pixels.shape[:2]
        scale = min(
            math.sqrt(working_pixels / (width * height)),
            LONGEST_EDGE_PX / max(width, height),
        )
        size = (max(round(width * scale), CELL_PX), max(round(height * scale), CELL_PX))
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        working = cv2.resize(pixels, size, interpolation=interpolation)
        answer = self._session.run(None, {"pixels": working[None].astype(np.float32)})[0][0]
        kept: list[Detection] = []
        for found in _candidates(answer, threshold, (width / size[0], height / size[1])):
            if all(found.overlap(other) <= MAX_OVERLAP for other in kept):
                kept.append(found)
        return tuple(kept)


def _candidates(
    answer: NDArray[np.float32], threshold: float, scale: tuple[float, float]
) -> list[Detection]:
    """Return the strongest boxes in pixels of the picture, overlapping ones included."""
    rows, columns, _ = answer.shape
    boxes = answer.reshape(rows, columns, len(ANCHORS), 5)
    scores = _sigmoid(boxes[..., 4])
    places = np.argwhere(scores > threshold)
    by_score = np.argsort(-scores[tuple(places.T)], kind="stable")[:MAX_CANDIDATES]
    found = []
    for row, column, anchor in places[by_score]:
        x, y, width, height, _ = boxes[row, column, anchor].astype(np.float64)
        box_width = math.exp(min(width, 5.0)) * ANCHORS[anchor][0] * CELL_PX * scale[0]
        box_height = math.exp(min(height, 5.0)) * ANCHORS[anchor][1] * CELL_PX * scale[1]
        centre_x = (column + float(_sigmoid(x))) * CELL_PX * scale[0]
        centre_y = (row + float(_sigmoid(y))) * CELL_PX * scale[1]
        found.append(
            Detection(
                left=centre_x - box_width / 2,
                top=centre_y - box_height / 2,
                width=box_width,
                height=box_height,
                score=float(scores[row, column, anchor]),
            )
        )
    return found


def _sigmoid(values: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(values, -60, 60)))


def read_values(data: bytes, manifest: Any) -> Values:
    """Return the trained values that `manifest` names, in the order in which they lie in `data`.

    Raises
    ------
    TinyWeightsInvalid
        The manifest asks for more or fewer bytes than there are, or for another encoding.
    """
    values: Values = {}
    position = 0
    for entry in manifest[0]["weights"]:
        quantization = entry.get("quantization")
        count = math.prod(entry["shape"])
        if quantization is None or quantization["dtype"] != "uint8":
            raise TinyWeightsInvalid(f"{entry['name']} is not stored as bytes")
        if position + count > len(data):
            raise TinyWeightsInvalid("the values end early")
        raw = np.frombuffer(data, np.uint8, count, position).astype(np.float32)
        scaled = raw * np.float32(quantization["scale"]) + np.float32(quantization["min"])
        values[entry["name"]] = scaled.reshape(entry["shape"])
        position += count
    if position != len(data):
        raise TinyWeightsInvalid("there are values that the manifest does not name")
    return values


def _build_model(values: Values) -> ModelProto:
    """Return the graph: (1, rows, columns, 3) float32 RGB 0..255 to (1, cells, cells, 25).

    Pools stand before the leaky rectifiers, not behind them: the answer is the same and there
    are four times fewer values to rectify.
    """
    writer = GraphWriter()
    last = _first_convolution(writer, values)
    for number in range(1, _CONVOLUTIONS + 1):
        last = _pooled_and_rectified(writer, last, stride=2)
        last = _separable_convolution(writer, last, values, f"conv{number}")
    last = _pooled_and_rectified(writer, last, stride=1)
    last = writer.node(
        "Conv",
        last,
        writer.constant(_as_filters(values["conv8/filters"])),
        writer.constant(values["conv8/bias"]),
        kernel_shape=[1, 1],
    )
    last = writer.node("Transpose", last, perm=[0, 2, 3, 1])
    outputs = 5 * len(ANCHORS)
    return writer.model(last, [1, "rows_in", "columns_in", 3], [1, "rows", "columns", outputs])


def _first_convolution(writer: GraphWriter, values: Values) -> str:
    """Fold means and scale into the first convolution, which has no padding."""
    filters = _as_filters(values["conv0/filters"]).astype(np.float64) / 255
    biases = values["conv0/bias"] - np.einsum("oirc,i->o", filters, np.array(MEANS))
    return writer.node(
        "Conv",
        writer.node("Transpose", "pixels", perm=[0, 3, 1, 2]),
        writer.constant(filters.astype(np.float32)),
        writer.constant(biases.astype(np.float32)),
        kernel_shape=[3, 3],
    )


def _separable_convolution(writer: GraphWriter, last: str, values: Values, name: str) -> str:
    depthwise = values[f"{name}/depthwise_filter"].transpose(2, 3, 0, 1)
    last = writer.node(
        "Conv",
        last,
        writer.constant(depthwise),
        kernel_shape=[3, 3],
        pads=[1] * 4,
        group=depthwise.shape[0],
    )
    return writer.node(
        "Conv",
        last,
        writer.constant(_as_filters(values[f"{name}/pointwise_filter"])),
        writer.constant(values[f"{name}/bias"]),
        kernel_shape=[1, 1],
    )


def _pooled_and_rectified(writer: GraphWriter, last: str, *, stride: int) -> str:
    pooled = writer.node(
        "MaxPool", last, kernel_shape=[2, 2], strides=[stride] * 2, auto_pad="SAME_UPPER"
    )
    return writer.node("LeakyRelu", pooled, alpha=_LEAK)


def _as_filters(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (out, in, rows, columns) of TensorFlow's (rows, columns, in, out)."""
    return values.transpose(3, 2, 0, 1)
