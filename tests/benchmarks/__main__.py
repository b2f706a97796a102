"""`make bench`: whole processes side by side on growing grids (MODEL.md 5), ours against models written otherwise.

Prints a table and writes out/bench.json and out/bench.png. Ratios count: machines are noisy, so all run in turn on the
same one. Arguments name the rivals, by default all. BENCH_HOURS: the lengths; BENCH_SEED: of the grids; BENCH_LIMIT:
seconds after which a run ends; a rival whose time at the next length would lie above it, by its growth so far, is not
asked.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.figure import draw
from tests.benchmarks.measure import Measured, measured

HOURS = [int(h) for h in os.environ.get("BENCH_HOURS", "6,24,72,168,720,1800").split(",")]
SEED = os.environ.get("BENCH_SEED", "0")
LIMIT_S = float(os.environ.get("BENCH_LIMIT", "1200"))
OURS = "planner"
RIVALS = ("naive_pyomo", "pyomo_expressions", "pulp_cbc", "linopy_arrays")
OUT = Path("out")


def main() -> None:
    """Run all, say ratios and growth."""
    OUT.mkdir(exist_ok=True)
    runs: list[dict] = []
    with tempfile.TemporaryDirectory() as folder:
        for hours in HOURS:
            instance = _generated(hours, folder)
            for name in (OURS, *(sys.argv[1:] or RIVALS)):
                run = _run(name, instance, runs)
                if run:
                    runs.append({"name": name, "hours": hours} | run)
                print(json.dumps(runs[-1] if run else {"not run or not ended": name}), file=sys.stderr, flush=True)
    report = {"runs": runs, "at_size": _ratios(runs), "growth": _growth(runs)}
    (OUT / "bench.json").write_text(json.dumps(report, indent=1) + "\n")
    draw(runs, OUT / "bench.png")
    print(json.dumps({k: report[k] for k in ("at_size", "growth")}, indent=1))


def _generated(hours: int, folder: str) -> str:
    path = f"{folder}/grid-{hours}.json"
    size = ["--regions", "12", "--origins", "13", "--hours", str(hours), "--seed", SEED]
    subprocess.run(
        [sys.executable, "-m", "planner", "instance", "generate", "grid", *size, "-o", path, "-q"], check=True
    )
    return path


def _run(name: str, instance: str, runs: list[dict]) -> dict | None:
    if name == OURS:
        plan = f"{instance}.plan.json.gz"
        found = measured(sys.executable, "-m", "planner", "solve", instance, "--json", "-q", "-o", plan)
        return None if found is None else _ours(found)
    before = [r["wall_s"] for r in runs if r["name"] == name]
    tried = len(before) == sum(r["name"] == OURS for r in runs) - 1  # a rival that stopped once is not asked again
    if not tried or (before and _expected(name, runs) > LIMIT_S):
        return None
    found = measured(sys.executable, "-m", "tests.benchmarks.rivals", name, instance, limit_s=LIMIT_S)
    return None if found is None else _figures(found, found.said["objective"], found.said["options"])


def _expected(name: str, runs: list[dict]) -> float:
    """Seconds at the present length, by the growth between the last two lengths (1.5 in the options before that)."""
    mine = [(r["options"], r["wall_s"]) for r in runs if r["name"] == name]
    now = next(r["options"] for r in reversed(runs) if r["name"] == OURS)
    power = 1.5 if len(mine) < 2 else _slope(*zip(*mine[-2:], strict=True))
    return float(mine[-1][1] * (now / mine[-1][0]) ** power)


def _ours(found: Measured) -> dict:
    said = found.said
    certified = {"certified_gap": said["gap"]["certified"], "columns": said["size"]["columns"]}
    return _figures(found, said["objective"]["total"], said["size"]["options"]) | certified


def _figures(found: Measured, objective: float, options: int) -> dict:
    seconds = {k: v for k, v in found.said["seconds"].items() if k != "total"}
    figures = {
        "options": options,
        "objective": objective,
        "wall_s": found.wall_s,
        "cpu_s": found.cpu_s,
        "peak_rss_mb": found.peak_rss_mb,
    }
    return figures | {"seconds": seconds}


def _ratios(runs: list[dict]) -> list[dict]:
    """Per length and rival: how many times longer and larger than ours, and the difference of the optima."""
    ours = {r["hours"]: r for r in runs if r["name"] == OURS}
    return [
        {
            "options": r["options"],
            "rival": r["name"],
            "times_longer": r["wall_s"] / mine["wall_s"],
            "times_the_memory": r["peak_rss_mb"] / mine["peak_rss_mb"],
            "objective_difference": abs(r["objective"] - mine["objective"]) / abs(mine["objective"]),
            "us_per_option_to_build_and_translate": 1e6
            * (r["seconds"]["build"] + r["seconds"].get("translate", 0.0))
            / r["options"],
        }
        for r in runs
        if r["name"] != OURS
        for mine in [ours[r["hours"]]]
    ]


def _growth(runs: list[dict]) -> dict[str, dict[str, float]]:
    """Exponents of wall time, solving and memory in the options, fitted over the three largest sizes of each."""
    return {
        name: {
            "wall": _slope(x, [r["wall_s"] for r in mine]),
            "solve": _slope(x, [r["seconds"]["solve"] for r in mine]),
            "memory": _slope(x, [r["peak_rss_mb"] for r in mine]),
        }
        for name in (OURS, *RIVALS)
        for mine in [[r for r in runs if r["name"] == name][-3:]]
        for x in [[r["options"] for r in mine]]
        if len(mine) > 1
    }


def _slope(x: list[float] | tuple[float, ...], y: list[float] | tuple[float, ...]) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


if __name__ == "__main__":
    main()
