"""Where a rule is broken, in words, and lists of violations that stay readable."""

from collections.abc import Callable, Iterator

from planner.domain.instance import Instance, Ints
from planner.domain.results import Violation
from planner.verify.site import Site

LISTED = 50  # of one kind; a plan broken everywhere is not printed everywhere


def listed(rule: str, found: Ints, describe: Callable[[int], tuple[str, str, float]]) -> Iterator[Violation]:
    """One violation for each index in the words of `describe`: where, message, excess; past `LISTED` only how many."""
    for i in found[:LISTED].tolist():
        yield Violation(rule, *describe(i))
    if len(found) > LISTED:
        yield Violation(rule, "elsewhere", f"{len(found) - LISTED} more of this kind", 0.0)


def hour(instance: Instance, period: int) -> str:
    """A period by its number and time."""
    return f"period {period} ({instance.time(period):%Y-%m-%dT%H:%MZ})"


def pool_hour(instance: Instance, pool: int, period: int) -> str:
    """A pool in a period."""
    return f"{instance.pools[pool].name} in {hour(instance, period)}"


def batch_name(site: Site, batch: int) -> str:
    """A job by its name, a count batch by workload, origin and release."""
    b, instance = site.batches, site.instance
    if b.job[batch] >= 0:
        return f"job {instance.jobs[b.job[batch]].name}"
    workload, origin = instance.workloads[b.workload[batch]].name, instance.origins[b.origin[batch]]
    return f"{workload} from {origin} of {hour(instance, int(b.release[batch]))}"
