"""Face verification without side effects: bytes and arrays in, values out.

What is named here is the public surface. Importing it loads no weights.
"""

from verifier.decode import DEFAULT_LIMITS, Image, ImageLimits, decode_image
from verifier.engine import ENGINE_NAMES, FaceEngine, limit_native_threads, load_engine
from verifier.enrollment import ReferenceAssessment, assess_references, encode_reference
from verifier.episode_rule import RULES, DepthRule, EpisodeRule
from verifier.episodes import Ending, Episode, episodes_of, find_episodes
from verifier.faces import Box, DetectedFace
from verifier.look import Look
from verifier.own_frames import (
    OwnFramesRule,
    OwnReference,
    find_swaps,
    own_distances,
    own_reference,
)
from verifier.policy import MatchPolicy, PolicyInvalid
from verifier.presence import check_presence
from verifier.reasons import REASONS
from verifier.result import ComparedFace, VerificationResult, match_score_of
from verifier.self_test import SelfTestCheck, SelfTestReport, run_self_test
from verifier.sightings import (
    Finding,
    SeqRepeated,
    Sighting,
    SightingInvalid,
)
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
    "ENGINE_NAMES",
    "REASONS",
    "RULES",
    "Box",
    "ComparedFace",
    "CorruptImage",
    "DepthRule",
    "DetectedFace",
    "EmptyImage",
    "Ending",
    "Episode",
    "EpisodeRule",
    "FaceEngine",
    "Finding",
    "Image",
    "ImageDimensionsTooLarge",
    "ImageLimits",
    "ImageTooLarge",
    "ImageTooSmall",
    "Look",
    "MatchPolicy",
    "OwnFramesRule",
    "OwnReference",
    "PolicyInvalid",
    "ReferenceAssessment",
    "ReferenceUnusable",
    "ReferencesInvalid",
    "SelfTestCheck",
    "SelfTestReport",
    "SeqRepeated",
    "Sighting",
    "SightingInvalid",
    "TruncatedImage",
    "UnreadableImage",
    "UnsupportedImageType",
    "Verdict",
    "VerificationResult",
    "WeightsError",
    "assess_references",
    "check_presence",
    "compare_images",
    "decode_image",
    "encode_reference",
    "episodes_of",
    "find_episodes",
    "find_swaps",
    "limit_native_threads",
    "load_engine",
    "match_score_of",
    "own_distances",
    "own_reference",
    "run_self_test",
    "verify_image",
]
