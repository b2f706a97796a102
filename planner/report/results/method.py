"""How the figures came about, and what they were made with."""

from collections.abc import Iterator
from statistics import median

from planner.report.results.rows import Results
from planner.report.results.words import number, several

VERSIONS = ("planner", "pyomo", "highspy", "python", "machine")


def method_sentences(results: Results) -> Iterator[str]:
    """Paragraphs."""
    yield (
        "The gap is (objective - bound) / |bound|. The bound is a proven lower bound of the instance's objective: no "
        "schedule, online or clairvoyant, is below it. It is the better of the solver's own and of the certified one, "
        "which is recomputed from multipliers without a solver."
    )
    if any(row.bound_kind == "equal-violation-rate" for row in results.rows):
        yield (
            "Where violations of latency objectives are free, the bound of a row is that of the instance at the "
            "policy's own rate of violations: a policy gains nothing by violating more."
        )
    yield (
        "An instance of this page is a task of the campaign: an instance file varied along the suite's axes, with its "
        "forecaster and its seed."
    )
    yield (
        "Each row is a plan that an independent judge checked: it reads the raw instance, shares no code with the "
        "models or the policies, lists the hard rules that are broken and computes the objective anew. A plan that "
        "breaks a hard rule has no gap. A row that was not verified is counted as failed."
    )
    yield (
        "Policies see what has happened and forecasts, never the future; those marked clairvoyant do and have no "
        "rank. The rows optimum (the oracle's plan) and worst (the schedule that emits most) are no competitors: "
        "they show the scale. Position is 0 at the optimum and 1 at the worst."
    )
    yield (
        "Policies are compared on the instances that every ranked policy finished. The quantile q of a policy's gaps "
        "is the least gap that a share q of these instances is within; an instance where it broke a hard rule counts "
        "as worse than any gap, and a dash says that the quantile falls on such an instance."
    )
    yield (
        "The performance profile is that of Dolan and More (Mathematical Programming 91, 2002), with the bound in "
        "the place of the best solver."
    )


def made_with(results: Results) -> list[tuple[str, str, str]]:
    """(what, value, rows of the table of timings) for versions and machines."""
    found: dict[tuple[str, str], int] = {}
    for line in results.timings:
        for name, value in line.items():
            if value and (name in VERSIONS or name.startswith("version")):
                key = name.removeprefix("versions.").removeprefix("version."), value
                found[key] = found.get(key, 0) + 1
    return [(name, value, f"{count:,}") for (name, value), count in found.items()]


def effort(results: Results) -> str:
    """What the campaign took, from the table of timings; empty without one."""
    seconds, memory = ([value for _, value in results.timed(name)] for name in ("seconds", "peak_rss_mb"))
    if not seconds:
        return ""
    most = f", at most {number(max(memory), 4)} MB" if memory else ""
    times = f"{number(sum(seconds), 4)} s in all, median {number(median(seconds), 3)} s a row{most}"
    return f"{several(len(seconds), 'timed row')}: {times}."
