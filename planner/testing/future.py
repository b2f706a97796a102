"""Another future: the same instance up to a period, different after it."""

from dataclasses import replace

import numpy as np

from planner.domain.instance import Floats, Instance, Ints, Job, Vintages


def another_future(instance: Instance, period: int, *, seed: int = 0) -> Instance:
    """The instance with all data after `period` changed: carbon, demand, servers, prices, jobs and forecasts."""
    draw = np.random.default_rng(seed)
    after = slice(period + 1, None)

    def scaled(values: Floats) -> Floats:
        changed = values.copy()
        changed[..., after] *= draw.uniform(0.2, 5.0, changed[..., after].shape)
        return changed

    def whole(values: Floats) -> Floats:
        changed = scaled(values)
        changed[..., after] = np.ceil(changed[..., after])
        return changed

    return instance.replace(
        carbon_intensity_g_per_kwh=scaled(instance.carbon_intensity_g_per_kwh),
        requests=_other_demand(instance.requests, after, draw),
        servers=whole(instance.servers),
        fleet_limit=None if instance.fleet_limit is None else whole(instance.fleet_limit),
        price_usd_per_kwh=None if instance.price_usd_per_kwh is None else scaled(instance.price_usd_per_kwh),
        jobs=tuple(_other_job(job, draw) if job.release > period else job for job in instance.jobs),
        vintages=_vintages_until(instance.vintages, period),
        request_log=None,
    )


def _other_demand(requests: Ints, after: slice, draw: np.random.Generator) -> Ints:
    """Some batches vanish, others appear."""
    changed = requests.copy()
    most = 2 * int(requests.max(initial=0)) + 2
    later = changed[..., after]
    changed[..., after] = draw.integers(0, most, later.shape) * draw.integers(0, 2, later.shape)
    return changed


def _other_job(job: Job, draw: np.random.Generator) -> Job:
    return replace(job, requests=job.requests + int(draw.integers(1, 10)))


def _vintages_until(vintages: Vintages | None, period: int) -> Vintages | None:
    if vintages is None:
        return None
    known = vintages.issued <= period
    return Vintages(vintages.issued[known], vintages.values[known])
