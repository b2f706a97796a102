"""A comparison as a page: figures, tables, what is missing, and what the results are valid for."""

from collections.abc import Iterator

from planner import __version__
from planner.plots.delays import plot_delays
from planner.plots.function_times import plot_function_times
from planner.plots.greenup import plot_greenup
from planner.plots.places import plot_places
from planner.protocol.gps_up.results import Comparison, Pair, Ratio
from planner.protocol.validity import VALIDITY
from planner.report.document import Section, bullets, document, paragraphs, picture, table

TWICE = (
    "Greenup is given twice. The policy's greenup takes T as the function's mean over all scenarios: it is what the "
    "choice of region and hour alone does, and it has no randomness. The measured greenup takes T as it was measured; "
    "its interval is a percentile bootstrap over invocations within each function, the same draws for all scenarios."
)


def comparison_page(found: Comparison) -> str:
    """One self-contained HTML document."""
    names = ", ".join(s.scenario for s in found.scenarios)
    best = max(found.pairs[: len(found.scenarios) - 1], key=lambda p: p.greenup_policy)
    lead = (
        f"{found.invocations:,} invocations, carbon intensity of {found.carbon}. Scenario {best.new} has a greenup of "
        f"{best.greenup_policy:.3f} against {best.base}; no schedule has more than {found.bound_greenup:.3f}."
    )
    return document(f"Scenarios {names}", lead, _sections(found), provenance=_provenance(found))


def _sections(found: Comparison) -> Iterator[Section]:
    yield Section("Greenup, speedup, powerup", (_greenup_picture(found), _pairs(found), paragraphs(TWICE)))
    yield Section("How much of the possible saving", (_scenarios(found),))
    yield Section("Latency", (_times_picture(found), _times(found)))
    if found.delays:
        yield Section("Delay", (_delays_picture(found), _delays(found)))
    yield Section("Where it ran", (_places_picture(found),))
    yield Section("The same trace", tuple(_trace(found)))
    yield Section("Validity and limits", (bullets(VALIDITY),))


def _greenup_picture(found: Comparison) -> str:
    rows = [(_name(p), p.greenup_policy, p.greenup_measured.value, _interval(p.greenup_measured)) for p in found.pairs]
    axes = plot_greenup(rows, bound=found.bound_greenup, base=found.scenarios[0].scenario)
    return picture(axes, "Greenup by policy alone and as measured; above 1 less carbon, the dashed line is the limit")


def _pairs(found: Comparison) -> str:
    head = ("new against base", "speedup", "powerup", "greenup (policy)", "greenup (measured)")
    rows = (
        (_name(p), _ratio(p.speedup), f"{p.powerup:g}", f"{p.greenup_policy:.4f}", _ratio(p.greenup_measured))
        for p in found.pairs
    )
    return table("Ratios of base to new, with 95 % intervals; above 1 the new one is better", head, rows)


def _scenarios(found: Comparison) -> str:
    head = ("scenario", "E* (policy)", "E* (measured)", "of possible saving", "repeated", "failed midway")
    rows = [
        (
            s.scenario,
            f"{s.energy_policy:.6g}",
            f"{s.energy_measured:.6g}",
            "-" if s.reached is None else f"{s.reached:.1%}",
            str(s.repeated),
            str(s.failed),
        )
        for s in found.scenarios
    ]
    bound = ("oracle's bound", f"{found.bound_energy:.6g}", "", "100.0%", "", "")
    return table("E* in s g/kWh, and the saving against the first scenario", head, [*rows, bound])


def _times_picture(found: Comparison) -> str:
    rows = [(s.scenario, {f.function: (f.mean_ms, f.p95_ms) for f in s.functions}) for s in found.scenarios]
    return picture(plot_function_times(rows), "Mean and 95th percentile of the latency of each function")


def _times(found: Comparison) -> str:
    head = ("function", "scenario", "invocations", "mean ms", "p95 ms")
    rows = sorted(
        (f.function, s.scenario, str(f.invocations), f"{f.mean_ms:.5g}", f"{f.p95_ms:.5g}")
        for s in found.scenarios
        for f in s.functions
    )
    return table("Latency of the committed executions", head, rows, names=2)


def _delays_picture(found: Comparison) -> str:
    return picture(plot_delays(list(found.delays.items())), "Share of invocations that have begun after so many hours")


def _delays(found: Comparison) -> str:
    head = ("scenario", "mean s", "p50 s", "p95 s", "p99 s", "begun late")
    rows = (
        (s.scenario, *(f"{x:.5g}" for x in (d.mean, d.p50, d.p95, d.p99)), str(len(s.late or ())))
        for s in found.scenarios
        if (d := s.delay_s)
    )
    return table("From invocation to the start of its execution", head, rows)


def _places_picture(found: Comparison) -> str:
    rows = [(s.scenario, s.executions_by_region) for s in found.scenarios]
    return picture(plot_places(rows), "Regions in which executions ran")


def _trace(found: Comparison) -> Iterator[str]:
    if not found.accounts:
        yield paragraphs("Monitoring counts requests and does not name them: the trace was not checked.")
        return
    head = ("scenario", "event ids", "sha256", "missing", "executed more than once")
    rows = (
        (a.scenario, f"{a.events:,}", a.events_sha256, str(len(a.missing)), str(len(a.doubled))) for a in found.accounts
    )
    same = "All scenarios saw the same event ids." if found.same_trace else "The scenarios saw DIFFERENT event ids."
    yield paragraphs(same)
    yield table("Event ids of each scenario", head, rows)
    for account in found.accounts:
        for what, events in (("without a result", account.missing), ("executed more than once", account.doubled)):
            if events:
                yield paragraphs(f"Scenario {account.scenario}, {what}: {', '.join(events)}.")


def _provenance(found: Comparison) -> str:
    drawn = f"bootstrap of {found.resamples} resamples, seed {found.seed}"
    return f"planner {__version__}; E* with {found.carbon}; {drawn}. {'; '.join(found.warnings)}"


def _name(pair: Pair) -> str:
    return f"{pair.new} against {pair.base}"


def _interval(ratio: Ratio) -> tuple[float, float] | None:
    return None if ratio.low is None or ratio.high is None else (ratio.low, ratio.high)


def _ratio(ratio: Ratio) -> str:
    interval = _interval(ratio)
    return f"{ratio.value:.4f}" + (f" [{interval[0]:.4f}, {interval[1]:.4f}]" if interval else "")
