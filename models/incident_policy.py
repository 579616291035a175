"""What is an incident and how much it matters: values of an exam that may change afterwards."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Self

from models.statuses import IncidentKind, Severity

logger = logging.getLogger(__name__)

POLICY_VERSION = 2
"""Changes with the rules that read the numbers, so that equal numbers under other rules get
another `policy_id`."""

FRAME_KINDS = frozenset(
    {
        IncidentKind.WRONG_PERSON,
        IncidentKind.SOMEBODY_ELSE_TOO,
        IncidentKind.NOBODY,
        IncidentKind.CAMERA_COVERED,
        IncidentKind.REPEATED_PICTURE,
        IncidentKind.CLIENT_DISAGREES,
    }
)
"""Kinds that frames open and close; the others go by time."""

SILENT_FRAMES = 6
"""Frame intervals that must pass without a frame before an attempt is silent, however short the
policy's seconds are: while it has too much to do, the service asks for a frame every four
intervals."""

FRAMES_MAX = 1000
SECONDS_MAX = 86_400.0

_SEVERITIES = list(Severity)


class IncidentPolicyInvalid(ValueError):
    """A name is unknown, or a value is out of range. `where` names it, as `away.severity`."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what

    def __str__(self) -> str:
        return f"{self.where} {self.what}"


@dataclass(frozen=True)
class KindPolicy:
    """How one kind of incident is found and how much it matters."""

    severity: Severity
    is_on: bool = True
    """Whether it is looked for at all."""
    raised_after_seconds: float | None = None
    """Lasting this long, it matters one step more; None for never."""
    opening_frames: int | None = None
    """Frames that open it; None for the measured rule. Another number of frames takes the place of
    every faster way to open."""
    closing_frames: int | None = None
    """Frames to the contrary that close it; None for the measured rule."""

    def severity_after(self, lasted_seconds: float) -> Severity:
        """Return how much an incident matters that lasted so long."""
        if self.raised_after_seconds is None or lasted_seconds < self.raised_after_seconds:
            return self.severity
        following = _SEVERITIES.index(self.severity) + 1
        return _SEVERITIES[min(following, len(_SEVERITIES) - 1)]


DEFAULT_KINDS: Mapping[IncidentKind, KindPolicy] = MappingProxyType(
    {
        IncidentKind.WRONG_PERSON: KindPolicy(Severity.HIGH),
        IncidentKind.SOMEBODY_ELSE_TOO: KindPolicy(Severity.MEDIUM, raised_after_seconds=60.0),
        IncidentKind.NOBODY: KindPolicy(Severity.MEDIUM, raised_after_seconds=120.0),
        IncidentKind.CAMERA_COVERED: KindPolicy(Severity.MEDIUM, raised_after_seconds=120.0),
        IncidentKind.NO_FRAMES: KindPolicy(Severity.MEDIUM, raised_after_seconds=300.0),
        IncidentKind.AWAY: KindPolicy(Severity.LOW, raised_after_seconds=60.0),
        IncidentKind.REPEATED_PICTURE: KindPolicy(Severity.HIGH),
        IncidentKind.CLIENT_DISAGREES: KindPolicy(Severity.LOW),
    }
)
"""The shipped policy. What nobody but the student's own browser says matters least."""


@dataclass(frozen=True)
class IncidentPolicy:
    """What counts as an incident in an exam."""

    kinds: Mapping[IncidentKind, KindPolicy] = field(default_factory=lambda: DEFAULT_KINDS)
    silence_seconds: float = 30.0
    """Without a frame for so long, and for the time of `SILENT_FRAMES`, an attempt is silent."""
    away_seconds: float = 10.0
    """One absence from the page of so long is an incident."""
    away_times: int = 3
    """So many shorter ones within `away_window_seconds` are one as well."""
    away_window_seconds: float = 300.0

    def silent_after_seconds(self, frame_interval_seconds: float) -> float:
        """Return how long an attempt of this pace may be without a frame."""
        return max(self.silence_seconds, SILENT_FRAMES * frame_interval_seconds)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return the policy with what differs from the shipped one; `{}` for none.

        Raises
        ------
        IncidentPolicyInvalid
            A name is unknown or a value out of range.
        """
        own = {one.name for one in fields(cls)} - {"kinds"}
        kinds = dict(DEFAULT_KINDS)
        numbers: dict[str, Any] = {}
        for name, value in stored.items():
            if name in own:
                numbers[name] = _number_of(name, value)
            elif name in {kind.value for kind in IncidentKind}:
                kind = IncidentKind(name)
                kinds[kind] = _kind_of(kind, value)
            else:
                raise IncidentPolicyInvalid(name, "is no part of an incident policy")
        return cls(kinds=MappingProxyType(kinds), **numbers)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it; `from_dict` reads it back."""
        numbers = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "kinds"}
        return {kind.value: asdict(self.kinds[kind]) for kind in IncidentKind} | numbers

    @property
    def policy_id(self) -> str:
        """As "incidents-2-5be61fd2c9a4": version of the rules, then a digest of the values."""
        canonical = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return f"incidents-{POLICY_VERSION}-{digest[:12]}"


LOOKS_FOR_NOTHING = IncidentPolicy(
    kinds=MappingProxyType(
        {kind: replace(policy, is_on=False) for kind, policy in DEFAULT_KINDS.items()}
    )
)
"""The policy of practice: nothing counts, and nobody looks at it."""


def policy_of_exam(stored: Mapping[str, Any] | None) -> IncidentPolicy:
    """Return the policy an exam has stored; the shipped one without an exam.

    One of another release, or edited by hand, gives way to the shipped one: better that than none.
    """
    try:
        return IncidentPolicy.from_dict(stored or {})
    except IncidentPolicyInvalid as problem:
        logger.warning("an exam's incident policy is not used: %s", problem)
        return IncidentPolicy()


def _kind_of(kind: IncidentKind, stored: object) -> KindPolicy:
    if not isinstance(stored, Mapping):
        raise IncidentPolicyInvalid(kind.value, "must be an object")
    everywhere = {one.name for one in fields(KindPolicy)}
    known = everywhere - (set() if kind in FRAME_KINDS else {"opening_frames", "closing_frames"})
    values: dict[str, Any] = {}
    for name, value in stored.items():
        where = f"{kind.value}.{name}"
        if name in everywhere - known and value is None:
            continue  # As `as_dict` writes it.
        if name not in known:
            raise IncidentPolicyInvalid(where, "is no part of an incident policy")
        values[name] = _value_of(name, where, value)
    return replace(DEFAULT_KINDS[kind], **values)


def _value_of(name: str, where: str, value: object) -> object:
    if name == "severity":
        if not isinstance(value, str) or value not in set(Severity):
            raise IncidentPolicyInvalid(where, f"must be one of {', '.join(Severity)}")
        return Severity(value)
    if name == "is_on":
        if not isinstance(value, bool):
            raise IncidentPolicyInvalid(where, "must be true or false")
        return value
    if value is None:
        return None
    if name == "raised_after_seconds":
        return _seconds(where, value)
    return _whole(where, value, least=2)


def _number_of(name: str, value: object) -> float | int:
    return _whole(name, value, least=2) if name == "away_times" else _seconds(name, value)


def _seconds(where: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 1 <= value <= SECONDS_MAX:  # type: ignore[operator]
        raise IncidentPolicyInvalid(where, f"must be a number from 1 to {SECONDS_MAX:.0f}")
    return float(value)  # type: ignore[arg-type]


def _whole(where: str, value: object, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= FRAMES_MAX:
        raise IncidentPolicyInvalid(where, f"must be a whole number from {least} to {FRAMES_MAX}")
    return value
