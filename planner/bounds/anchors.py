"""The worst schedule: served work placed where it emits most, with only the servers it needs (MODEL.md 7)."""

from dataclasses import replace

import numpy as np

from planner import registry
from planner.domain.instance import Floats, Instance, Weights
from planner.domain.options import G_PER_KG, J_PER_KWH, Options, options
from planner.domain.plan import Plan
from planner.domain.protocols import BuiltModel
from planner.solve.highs import Session, Stop
from planner.solve.infeasible import batches_without_options
from planner.solve.translate import translate
from planner.verify.judge import check

GAP = 1e-2  # an anchor, not a result
SECONDS = 20.0


def worst_plan(instance: Instance) -> Plan | None:
    """A judged plan that serves everything and emits as much as it can; None where none was found.

    Idle servers emit in proportion to the load they carry while the work is placed; then they are rounded up.
    """
    weights = Weights(alpha=-1.0, beta=0.0)
    uncosted = instance.replace(weights=weights, provisioning=False, fleet_limit=None)
    table = options(uncosted)
    if batches_without_options(table):
        return None
    placed = _placed(
        replace(table, request=replace(table.request, price=table.request.price - _idle_share(instance, table)))
    )
    if placed is None:
        return None
    plan = with_fewest_servers(instance, placed)
    return None if check(instance, plan).violations else plan


def _idle_share(instance: Instance, table: Options) -> Floats:
    """(K,T) carbon (kg) of the idle energy that a request's share of a server takes (O2), (O5)."""
    routes = table.routes
    if not instance.provisioning:
        return np.zeros_like(table.request.price)
    pools = [instance.pools[p] for p in routes.pool]
    held = routes.server_seconds / np.array([p.target_utilisation for p in pools])
    pue = np.array([instance.regions[r].pue for r in routes.region])
    idle = held * np.array([p.idle_w for p in pools]) / J_PER_KWH * pue
    embodied = held / 3600 * np.array([p.embodied_g_per_server_hour for p in pools]) / G_PER_KG
    return np.asarray(idle[:, None] * instance.carbon_intensity_g_per_kwh[routes.region] / G_PER_KG + embodied[:, None])


def _placed(table: Options) -> Plan | None:
    built: BuiltModel = registry.load("planner.formulations", "auto").build(table)
    program = translate(built.model, built.columns)
    session = Session(program, threads=1, seed=0)
    session.whole(on=True)
    session.set({"mip_rel_gap": GAP})
    answer = session.run(time_limit=SECONDS)
    if answer.stop == Stop.INTERRUPTED:
        raise KeyboardInterrupt
    if answer.values is None:
        return None
    values = program.spread(answer.values)
    values[built.integer] = np.round(values[built.integer])
    return built.plan(values)


def with_fewest_servers(instance: Instance, plan: Plan) -> Plan:
    """The plan with the fewest servers that carry its load (M2), started as they rise (M4)."""
    if not instance.provisioning:
        return plan
    servers = np.ceil(load(instance, plan) / options(instance).server_capacity[:, None] * (1 - 1e-9))
    initial = np.array([[p.initial_servers] for p in instance.pools], dtype=np.float64)
    return plan.replace(servers=servers, started=np.maximum(np.diff(servers, axis=1, prepend=initial), 0.0))


def load(instance: Instance, plan: Plan) -> Floats:
    """(P,T) server-seconds that a plan's served shares take."""
    batches, routes = instance.batches(), options(instance).routes
    workload = batches.workload[plan.batch]
    seconds = np.zeros((len(instance.workloads), len(instance.pools), 1 + int(routes.variant.max(initial=0))))
    seconds[routes.workload, routes.pool, routes.variant] = routes.server_seconds
    span = np.where(batches.contiguous[plan.batch], batches.length[plan.batch], 1)
    part = batches.requests[plan.batch] * plan.share * seconds[workload, plan.pool, plan.variant] / span
    out = np.zeros((len(instance.pools), instance.periods))
    for k in range(int(span.max(initial=0))):
        runs = span > k
        np.add.at(out, (plan.pool[runs], plan.period[runs] + k), part[runs])
    return out
