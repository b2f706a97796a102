"""What the judge knows of an instance: who may run where, and what a request takes there, as dense tables."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.domain.instance import Batches, Bools, Floats, Instance, Ints, Workload
from planner.verify.latency import violation_probability

PROBABILITY = 1e-8  # two ways to compute pi may differ by less; a plan is not illegal for it


@dataclass(frozen=True, eq=False)
class Site:
    """Axes: W workloads, V variants (of the workload that has most), P pools, O origins.

    `runs` (W,V,P) the hardware has a profile, `allowed` (W,P) residency, `seconds` and `energy_j` (W,V,P) per request,
    `violation` (W,V,P,O) pi, `fast` (W,V,P,O) a hard SLO permits it, `gb` (W,) and `kwh_per_gb` (O,R) the network.
    """

    instance: Instance
    region: Ints
    pue: Floats
    variants: Ints
    runs: Bools
    allowed: Bools
    seconds: Floats
    energy_j: Floats
    violation: Floats
    fast: Bools
    gb: Floats
    kwh_per_gb: Floats

    @cached_property
    def batches(self) -> Batches:
        """What a plan refers to; large, and a bound does without."""
        return self.instance.batches()

    @cached_property
    def jobs(self) -> Batches:
        """The explicit jobs alone."""
        return self.instance.replace(requests=self.instance.requests[..., :0]).batches()

    @property
    def whole(self) -> Bools:
        """(W,) workloads whose count batches may not be split."""
        return np.array([not w.splittable for w in self.instance.workloads], dtype=np.bool_)

    @property
    def legal(self) -> Bools:
        """(W,V,P,O) options that exist in some period (M0)."""
        return (self.runs & self.allowed[:, None, :])[..., None] & self.fast

    @property
    def seconds_per_server(self) -> Floats:
        """(P,) what one active server offers in a period, 3600 D rho (M2)."""
        rho = np.array([p.target_utilisation for p in self.instance.pools], dtype=np.float64)
        return np.asarray(3600.0 * self.instance.step_hours * rho)

    @property
    def tariff(self) -> Floats:
        """(R,T) USD per kWh, 0 where the instance has none."""
        carbon, price = self.instance.carbon_intensity_g_per_kwh, self.instance.price_usd_per_kwh
        return np.broadcast_to(0.0, carbon.shape) if price is None else price


def survey(instance: Instance) -> Site:
    """Derive every table from the raw instance."""
    runs, mean, sd, seconds, energy = _profiles(instance)
    region = instance.pool_region
    violation = _violations(instance, region, runs, mean, sd)
    limit = np.array([w.max_violation if w.slo_mode == "hard" else 1.0 for w in instance.workloads], dtype=np.float64)
    per_gb = instance.network_kwh_per_gb
    return Site(
        instance=instance,
        region=region,
        pue=np.array([r.pue for r in instance.regions], dtype=np.float64)[region],
        variants=np.array([len(w.variants) for w in instance.workloads], dtype=np.int64),
        runs=runs,
        allowed=_residency(instance),
        seconds=seconds,
        energy_j=energy,
        violation=violation,
        fast=violation <= limit[:, None, None, None] + PROBABILITY,
        gb=np.array([(w.bytes_in + w.bytes_out) / 1e9 for w in instance.workloads], dtype=np.float64),
        kwh_per_gb=np.zeros_like(instance.rtt_ms) if per_gb is None else per_gb,
    )


def _residency(instance: Instance) -> Bools:
    def allowed(work: Workload) -> list[bool]:
        return [work.allowed_regions is None or p.region in work.allowed_regions for p in instance.pools]

    return np.array([allowed(w) for w in instance.workloads], dtype=np.bool_)


def _profiles(instance: Instance) -> tuple[Bools, Floats, Floats, Floats, Floats]:
    """runs, service mean, service sd, server-seconds, joules: each (W,V,P), 0 where the hardware has no profile."""
    most = max(len(w.variants) for w in instance.workloads)
    table = np.zeros((5, len(instance.workloads), most, len(instance.pools)))
    for w, work in enumerate(instance.workloads):
        for v, variant in enumerate(work.variants):
            for p, pool in enumerate(instance.pools):
                if (x := variant.profiles.get(pool.hardware)) is not None:
                    per_request = (x.server_seconds_per_request, x.energy_j_per_request)
                    table[:, w, v, p] = (1.0, x.service_ms_mean, x.service_ms_sd, *per_request)
    return table[0] > 0, table[1], table[2], table[3], table[4]


def _violations(instance: Instance, region: Ints, runs: Bools, mean: Floats, sd: Floats) -> Floats:
    """(W,V,P,O) pi; each distinct latency is computed once."""
    slo = np.array([np.inf if w.slo_ms is None else w.slo_ms for w in instance.workloads])
    spare = slo[:, None, None, None] - instance.rtt_ms[:, region].T
    spare, mean, sd = np.broadcast_arrays(spare, mean[..., None], sd[..., None])
    out = np.zeros(spare.shape)
    asked = np.isfinite(spare) & runs[..., None]
    cases, back = np.unique(np.stack([spare[asked], mean[asked], sd[asked]]), axis=1, return_inverse=True)
    out[asked] = violation_probability(cases[0], cases[1], cases[2], instance.jitter_sd_ms)[back.ravel()]
    return out
