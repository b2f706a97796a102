"""`python -m tests.benchmarks.rivals NAME INSTANCE`: one rival solves one instance; one JSON line says what it took."""

import json
import sys
import time
from importlib import import_module

from tests.benchmarks.rivals.problem import prepared


def main(name: str, path: str) -> None:
    """Read and prepare alike for all, then let the rival build, translate and solve."""
    begun = time.perf_counter()
    problem, seconds = prepared(path)
    objective = import_module(f"tests.benchmarks.rivals.{name}").solve(problem, seconds)
    seconds["total"] = time.perf_counter() - begun
    print(json.dumps({"objective": objective, "options": len(problem), "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
