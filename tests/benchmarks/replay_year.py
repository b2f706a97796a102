"""CPU seconds of a year in the hourly replay, judge included, one thread: `python -m tests.benchmarks.replay_year`.

The instance is real/twelve-zone-2023 where its files lie in ../shared/data, else grid/1 of the same size. Arguments are
policies, by default all that solve no programme of many hours; BENCH_HOURS shortens the year. One line of JSON each:
seconds, microseconds of deciding per batch, and seconds as a multiple of greedy's.
"""

import json
import os
import sys
import time
from pathlib import Path

from planner.data.build import build_recipe
from planner.data.grid import GridSize, grid
from planner.data.recipe import load_recipe
from planner.data.slicing import slice_periods
from planner.domain.instance import Instance
from planner.replay.loop import replay

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
HOURS = int(os.environ.get("BENCH_HOURS", "8760"))
POLICIES = (
    "greedy", "latency-first", "carbon-first", "lowest-carbon", "hybrid", "constrained-hybrid", "carbon-edge",
    "sqrt-lu", "pcm", "threshold", "pcaps", "cap", "gaia", "wait-awhile", "carbon-clipper", "carbon-scaler",
    "vcc", "regret", "casper",
)  # fmt: skip


def main() -> None:
    """Replay each policy once; the first line is greedy's."""
    instance = year()
    greedy = seconds(instance, "greedy")
    for policy in sys.argv[1:] or POLICIES:
        spent = greedy if policy == "greedy" else seconds(instance, policy)
        said = {"instance": instance.name, "policy": policy, **spent}
        print(json.dumps(said | {"of_greedy": round(spent["cpu_s"] / greedy["cpu_s"], 2)}), flush=True)


def year() -> Instance:
    """The real one or one like it."""
    if DATA.is_dir():
        made = build_recipe(load_recipe(ROOT / "instances/real/twelve-zone-2023.toml"), DATA)
    else:
        made = grid(GridSize(regions=12, origins=12, workloads=5, hours=HOURS, provisioning=True))
    return made if made.periods <= HOURS else slice_periods(made, 0, HOURS)


def seconds(instance: Instance, policy: str) -> dict[str, float]:
    """Of the whole call, and what deciding takes of it."""
    begun = time.process_time()
    run = replay(instance, policy)
    spent = time.process_time() - begun
    batches = len(instance.batches())
    requests = int(instance.requests.sum()) + sum(job.requests for job in instance.jobs)
    deciding = run.decision_us_per_request * requests
    return {"cpu_s": round(spent, 2), "decision_us_per_batch": round(deciding / batches, 1)}


if __name__ == "__main__":
    main()
