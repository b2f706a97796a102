"""The jobs of a trace as batches of an instance: whole periods, whole requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from planner.data.demand.placing import Placing
from planner.data.demand.series import TraceJobs
from planner.data.demand.traces.counting import repair_notes
from planner.domain.instance import Bools, Floats, Instance, Ints, Job, Workload


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """(J,) in periods: when jobs are released, how long they run, and the last period in which they are on time."""

    release: Ints
    length: Ints
    deadline: Ints


def job_batches(
    instance: Instance,
    jobs: TraceJobs,
    first: datetime,
    *,
    target: Mapping[int, int],
    shares: Mapping[int, Floats],
    placing: Placing,
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Contiguous jobs that arrive in the horizon, which begins at `first`, and notes on those that do not fit in.

    `target` maps a workload of the jobs to one of the instance, `shares` (O,) of which tell how likely each origin is.
    A job asks for so many requests that their server-seconds are its length times its width: a server a unit of width.
    """
    draw = np.random.Generator(np.random.PCG64(placing.seed))
    spans = _spans(instance, jobs, first)
    arrive = np.isin(jobs.workload, list(target)) & (spans.release >= 0) & (spans.release < instance.periods)
    fit = np.flatnonzero(arrive & (spans.release + spans.length <= instance.periods))
    chosen = fit if placing.sample is None else np.sort(draw.permutation(fit)[: placing.sample])
    of = np.array([target[row] for row in jobs.workload[chosen].tolist()], dtype=np.int64)
    origins = [instance.origins[draw.choice(len(instance.origins), p=shares[w])] for w in of.tolist()]
    requests = _requests(instance, jobs.take(chosen), of, placing.scale)
    digits = len(str(len(chosen)))
    batches = tuple(
        Job(
            name=f"job-{number:0{digits}d}",
            workload=instance.workloads[of[number - 1]].name,
            origin=origins[number - 1],
            release=int(spans.release[j]),
            deadline=int(spans.deadline[j]),
            length=int(spans.length[j]),
            requests=int(requests[number - 1]),
        )
        for number, j in enumerate(chosen.tolist(), start=1)
    )
    return batches, _notes(arrive, fit, chosen)


def _spans(instance: Instance, jobs: TraceJobs, first: datetime) -> Spans:
    """Released in the period of the arrival, due in the last that ends by the deadline: or later, if it must be."""
    step = np.timedelta64(instance.step_minutes, "m")
    begin = np.datetime64(first.replace(tzinfo=None), "s")
    release = np.asarray((jobs.arrival - begin) // step, dtype=np.int64)
    length = np.ceil(jobs.seconds / (instance.step_minutes * 60)).astype(np.int64)
    due = np.asarray((jobs.deadline - begin) // step, dtype=np.int64) - 1
    return Spans(release, length, np.minimum(np.maximum(due, release + length - 1), instance.periods - 1))


def _requests(instance: Instance, jobs: TraceJobs, of: Ints, scale: float) -> Ints:
    """(J,) at least one each."""
    each = np.array([_server_seconds(work) for work in instance.workloads])[of]
    return np.asarray(np.maximum(np.rint(jobs.seconds * jobs.width * scale / each), 1), dtype=np.int64)


def _server_seconds(work: Workload) -> float:
    """Of a request, of the workload's first variant on its first hardware."""
    return next(iter(work.variants[0].profiles.values())).server_seconds_per_request


def _notes(arrive: Bools, fit: Ints, chosen: Ints) -> tuple[str, ...]:
    late, others = int(arrive.sum()) - len(fit), len(fit) - len(chosen)
    return repair_notes({"jobs that would end after the horizon, left out": late, "jobs that were not drawn": others})
