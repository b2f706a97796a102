"""`make bench`: whole processes side by side, ours against a naive Pyomo model, on the instance of MODEL.md 5.

Prints a table and writes out/bench.json. Ratios count: machines are noisy, so both run in turn on the same one.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HOURS = os.environ.get("BENCH_HOURS", "168")
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Measured:
    """One whole process, imports included."""

    name: str
    wall_s: float
    peak_rss_mb: float
    said: dict


def measured(name: str, *command: str) -> Measured:
    """Run a command to its end; what it prints on stdout is one JSON document."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        if status:
            sys.exit(f"{name} failed: {' '.join(command)}")
        out.seek(0)
        return Measured(name, wall, usage.ru_maxrss / 1024, json.load(out))


def main() -> None:
    """Build the instance, run both, say the ratios."""
    planner = [sys.executable, "-m", "planner"]
    with tempfile.TemporaryDirectory() as folder:
        instance, plan = f"{folder}/grid.json", f"{folder}/plan.json"
        size = ["--regions", "12", "--origins", "13", "--hours", HOURS, "--seed", "0"]
        subprocess.run([*planner, "instance", "generate", "grid", *size, "-o", instance], check=True)
        ours = measured("planner", *planner, "solve", instance, "--json", "-q", "-o", plan)
        naive = measured("naive pyomo", sys.executable, str(HERE / "naive_pyomo.py"), instance)
    report = compared(ours, naive)
    Path("out").mkdir(exist_ok=True)
    Path("out/bench.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


def compared(ours: Measured, naive: Measured) -> dict:
    """Figures of both, ratios between them, and the shares of our phases."""
    mine = ours.said["objective"]["total"]
    seconds = {k: v for k, v in ours.said["seconds"].items() if k != "total"}
    return {
        "options": naive.said["options"],
        "objective_difference": abs(mine - naive.said["objective"]) / abs(mine),
        "times_faster": naive.wall_s / ours.wall_s,
        "share_of_memory": ours.peak_rss_mb / naive.peak_rss_mb,
        "naive_us_per_option_to_build_and_translate": naive.said["us_per_option"],
        "planner": {"wall_s": ours.wall_s, "peak_rss_mb": ours.peak_rss_mb, "seconds": seconds},
        "shares_of_planner": {k: v / ours.wall_s for k, v in seconds.items()},
        "naive": {"wall_s": naive.wall_s, "peak_rss_mb": naive.peak_rss_mb, "seconds": naive.said["seconds"]},
    }


if __name__ == "__main__":
    main()
