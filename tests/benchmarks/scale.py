"""Where it ends: seconds and memory against hours, regions and steps, and pools: `python -m tests.benchmarks.scale`.

Arguments choose among the series, all by default. Medians and ranges over BENCH_SEEDS seeds (5); what takes minutes is
asked for one seed. Each series ends with the exponent of its seconds in its size, fitted to the medians from `fit` on,
below which a process is mostly its imports. One line of JSON a size, and out/scale.json.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.measure import measured

SEEDS = int(os.environ.get("BENCH_SEEDS", "5"))
LONG = 5000  # hours: beyond, one seed
OUT = Path("out/scale.json")


@dataclass(frozen=True, slots=True)
class Size:
    """An instance of grid/1 and what is asked of it; `size` is what the seconds are held against."""

    size: int
    shape: dict[str, int]
    command: tuple[str, ...]
    seeds: int = SEEDS


def hours() -> Iterator[Size]:
    """The window method from a month to two years, 12 regions."""
    for length in (720, 2190, 4380, 8760, 17520):
        yield Size(length, {"hours": length}, ("solve", "--windows", "336"), SEEDS if length < LONG else 1)


def cells() -> Iterator[Size]:
    """One model of three days, up to 36 regions and periods of 5 minutes: by regions x periods."""
    for regions in (6, 12, 24, 36):
        for step in (60, 15, 5):
            shape = {"hours": 72, "regions": regions, "step": step}
            yield Size(regions * 72 * 60 // step, shape, ("solve",))


def pools_lp() -> Iterator[Size]:
    """The linear programme of six hours over 10 to 10,000 pools."""
    yield from (Size(n, {"hours": 6, "regions": n}, ("solve",)) for n in (10, 100, 1000, 10000))


def pools_greedy() -> Iterator[Size]:
    """The same replayed by rules."""
    for n in (10, 100, 1000, 10000):
        yield Size(n, {"hours": 6, "regions": n}, ("replay", "--policy", "greedy", "--policy", "threshold"))


SERIES = {f.__name__: (f, fit) for f, fit in ((hours, 0), (cells, 1000), (pools_lp, 100), (pools_greedy, 100))}


def main() -> None:
    """Run the series named."""
    report = {}
    for name in sys.argv[1:] or SERIES:
        sizes, fit = SERIES[name]
        rows = [_row(name, size) for size in sizes()]
        report[name] = {"rows": rows, "exponent": _exponent([r for r in rows if r["size"] >= fit])}
        print(json.dumps({name: report[name]["exponent"]}), flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")


def _row(name: str, size: Size) -> dict:
    runs = [_run(size, seed) for seed in range(size.seeds)]
    row = {"series": name, "size": size.size, **size.shape}
    for quantity in runs[0]:
        values = [run[quantity] for run in runs]
        row[quantity] = [round(f(values), 9) for f in (statistics.median, min, max)]
    print(json.dumps(row), flush=True)
    return row


def _run(size: Size, seed: int) -> dict[str, float]:
    """CPU seconds and peak memory of the whole process, and the certified gap where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/instance.json.gz"
        shape = [word for key, value in size.shape.items() for word in (f"--{key}", str(value))]
        if measured(*_planner("instance", "generate", "grid", *shape, "--seed", str(seed), "-o", path)) is None:
            raise RuntimeError("no instance")
        command, *options = size.command
        found = measured(*_planner(command, path, *options, "--json"))
    if found is None:
        raise RuntimeError("no answer")
    figures = {"cpu_s": found.cpu_s, "wall_s": found.wall_s, "peak_rss_mb": found.peak_rss_mb}
    figures["us_per_size"] = 1e6 * found.cpu_s / size.size
    gap = found.said["gap"]["certified"]
    return figures if gap is None else figures | {"certified_gap": gap}


def _planner(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "planner", *words, "-q")


def _exponent(rows: list[dict]) -> float:
    seconds = [r["cpu_s"][0] for r in rows]
    return round(float(np.polyfit(np.log([r["size"] for r in rows]), np.log(seconds), 1)[0]), 3)


if __name__ == "__main__":
    main()
