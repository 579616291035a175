"""What the service answers about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessCheck:
    """One thing the service needs to work: schema, weights, templates, backlog, storage."""

    ok: bool
    warning: bool = False
    """In order for now, but an operator should do what the detail says."""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the service can take work, and if not, why."""

    status: str
    checks: Mapping[str, ReadinessCheck] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether the service can take work now."""
        return self.status == "ready"
