"""Face verification without side effects: bytes and arrays in, values out.

What is named here is the public surface. Importing it loads no weights.
"""

from verifier.decode import DEFAULT_LIMITS, Image, ImageLimits, decode_image
from verifier.engine import FaceEngine, limit_native_threads, load_engine
from verifier.enrollment import ReferenceAssessment, assess_references
from verifier.faces import Box, DetectedFace
from verifier.policy import MatchPolicy, PolicyInvalid
from verifier.reasons import REASONS
from verifier.result import ComparedFace, VerificationResult, match_score_of
from verifier.self_test import SelfTestCheck, SelfTestReport, run_self_test
from verifier.unreadable import (
    CorruptImage,
    EmptyImage,
    ImageDimensionsTooLarge,
    ImageTooLarge,
    ImageTooSmall,
    TruncatedImage,
    UnreadableImage,
    UnsupportedImageType,
)
from verifier.verdict import Verdict
from verifier.verification import (
    ReferencesInvalid,
    ReferenceUnusable,
    compare_images,
    verify_image,
)
from verifier.weights import WeightsError

__all__ = [
    "DEFAULT_LIMITS",
    "REASONS",
    "Box",
    "ComparedFace",
    "CorruptImage",
    "DetectedFace",
    "EmptyImage",
    "FaceEngine",
    "Image",
    "ImageDimensionsTooLarge",
    "ImageLimits",
    "ImageTooLarge",
    "ImageTooSmall",
    "MatchPolicy",
    "PolicyInvalid",
    "ReferenceAssessment",
    "ReferenceUnusable",
    "ReferencesInvalid",
    "SelfTestCheck",
    "SelfTestReport",
    "TruncatedImage",
    "UnreadableImage",
    "UnsupportedImageType",
    "Verdict",
    "VerificationResult",
    "WeightsError",
    "assess_references",
    "compare_images",
    "decode_image",
    "limit_native_threads",
    "load_engine",
    "match_score_of",
    "run_self_test",
    "verify_image",
]
