"""A plan's shares between `Plan` (indices of batches) and a file's columns (indices into the file's own names)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.domain.instance import Batches, Floats, Instance, Ints
from planner.domain.plan import Plan
from planner.errors import InvalidInput
from planner.io.plan_schema import MissedDocument, NamesDocument, ServedDocument
from planner.io.pointer import describe, one_of, pointer
from planner.io.series import Rule, known_keys, numbers

ANY = Rule(lowest=None)
ANY_WHOLE = Rule(whole=True, lowest=None)


def names_document(instance: Instance) -> dict[str, Any]:
    """The names that `columns_document` refers to."""
    return {
        "workloads": [w.name for w in instance.workloads],
        "origins": list(instance.origins),
        "pools": [p.name for p in instance.pools],
        "variants": {w.name: [v.name for v in w.variants] for w in instance.workloads},
    }


def columns_document(plan: Plan, instance: Instance) -> dict[str, Any]:
    """`served` and `missed` of a plan file."""
    batches = instance.batches()
    served = _batch_columns(plan.batch, batches, instance) | {
        "pool": plan.pool.tolist(),
        "variant": plan.variant.tolist(),
        "period": plan.period.tolist(),
        "share": plan.share.tolist(),
    }
    missed = _batch_columns(plan.missed_batch, batches, instance) | {"share": plan.missed_share.tolist()}
    return {"served": served, "missed": missed} if len(plan.missed_batch) else {"served": served}


def _batch_columns(batch: Ints, batches: Batches, instance: Instance) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "workload": batches.workload[batch].tolist(),
        "origin": batches.origin[batch].tolist(),
        "release": batches.release[batch].tolist(),
    }
    if (batches.job[batch] >= 0).any():
        names = [*(j.name for j in instance.jobs), None]  # a count batch has job -1
        columns["job"] = [names[j] for j in batches.job[batch]]
    return columns


class ColumnReader:
    """Finds the instance's indices for a file's names and columns. InvalidInput where there is no such thing."""

    def __init__(self, names: NamesDocument, instance: Instance) -> None:
        self._instance, self._batches = instance, instance.batches()
        self._workload = _places(names.workloads, [w.name for w in instance.workloads], "workload")
        self._origin = _places(names.origins, instance.origins, "origin")
        self._pool = _places(names.pools, [p.name for p in instance.pools], "pool")
        self._variants = _variant_places(names, instance)
        self._of_count = np.full(instance.requests.shape, -1)
        counted = np.flatnonzero(self._batches.job < 0)
        b = self._batches
        self._of_count[b.workload[counted], b.origin[counted], b.release[counted]] = counted
        self._of_job = {instance.jobs[b.job[i]].name: int(i) for i in np.flatnonzero(b.job >= 0)}

    def served(self, document: ServedDocument) -> dict[str, Any]:
        """The columns of `Plan` but the missed ones; periods and shares are left to the judge."""
        batch = self.batches(document, "served")
        size = len(batch)
        return {
            "batch": batch,
            "pool": self._pool[self._indices(document.pool, "/served/pool", size, len(self._pool))],
            "variant": self._variant_column(document, self._batches.workload[batch]),
            "period": numbers(document.period, "/served/period", ANY_WHOLE, length=size).astype(np.int64),
            "share": self.shares(document, "served", size),
        }

    def batches(self, document: MissedDocument, key: str) -> Ints:
        """(n,) the batch of every row."""
        size = _length(document.workload)
        workload = self._workload[self._indices(document.workload, f"/{key}/workload", size, len(self._workload))]
        origin = self._origin[self._indices(document.origin, f"/{key}/origin", size, len(self._origin))]
        release = numbers(document.release, f"/{key}/release", Rule(whole=True), length=size).astype(np.int64)
        inside = release < self._instance.periods
        batch = np.where(inside, self._of_count[workload, origin, np.where(inside, release, 0)], -1)
        for i, job in self._job_rows(document, key, size):
            batch[i] = self._of_job[job]
        self._require_same(batch, (workload, origin, release), key)
        return batch.astype(np.int64)

    def shares(self, document: MissedDocument, key: str, size: int) -> Floats:
        """(n,) the shares, in whatever range."""
        return numbers(document.share, f"/{key}/share", ANY, length=size)

    def _indices(self, values: Any, where: str, size: int, names: int) -> Ints:
        reason = ", as many as the other columns have"
        return numbers(values, where, Rule(whole=True, highest=names - 1), length=size, reason=reason).astype(np.int64)

    def _variant_column(self, document: ServedDocument, workload: Ints) -> Ints:
        column = self._indices(document.variant, "/served/variant", len(workload), self._variants.shape[1])
        variant = self._variants[workload, column]
        if (variant < 0).any():
            i = int((variant < 0).argmax())
            name = self._instance.workloads[workload[i]].name
            known = f"an index into /names/variants{pointer(name)}"
            raise InvalidInput(f"/served/variant/{i}", str(column[i]), known)
        return variant

    def _job_rows(self, document: MissedDocument, key: str, size: int) -> list[tuple[int, str]]:
        jobs: Any = document.job
        if jobs is None:
            return []
        if not isinstance(jobs, list) or len(jobs) != size:
            raise InvalidInput(f"/{key}/job", describe(jobs), f"an array of {size} values")
        rows = [(i, name) for i, name in enumerate(jobs) if name is not None]
        for i, name in rows:
            if not isinstance(name, str) or name not in self._of_job:
                expected = "null or a job, " + one_of(self._of_job, str(name))
                raise InvalidInput(f"/{key}/job/{i}", describe(name), expected)
        return rows

    def _require_same(self, batch: Ints, given: tuple[Ints, Ints, Ints], key: str) -> None:
        """A row must name a batch that is there, and a job by its own workload, origin and release."""
        b = self._batches
        bad = (batch < 0) | np.any([of[batch] != x for of, x in zip(_triple(b), given, strict=True)], axis=0)
        if bad.any():
            i = int(bad.argmax())
            w, o, a = (int(x[i]) for x in given)
            row = f"workload '{self._instance.workloads[w].name}', origin '{self._instance.origins[o]}', release {a}"
            raise InvalidInput(f"/{key}/release/{i}", f"a row of {row}", "a batch of the instance: none is like this")


def _length(column: Any) -> int:
    return len(column) if isinstance(column, list) else 0


def _triple(batches: Batches) -> tuple[Ints, Ints, Ints]:
    return batches.workload, batches.origin, batches.release


def _places(given: Sequence[str], known: Sequence[str], kind: str) -> Ints:
    """(given,) index of each of the file's names among the instance's."""
    where = f"/names/{kind}s"
    for i, name in enumerate(given):
        if name not in known:
            raise InvalidInput(f"{where}/{i}", f"the {kind} '{name}'", one_of(known, name))
        if name in given[:i]:
            raise InvalidInput(f"{where}/{i}", f"the {kind} '{name}' again", "every name once")
    return np.array([known.index(name) for name in given], dtype=np.int64)


def _variant_places(names: NamesDocument, instance: Instance) -> Ints:
    """(W, most) index of each of the file's variants in the instance, by the instance's workload; -1 beyond."""
    works = [w.name for w in instance.workloads]
    known_keys(names.variants, works, "/names/variants", "workload")
    table = np.full((len(works), max((len(x) for x in names.variants.values()), default=1)), -1)
    for name, variants in names.variants.items():
        own = [v.name for v in instance.workloads[works.index(name)].variants]
        for i, variant in enumerate(variants):
            if variant not in own:
                where = pointer("names", "variants", name, i)
                raise InvalidInput(where, f"the variant '{variant}'", one_of(own, variant))
            table[works.index(name), i] = own.index(variant)
    return table
