"""What the pinned weights answer for the drawings of `drawn_face`.

Recorded with dlib 20.0.1 by `DlibEngine`; four decimals, which is ten times finer than the
self-test's tolerance.
"""

from verifier.faces import Box, DetectedFace

DRAWN_FACE = DetectedFace(
    box=Box(left=91, top=107, width=144, height=144),
    detector_score=1.9014,
    detector="hog",
    landmarks=((199, 148), (174, 150), (121, 146), (148, 149), (160, 191)),
)
"""Where the detector and the predictor see the face of `draw_face()`."""

OTHER_FACE = DetectedFace(
    box=Box(left=91, top=107, width=144, height=144),
    detector_score=2.042,
    detector="hog",
    landmarks=((204, 148), (177, 149), (117, 146), (145, 149), (161, 193)),
)
"""The same for `draw_face(**OTHER_DRAWING)`."""

OTHER_DRAWING = {"eye_gap_px": 30.0, "mouth_y_px": 214.0}
"""A drawing with wider eyes and a lower mouth."""

OTHER_UNIT_DISTANCE = 0.1558
"""Distance between the encodings of the two drawings, both scaled to length 1."""

# fmt: off
DRAWN_ENCODING = (
    -0.1100, 0.1499, 0.0078, -0.0394, -0.1075, 0.0650, -0.0903, -0.1045,
    0.1761, -0.1490, 0.1299, 0.0368, -0.1884, 0.0048, 0.0284, 0.0948,
    -0.1220, -0.1273, -0.0879, -0.0847, 0.0215, 0.0621, 0.0538, -0.0050,
    -0.1693, -0.3089, -0.1293, -0.0872, 0.0879, -0.0137, -0.0106, -0.0221,
    -0.1326, -0.0499, 0.0536, 0.0702, -0.1196, -0.0896, 0.2197, 0.0120,
    -0.1497, 0.0067, -0.0041, 0.2628, 0.1158, 0.0035, 0.0718, -0.0794,
    0.0784, -0.2059, 0.1237, 0.1647, 0.0969, 0.1578, 0.1045, -0.1117,
    0.0518, 0.1129, -0.1368, 0.0589, 0.0811, 0.0031, -0.0246, -0.0410,
    0.1942, 0.1821, -0.0655, -0.1892, 0.1469, -0.1176, -0.0696, 0.0704,
    -0.1276, -0.1871, -0.1718, 0.0717, 0.3617, 0.2284, -0.1318, -0.0208,
    -0.0323, -0.0189, 0.0736, 0.0611, -0.1092, -0.0158, 0.0311, 0.0851,
    0.2019, -0.0471, -0.1031, 0.2144, 0.0717, 0.0155, 0.0673, 0.0410,
    -0.0468, 0.0041, -0.1021, 0.0087, 0.1328, -0.0782, 0.0499, 0.1242,
    -0.1477, 0.2009, -0.0149, -0.0104, 0.0354, 0.0932, -0.1581, -0.0435,
    0.1765, -0.2261, 0.2287, 0.1817, -0.0198, 0.1401, 0.0972, 0.1026,
    0.0464, 0.0062, -0.1200, -0.1191, 0.0618, 0.0466, 0.0048, 0.0446,
)
# fmt: on
"""Encoding of the face of `draw_face()`."""
