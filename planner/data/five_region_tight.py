"""The five-region study under capacity: the same requests scaled up, whole servers, a hard SLO and waiting."""

from dataclasses import replace

import numpy as np

from planner.data.five_region import HARDWARE, SOURCE_NOTES, five_region_week
from planner.domain.instance import Instance, Pool, Workload

REQUESTS_PER_LOGGED = 16_300
SERVERS = 20
UTILISATION = 0.7
IDLE_W = 100.0
PEAK_W = 350.0
STARTUP_WH = 50.0
MAX_VIOLATION = 0.05
SLACK_HOURS = {"bert_base": 0, "bert_large": 12, "resnet50": 6}

NOTES = (
    "The five-region study under capacity: 20 servers a region, start-up and idle energy, hard SLO, up to 12 h slack.",
    *SOURCE_NOTES,
    "Assumption: each request of the study stands for 16,300; it holds a server for its mean inference time.",
    "Assumption: 20 servers a region at target utilisation 0.7, about 45 % of the peak hour's server-seconds each.",
    "Assumption: a server takes 100 W idle and 250 W more while it serves; starting it takes 50 Wh.",
    "Assumption: bert_base cannot wait, resnet50 waits up to 6 h and bert_large up to 12 h.",
    "Assumption: the SLO is hard; a route that misses it for more than 5 % of the requests does not exist.",
)


def five_region_week_tight(seed: int = 42) -> Instance:
    """Five regions of 20 servers each, start-up and idle energy, hard SLO; no request log, as requests are scaled."""
    week = five_region_week(seed=seed)
    return week.replace(
        name="seed/five-region-week-tight",
        pools=tuple(_pool(p.region) for p in week.pools),
        workloads=tuple(map(_under_hard_slo, week.workloads)),
        requests=week.requests * REQUESTS_PER_LOGGED,
        servers=np.full(week.servers.shape, float(SERVERS)),
        provisioning=True,
        request_log=None,
        notes=NOTES,
    )


def _pool(region: str) -> Pool:
    return Pool(region, region, HARDWARE, IDLE_W, peak_w=PEAK_W, startup_wh=STARTUP_WH, target_utilisation=UTILISATION)


def _under_hard_slo(work: Workload) -> Workload:
    return replace(work, slo_mode="hard", max_violation=MAX_VIOLATION, slack_periods=SLACK_HOURS[work.name])
