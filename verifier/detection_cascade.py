"""The cascade of detectors: a cheap one for most frames, a strong one for what matters."""

import math
from dataclasses import replace

import cv2
import numpy as np

from verifier.alignment import LandmarkPredictor, box_around
from verifier.cnn_detector import CnnDetector, Detection
from verifier.faces import Box, DetectedFace, Pixels
from verifier.light import brightened
from verifier.look import Look
from verifier.tiny_detector import TinyDetector

GLANCE_PIXELS = 320 * 240
"""Area the cheap detector works on, half a webcam's width. Beside a student it sees 98 % of the
helpers whose faces have 80 px of a 640x480 frame and 88 % of those with 60 px; dlib's HOG detector
at the same size sees 2 % and none, and takes twice the time."""

GLANCE_THRESHOLD = 0.3
"""Below face-api.js's 0.5: a doubtful second face costs a close look, a missed one a helper
unseen. One in twenty single portraits gets a close look by it."""

SURE_TINY_SCORE = 0.5
"""What counts as a face where the strong detector sees none."""

TINY_FRAME = (-0.03, -0.16, 1.19)
"""How the cheap detector frames a face beside dlib's CNN: dlib's centre lies so many of dlib's
edges to the right and below, and its edge is that much shorter (medians of 200 LFW faces)."""

SEARCHED_PIXELS = {Look.CLOSE: 640 * 480, Look.THOROUGH: 1280 * 1024}
"""Area the strong detector works on. It knows faces from about 65 px: a seventh of a webcam
frame's height in a close look, and half of that in a thorough one."""

LONGEST_EDGE_PX = 4096
"""Of what the strong detector works on. Around a picture of the same area that is longer and
narrower, the pyramid is mostly margin: one of 64 x 328,000 px would take 300 MB."""

MAX_MAGNIFICATION = {Look.CLOSE: 2.0, Look.THOROUGH: 2.5}
"""How much smaller pictures are scaled up for it: of 43 faces in dlib's crowd photos it finds 10
as they are, 41 magnified twice and all of them at 2.5."""

SUSPICION_REACH, SUSPICION_FACE_PX = 1.5, 110
"""What only the cheap detector saw is looked at again: so many of its edges to each side, scaled
so that its edge has so many pixels."""

SUSPICION_PIXELS, SUSPICION_THRESHOLD = 480 * 360, 0.2
"""How the cheap detector looks for them: it then sees nine of ten faces with 50 px of a 640x480
frame, which the strong one, that knows faces from 65 px, would overlook."""

SMALLEST_SUSPICION_PX = 16
"""Edge below which nothing is magnified: no face that small can be told from another, and a box
of next to nothing would be magnified without end."""

MAX_SUSPICIONS = 4
"""Such looks at one picture; each takes about 10 ms."""

SAME_FACE_OVERLAP = 0.2
"""Intersection over union above which boxes of two detectors are the same face."""

MAX_FACES = 50
"""Faces of one picture that are reported, the surest first."""


class DetectionCascade:
    """Two detectors and the landmarks of what they find. One thread at a time."""

    def __init__(self, tiny: TinyDetector, cnn: CnnDetector, predictor: LandmarkPredictor) -> None:
        self._tiny = tiny
        self._cnn = cnn
        self._predictor = predictor

    def detect_faces(self, pixels: Pixels, look: Look) -> tuple[DetectedFace, ...]:
        """Return every face of the picture, the surest first.

        From `Look.CLOSE` on these are the strong detector's, including what it sees magnified
        where only the cheap one suspects a face. Faces that the cheap one alone is sure of count
        only where the strong one sees none at all.
        """
        seen = brightened(pixels)
        if look.is_at_least(Look.CLOSE):
            found = self._search(seen, look)
            if found:
                return tuple(self._face(pixels, _rounded(face), face.score) for face in found)
        threshold = SURE_TINY_SCORE if look.is_at_least(Look.CLOSE) else GLANCE_THRESHOLD
        suspected = self._tiny.detect(seen, threshold, GLANCE_PIXELS)[:MAX_FACES]
        return tuple(self._loosely_framed(pixels, face) for face in suspected)

    def _face(self, pixels: Pixels, box: Box, score: float) -> DetectedFace:
        return DetectedFace(box, score, "cnn", self._predictor.predict(pixels, box))

    def _loosely_framed(self, pixels: Pixels, face: Detection) -> DetectedFace:
        """Return a face of the cheap detector.

        Its landmarks are predicted twice, the second time from a box made of the first ones, so
        that they do not depend on how loosely it was framed.
        """
        box = _rounded(_as_dlib_frames(face))
        around = box_around(self._predictor.predict(pixels, box))
        return DetectedFace(box, face.score, "tiny", self._predictor.predict(pixels, around))

    def _search(self, seen: Pixels, look: Look) -> list[Detection]:
        """Return what the strong detector finds, in pixels of the picture."""
        height, width = seen.shape[:2]
        scale = min(
            MAX_MAGNIFICATION[look],
            math.sqrt(SEARCHED_PIXELS[look] / (width * height)),
            LONGEST_EDGE_PX / max(width, height),
        )
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        working = np.asarray(cv2.resize(seen, size, interpolation=interpolation), np.uint8)
        found = [_scaled(face, 1 / scale) for face in self._cnn.search(working)]
        found += self._confirmed_suspicions(seen, found)
        return sorted(found, key=lambda face: -face.score)[:MAX_FACES]

    def _confirmed_suspicions(self, seen: Pixels, found: list[Detection]) -> list[Detection]:
        """Return the faces that only the cheap detector saw, if the strong one sees them magnified.

        They are mostly too small for it, as somebody's in the background.
        """
        confirmed: list[Detection] = []
        suspects = self._tiny.detect(seen, SUSPICION_THRESHOLD, SUSPICION_PIXELS)
        suspected = (_as_dlib_frames(face) for face in suspects)
        unseen = [
            face
            for face in suspected
            if face.width >= SMALLEST_SUSPICION_PX
            and all(face.overlap(other) < SAME_FACE_OVERLAP for other in found)
        ]
        for face in unseen[:MAX_SUSPICIONS]:
            nearby, scale, left, top = _magnified(seen, face)
            for seen_again in self._cnn.search(nearby):
                in_picture = _moved(_scaled(seen_again, 1 / scale), left, top)
                if in_picture.overlap(face) >= SAME_FACE_OVERLAP and all(
                    in_picture.overlap(other) < SAME_FACE_OVERLAP for other in (*found, *confirmed)
                ):
                    confirmed.append(in_picture)
        return confirmed


def _magnified(seen: Pixels, face: Detection) -> tuple[Pixels, float, int, int]:
    """Return what surrounds a face, scaled to suit the strong detector, its scale and its place."""
    height, width = seen.shape[:2]
    reach = SUSPICION_REACH * face.width
    centre_x, centre_y = face.left + face.width / 2, face.top + face.height / 2
    left, top = max(round(centre_x - reach), 0), max(round(centre_y - reach), 0)
    right, bottom = min(round(centre_x + reach), width), min(round(centre_y + reach), height)
    nearby = seen[top : max(bottom, top + 1), left : max(right, left + 1)]
    scale = SUSPICION_FACE_PX / face.width
    size = (max(round(nearby.shape[1] * scale), 1), max(round(nearby.shape[0] * scale), 1))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(nearby, size, interpolation=interpolation)), scale, left, top


def _as_dlib_frames(face: Detection) -> Detection:
    """Return the square in which dlib's CNN would frame what the cheap detector found."""
    right, below, shorter = TINY_FRAME
    edge = math.sqrt(face.width * face.height) / shorter
    return Detection(
        left=face.left + face.width / 2 + (right - 0.5) * edge,
        top=face.top + face.height / 2 + (below - 0.5) * edge,
        width=edge,
        height=edge,
        score=face.score,
    )


def _scaled(face: Detection, scale: float) -> Detection:
    return replace(
        face,
        left=face.left * scale,
        top=face.top * scale,
        width=face.width * scale,
        height=face.height * scale,
    )


def _moved(face: Detection, right: int, down: int) -> Detection:
    return replace(face, left=face.left + right, top=face.top + down)


def _rounded(face: Detection) -> Box:
    return Box(
        left=round(face.left),
        top=round(face.top),
        width=max(round(face.width), 1),
        height=max(round(face.height), 1),
    )
