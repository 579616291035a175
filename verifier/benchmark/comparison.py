"""Everything that is timed, beside each other in one run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Literal

import dlib
import numpy as np

from verifier.benchmark.enrolled_frames import EnrolledFrame
from verifier.benchmark.face_recognition_oracle import FaceRecognition
from verifier.benchmark.rounds import Rounds, Timed
from verifier.benchmark.timings import Timings
from verifier.benchmark.webcam_frame import as_jpeg, empty_room
from verifier.cnn_detector import CnnDetector
from verifier.descriptor import Descriptor
from verifier.engine import FaceEngine
from verifier.look import Look
from verifier.policy import MatchPolicy
from verifier.result import VerificationResult
from verifier.verification import verify_image
from verifier.weights import DESCRIPTOR_WEIGHTS, DETECTOR_WEIGHTS, checked_weights

CNN_ROUNDS = 5
"""face_recognition's CNN path takes seconds a frame."""

UPSAMPLED_CNN_ROUNDS = 2
"""With its default of doubling the picture first it takes four times as long."""

HOG_UPSAMPLE = 1
"""face_recognition's default."""

CNN_UPSAMPLE = 0
"""Not its default of 1: a face of webcam size is found without, in a quarter of the time, so this
is the cheaper and fairer thing to be compared with."""

UPSAMPLED_CNN = 1
"""Its default for both models."""


class Comparison:
    """Everything that is timed, with the frames it is timed on.

    ==============================  ===========================================================
    name                            what is timed
    ==============================  ===========================================================
    ``frame``                       `verify_image` with the default policy: JPEG bytes to the
                                    verdict on the enrolled person, looking as closely as it
                                    finds necessary; its stages as the result reports them
    ``suspicious_frame``            the same on somebody else: always the closest look
    ``empty_frame``                 the same on a room with nobody in it
    ``descriptor``                  our descriptor network on one chip
    ``dlib_descriptor``             dlib's own on the same chip
    ``detector``                    detection and landmarks at a glance
    ``cnn_detector``                dlib's CNN detector network on dlib's own pyramid
    ``cnn_search``                  the same network on the coarser pyramid of a close look
    ``face_recognition_hog``        face_recognition on the same bytes as its documentation
                                    composes it: load, `face_locations`, `face_encodings`,
                                    `face_distance`, all with their defaults
    ``face_recognition_cnn``        the same with ``model="cnn"``, not upsampled
    ``face_recognition_cnn_…``      ``upsampled``, if wanted: with its default of 1
    ==============================  ===========================================================
    """

    def __init__(
        self,
        engine: FaceEngine,
        policy: MatchPolicy,
        frames: Sequence[EnrolledFrame],
        *,
        cnn_upsampled: bool = False,
    ) -> None:
        self._engine, self._policy = engine, policy
        self._empty = as_jpeg(empty_room())
        weights = checked_weights(DESCRIPTOR_WEIGHTS)
        self._descriptor = Descriptor(weights)
        self._cnn = CnnDetector(checked_weights(DETECTOR_WEIGHTS))
        self._dlib_descriptor: Any = dlib.face_recognition_model_v1(str(weights))
        self._face_recognition = FaceRecognition()
        self._results: dict[EnrolledFrame, VerificationResult] = {}
        self._ms_by_look: dict[str, list[float]] = {}
        self._undetected: dict[str, set[EnrolledFrame]] = {"hog": set(), "cnn": set()}
        self._rounds = Rounds(self._things(cnn_upsampled), frames)

    def run(self, rounds: int) -> Iterator[int]:
        """Yield the number of each round when it is done."""
        return self._rounds.run(rounds)

    def timings(self) -> Timings:
        """Return the figures of the rounds so far."""
        results = self._results.values()
        return Timings(
            medians=self._rounds.medians(),
            frame_ms_by_look={look: median(times) for look, times in self._ms_by_look.items()},
            looks=dict(Counter(result.look.value for result in results).most_common()),
            verdicts=dict(Counter(result.verdict.value for result in results).most_common()),
            undetected={path: len(frames) for path, frames in self._undetected.items()},
        )

    def _things(self, cnn_upsampled: bool) -> list[Timed[EnrolledFrame]]:
        things = [
            Timed("frame", self._frame, times_a_round=3, before=self._show_another_face),
            Timed("suspicious_frame", self._suspicious_frame, before=self._show_another_face),
            Timed("empty_frame", self._empty_frame, before=self._show_another_face),
            Timed("descriptor", self._describe, times_a_round=5),
            Timed("dlib_descriptor", self._describe_with_dlib),
            Timed("detector", self._detect_at_a_glance, times_a_round=3),
            Timed("cnn_detector", self._detect_as_dlib),
            Timed("cnn_search", self._search),
            Timed("face_recognition_hog", self._face_recognition_hog),
            Timed("face_recognition_cnn", self._face_recognition_cnn, 1, CNN_ROUNDS),
        ]
        if cnn_upsampled:
            work = self._face_recognition_cnn_upsampled
            things.append(Timed("face_recognition_cnn_upsampled", work, 1, UPSAMPLED_CNN_ROUNDS))
        return things

    def _show_another_face(self, frame: EnrolledFrame) -> None:
        """Make the engine forget the frame: it may remember the last face between two looks.

        Without it a frame that is timed twice costs no encoding the second time.
        """
        mirrored = np.ascontiguousarray(frame.chip[None, :, ::-1])
        self._engine.encode_chips(mirrored, Look.GLANCE)

    def _frame(self, frame: EnrolledFrame) -> Mapping[str, float]:
        result = verify_image(self._engine, self._policy, frame.data, frame.own)
        self._results[frame] = result
        self._ms_by_look.setdefault(result.look.value, []).append(result.timings_ms["total"])
        return result.timings_ms

    def _suspicious_frame(self, frame: EnrolledFrame) -> Mapping[str, float]:
        return verify_image(self._engine, self._policy, frame.data, frame.strangers).timings_ms

    def _empty_frame(self, frame: EnrolledFrame) -> Mapping[str, float]:
        return verify_image(self._engine, self._policy, self._empty, frame.own).timings_ms

    def _describe(self, frame: EnrolledFrame) -> None:
        self._descriptor.describe(frame.chip[None])

    def _describe_with_dlib(self, frame: EnrolledFrame) -> None:
        self._dlib_descriptor.compute_face_descriptor(frame.chip)

    def _detect_at_a_glance(self, frame: EnrolledFrame) -> None:
        self._engine.detect_faces(frame.pixels, Look.GLANCE)

    def _detect_as_dlib(self, frame: EnrolledFrame) -> None:
        self._cnn.detect(frame.pixels)

    def _search(self, frame: EnrolledFrame) -> None:
        self._cnn.search(frame.pixels)

    def _face_recognition_hog(self, frame: EnrolledFrame) -> Mapping[str, float]:
        return self._ask_face_recognition(frame, "hog", HOG_UPSAMPLE)

    def _face_recognition_cnn(self, frame: EnrolledFrame) -> Mapping[str, float]:
        return self._ask_face_recognition(frame, "cnn", CNN_UPSAMPLE)

    def _face_recognition_cnn_upsampled(self, frame: EnrolledFrame) -> Mapping[str, float]:
        return self._ask_face_recognition(frame, "cnn", UPSAMPLED_CNN)

    def _ask_face_recognition(
        self, frame: EnrolledFrame, model: Literal["hog", "cnn"], upsample: int
    ) -> Mapping[str, float]:
        answer = self._face_recognition.verify(frame.data, frame.own, model, upsample)
        if not answer.face_count:
            self._undetected[model].add(frame)
        return answer.timings_ms
