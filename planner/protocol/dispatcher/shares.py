"""Shares of a batch, decided hour by hour, as whole invocations."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """Invocations below the place `until` (and not below an earlier part's) run in a region from a period on."""

    until: int
    period: int
    region: int
    by_policy: bool = True


@dataclass(slots=True)
class Group:
    """The invocations of one function and hour in their order; parts only ever grow at the end.

    The sum of shares is rounded, not each share: no invocation is lost or served twice, and where the policy decides
    on whole invocations the counts are exactly its own.
    """

    requests: int
    served: float = 0.0
    parts: list[Part] = field(default_factory=list)

    def serve(self, period: int, region: int, share: float) -> None:
        """A share that the policy serves now."""
        self.served += share
        self._extend(Part(min(round(self.served * self.requests), self.requests), period, region))

    def finish(self, period: int, region: int) -> None:
        """All that is left, in its last hour."""
        self._extend(Part(self.requests, period, region, by_policy=False))

    def part(self, place: int, period: int) -> Part | None:
        """Where the invocation at a place runs, as far as was decided up to a period."""
        return next((p for p in self.parts if place < p.until and p.period <= period), None)

    def _extend(self, part: Part) -> None:
        if part.until > (self.parts[-1].until if self.parts else 0):
            self.parts.append(part)
