"""Requests per second of the request-level replay, one thread: `python -m tests.benchmarks.requests`.

Rule policies on the five-region generator, with pools without limit and with queues.
Everything is counted: drawing, deciding, dealing, queueing, judging, percentiles.
"""

import json
import time

import numpy as np

from planner.data.five_region import five_region_week
from planner.replay.requests import Crowd, replay_requests

POLICIES = ("latency-first", "hybrid:alpha=0.5", "constrained-hybrid", "constrained-hybrid-published")
STEP_MINUTES = 5  # the same requests in a twelfth of the time: 17 a second, over all regions more than half a server


def main() -> None:
    """One line of JSON a case."""
    free = five_region_week(hours=336, requests_per_hour=5000)
    busy = free.replace(servers=np.ones(free.servers.shape), step_minutes=STEP_MINUTES)
    for pools, instance in (("no limit", free), ("1 server a region", busy)):
        for policy in POLICIES:
            begun, cpu = time.perf_counter(), time.process_time()
            crowd = Crowd.of(instance, 42)
            run = replay_requests(instance, policy, crowd=crowd)
            spent = time.process_time() - cpu
            requests = len(crowd.stream)
            said = {
                "pools": pools,
                "policy": policy,
                "requests": requests,
                "requests_per_cpu_second": round(requests / spent),
                "wall_s": round(time.perf_counter() - begun, 2),
                "mean_wait_ms": None if run.overall.queueing_ms is None else run.overall.queueing_ms.mean,
            }
            print(json.dumps(said))


if __name__ == "__main__":
    main()
