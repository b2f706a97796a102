"""The oracle's own formulation of a foreseen problem: relaxation with cuts, servers whole in its first periods."""

from dataclasses import dataclass, replace

import numpy as np

from planner import registry
from planner.domain.flat import flat_options
from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Options, options
from planner.domain.plan import Plan
from planner.domain.protocols import BuiltModel, HourView
from planner.errors import Infeasible
from planner.policies.lookahead import softened
from planner.solve.highs import Answer, Session, Stop
from planner.solve.relaxation import solve_relaxation
from planner.solve.translate import LinearProgram, translate


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """The plan of a foreseen problem, what a server-second of each pool is worth in it (P,H), and its account."""

    plan: Plan
    capacity_price: Floats
    account: Options


def foresee(
    instance: Instance, held: Floats, *, view: HourView, whole: int, gap: float = 0.0, seed: int = 0
) -> Foreseen:
    """Solve it with servers and unsplittable batches whole in the first `whole` periods; 0: the relaxation alone.

    `held` (P,H) are server-seconds that running jobs take. Where not all can be served, misses get a price.
    """
    try:
        return _solved(instance, held, whole=whole, gap=gap, seed=seed)
    except Infeasible:
        return _solved(softened(instance, view), held, whole=whole, gap=gap, seed=seed)


def _solved(instance: Instance, held: Floats, *, whole: int, gap: float, seed: int) -> Foreseen:
    account = options(instance)
    if not len(account.choices()):
        return _nothing_to_do(account)
    built: BuiltModel = registry.load("planner.formulations", "auto").build(account)
    program = _first_whole(_less(translate(built.model, built.columns), held, account), built, account, whole)
    session = Session(program, threads=1, seed=seed)
    # Rounding cuts make the bound of whole servers, but what they price is no longer in the price of capacity.
    relaxed = solve_relaxation(session, built, program, seconds=None).answer if whole else session.run()
    values = _feasible(session, relaxed)
    if program.integer.any():
        session.set({"mip_rel_gap": gap, "mip_abs_gap": 0.0})
        session.whole(on=True)
        values = _feasible(session, session.run())
    plan = built.plan(program.spread(values))
    return Foreseen(plan, _capacity_price(built, program, relaxed, account, plan), account)


def _nothing_to_do(account: Options) -> Foreseen:
    whole, none = np.zeros(0, dtype=np.int64), np.zeros(0)
    off = np.zeros_like(account.instance.servers) if account.instance.provisioning else None
    plan = Plan(whole, whole, whole, whole, none, missed_batch=whole, missed_share=none, servers=off)
    return Foreseen(plan, account.active.price / account.server_capacity[:, None], account)


def _feasible(session: Session, answer: Answer) -> Floats:
    if session.interrupted():  # HiGHS heard Ctrl-C in place of whoever replays, maybe in an earlier run
        raise KeyboardInterrupt
    if answer.values is None or answer.stop == Stop.INFEASIBLE:
        raise Infeasible(("not all can be served",))
    return answer.values


def _capacity_price(built: BuiltModel, program: LinearProgram, relaxed: Answer, account: Options, plan: Plan) -> Floats:
    """(P,H) multipliers of (M2); where a pool is off, as much as the time of a server costs: as good a multiplier."""
    duals = np.zeros(len(program.row_lower)) if relaxed.duals is None else relaxed.duals
    found = built.multipliers({n: (keys, duals[rows]) for n, (keys, rows) in program.families.items()}, ())
    off = np.ones(found.capacity.shape, dtype=np.bool_)
    off[plan.pool, plan.period] = False
    own = account.active.price / account.server_capacity[:, None]
    return np.where(off, np.maximum(found.capacity, own), found.capacity)


def _less(program: LinearProgram, held: Floats, account: Options) -> LinearProgram:
    """(M2) without what running jobs hold, as far as today's servers last; its rows count servers."""
    if "M2" not in program.families or not held.any():
        return program
    cell, row = program.families["M2"]
    upper = program.row_upper.copy()
    busy = np.minimum(held / account.server_capacity[:, None], account.instance.servers)
    upper[row] -= busy.ravel()[cell]
    return replace(program, row_upper=upper)


def _first_whole(program: LinearProgram, built: BuiltModel, account: Options, whole: int) -> LinearProgram:
    """The programme with its integral columns of later periods relaxed."""
    if whole >= account.instance.periods or not program.integer.any():
        return program
    integer = np.zeros_like(program.integer)
    column, period = _periods(built, account)
    here = program.column_of[column[period < whole]]
    integer[here[here >= 0]] = 1
    return replace(program, integer=integer)


def _periods(built: BuiltModel, account: Options) -> tuple[Ints, Ints]:
    """Integral columns and the period of each: a start from a plan that does in each period as much as its number."""
    instance = account.instance
    flat = flat_options(account, instance.batches().share_unit > 0)
    routes, none = account.routes, np.zeros(0, dtype=np.int64)
    numbered = Plan(
        batch=flat.batch,
        pool=routes.pool[flat.route],
        variant=routes.variant[flat.route],
        period=flat.period,
        share=flat.unit * flat.period,
        missed_batch=none,
        missed_share=np.zeros(0),
        servers=np.broadcast_to(np.arange(instance.periods, dtype=np.float64), instance.servers.shape),
    )
    start = built.start(numbered)
    return np.array(list(start), dtype=np.int64), np.rint(np.array(list(start.values()))).astype(np.int64)
