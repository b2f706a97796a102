"""Why no plan exists, in words: batches without options, crowded regions (elastic relaxation), limits none can meet."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner import registry
from planner.domain.instance import Caps, Instance, Weights
from planner.domain.options import Account, Options, options
from planner.domain.protocols import BuiltModel
from planner.solve.crowding import crowded
from planner.solve.highs import Answer, Session
from planner.solve.translate import LinearProgram, translate
from planner.solve.words import amount, hours

MOST_CLASHES = 5


def batches_without_options(table: Options) -> tuple[str, ...]:
    """(M0) batches that no region, hardware or period can take, one sentence per workload and origin."""
    instance = table.instance
    if instance.weights.miss_weight is not None:
        return ()
    batches = instance.batches()
    lost = np.flatnonzero(table.choices() == 0)
    pairs = sorted({(int(batches.workload[b]), int(batches.origin[b])) for b in lost})
    return tuple(_without_option(table, w, o) for w, o in pairs[:MOST_CLASHES])


def _without_option(table: Options, w: int, o: int) -> str:
    instance, site = table.instance, table.routes
    work, origin = instance.workloads[w], instance.origins[o]
    mine = np.flatnonzero(site.workload == w)
    if not len(mine):
        return f"(M0) {work.name}: no pool in its allowed regions has hardware that runs it"
    if site.feasible[o, mine].any():
        return f"(M0) {work.name} from {origin}: a job is longer than the time between its release and its deadline"
    best = mine[site.violation[o, mine].argmin()]
    return (
        f"(M0) {work.name} from {origin}: the SLO of {work.slo_ms:g} ms is hard, and even "
        f"{instance.pools[site.pool[best]].name} violates it with probability {amount(site.violation[o, best])}, "
        f"above {amount(work.max_violation)}"
    )


def explain(table: Options) -> tuple[str, ...]:
    """What clashes: capacity first, then budgets and caps one by one, then what whole batches break."""
    free = table.instance.replace(
        caps=Caps(), workloads=tuple(replace(w, slo_budget=None) for w in table.instance.workloads)
    )
    return (
        tuple(_capacity_clashes(free))
        or tuple(_limit_clashes(table, free))
        or (_only_whole(table.instance, relaxed=_least(table)),)
    )


def _capacity_clashes(free: Instance) -> Iterator[str]:
    """The elastic relaxation: the instance without limits on totals, where a miss costs 1 and nothing else costs."""
    elastic = options(free.replace(weights=Weights(alpha=0.0, beta=1.0, miss_weight=1.0), hour_map=None))
    built, program, answer = _relaxed(elastic)
    missed = answer.objective or 0.0
    if answer.duals is None or missed <= 1e-6:
        return
    prices = built.multipliers({n: (keys, answer.duals[rows]) for n, (keys, rows) in program.families.items()}, ())
    yield from crowded(elastic, prices)
    if prices.fleet is not None and (prices.fleet > 1e-9).any():
        yield f"(M3b) the fleet limit in {hours(np.flatnonzero(prices.fleet > 1e-9))}"
    yield f"(M1) {amount(missed)} requests cannot be served"


def _limit_clashes(table: Options, free: Instance) -> Iterator[str]:
    """(M11), (M12) limits that no plan meets, each tried alone."""
    instance, open_table = table.instance, options(free)
    for name in ("carbon_kg", "cost_usd", "energy_kwh"):
        cap, least = getattr(instance.caps, name), _least(_priced_by(open_table, name.split("_")[0]))
        if cap is not None and least is not None and least > cap * (1 + 1e-9):
            yield f"(M12) {name} is at least {amount(least, 6)} in any plan, its cap is {amount(cap, 6)}"
    for w, work in enumerate(instance.workloads):
        total = _requests(instance, w)
        if work.slo_budget is None or not total:
            continue
        least = _least(_priced_by_violations(open_table, w))
        if least is not None and least / total > work.slo_budget + 1e-9:
            least_share = f"at least {amount(least / total)} of its requests violate the SLO"
            yield f"(M11) {work.name}: {least_share}, its budget is {amount(work.slo_budget)}"


def _requests(instance: Instance, w: int) -> float:
    name = instance.workloads[w].name
    return float(instance.requests[w].sum() + sum(j.requests for j in instance.jobs if j.workload == name))


def _priced_by(table: Options, what: str) -> Options:
    """The options priced by their carbon, cost or energy alone."""

    def only(account: Account) -> Account:
        return replace(account, price=getattr(account, what))

    routes = replace(table.routes, violation_price=0.0 * table.routes.violation_price)
    costless = table.instance.replace(weights=replace(table.instance.weights, beta=0.0))
    parts = {name: only(getattr(table, name)) for name in ("request", "network", "active", "startup")}
    return replace(table, instance=costless, routes=routes, **parts)


def _priced_by_violations(table: Options, w: int) -> Options:
    """The options priced by the violations of one workload: late and missed requests cost at least 1 each too."""
    weights = Weights(beta=1.0, tardiness_weight=1.0 / table.instance.step_hours)
    priced = np.arange(len(table.instance.workloads)) == w
    free = {
        n: replace(getattr(table, n), price=0.0 * getattr(table, n).price)
        for n in ("request", "network", "active", "startup")
    }
    return replace(
        table,
        instance=table.instance.replace(weights=replace(weights, miss_weight=_miss_as_violation(table.instance))),
        routes=replace(table.routes, violation_price=priced.astype(np.float64)),
        **free,
    )


def _miss_as_violation(instance: Instance) -> float | None:
    return None if instance.weights.miss_weight is None else 1.0


def _least(table: Options) -> float | None:
    """The optimum of the linear relaxation, None where it is infeasible."""
    return _relaxed(table)[2].objective


def _relaxed(table: Options) -> tuple[BuiltModel, LinearProgram, Answer]:
    built: BuiltModel = registry.load("planner.formulations", "auto").build(table)
    program = translate(built.model, built.columns)
    session = Session(program, threads=1, seed=0)
    session.whole(on=False)
    return built, program, session.run()


def _only_whole(instance: Instance, *, relaxed: float | None) -> str:
    rules = {
        "(M5) the minimum up-time": any(p.min_uptime_periods > 1 for p in instance.pools),
        "(M10) the hour map": instance.hour_map is not None,
        "(M11) SLO budgets": any(w.slo_budget is not None for w in instance.workloads),
        "(M12) caps": instance.caps != Caps(),
        "(M0) batches that may not be split": bool((instance.batches().share_unit > 0).any()),
        "(M3) whole servers": instance.provisioning,
    }
    named = " and ".join(name for name, there in rules.items() if there)
    if relaxed is None:
        return f"each of these can be met, all together they cannot: {named}"
    return f"shares of batches and servers would fit, whole ones do not: {named}"
