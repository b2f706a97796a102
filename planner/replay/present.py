"""What is known at the start of a period (MODEL.md 8): the one maker of hour views."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from planner.domain.instance import Floats, Profile
from planner.domain.options import Options, Routes
from planner.domain.protocols import Forecaster, HourView, Waiting
from planner.forecast.demand import request_series
from planner.replay.fleet import Fleet


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """A forecast from what has been observed; `shape` is that of its rows."""

    forecaster: Forecaster
    history: Floats
    shape: tuple[int, ...]

    def __call__(self, horizon: int) -> Floats:
        """(*shape, horizon) from this period on."""
        return self.forecaster.predict(self.history, horizon).reshape(*self.shape, horizon)


class _Observed:
    """A series as it becomes known: in a buffer of which all that lies ahead is NaN, so that no base array tells it."""

    def __init__(self, truth: Floats) -> None:
        self._truth, self._known = truth, np.full(truth.shape, np.nan)

    def until(self, period: int) -> Floats:
        """(N, period+1); to be asked for every period, in order."""
        self._known[:, period] = self._truth[:, period]
        history = self._known[:, : period + 1]
        history.flags.writeable = False
        return history


class Present:
    """Makes the view of each period, in order. Series are copied in when their time has come, never before."""

    def __init__(
        self, options: Options, forecaster: Forecaster | None = None, demand_forecaster: Forecaster | None = None
    ) -> None:
        self._options, self._forecaster, self._demand_forecaster = options, forecaster, demand_forecaster
        instance = options.instance
        self._carbon = _Observed(instance.carbon_intensity_g_per_kwh)
        self._demand = _Observed(request_series(instance))
        tariff = instance.price_usd_per_kwh
        self._tariff = None if tariff is None else _Observed(tariff)
        self._fixed_price = options.routes.violation_price[options.routes.workload] * options.routes.violation
        self._static = _static(options)

    def view(self, period: int, waiting: Waiting, fleet: Fleet) -> HourView:
        """All that a policy may see at the start of `period`."""
        instance = self._options.instance
        limit = instance.fleet_limit if instance.provisioning else None
        carbon, demand = self._carbon.until(period), self._demand.until(period)
        return HourView(
            **self._static,
            period=period,
            time=instance.time(period),
            carbon_intensity=carbon,
            unit_price=self._unit_price(period),
            server_price=self._options.active.price[:, period].copy(),
            startup_price=self._options.startup.price[:, period].copy(),
            waiting=waiting,
            servers_available=instance.servers[:, period].copy(),
            servers_before=fleet.before(period),
            servers_kept=fleet.kept(period),
            free_server_seconds=fleet.free(period),
            fleet_limit=np.inf if limit is None else float(limit[period]),
            forecast=_outlook(self._forecaster, carbon, carbon.shape[:1]),
            tariff_usd_per_kwh=None if self._tariff is None else self._tariff.until(period),
            demand_forecast=_outlook(self._demand_forecaster, demand, instance.requests.shape[:2]),
        )

    def _unit_price(self, period: int) -> Floats:
        """(O,K) price of a request: (O1) of its route, (O6) of its violations, (O4) of its network."""
        site = self._options.routes
        wire = self._options.network.price[site.region, period]
        return np.asarray(self._options.request.price[:, period] + self._fixed_price + site.network_kwh * wire)


def _outlook(forecaster: Forecaster | None, history: Floats, shape: tuple[int, ...]) -> Outlook | None:
    return None if forecaster is None else Outlook(forecaster, history, shape)


def _static(options: Options) -> dict[str, Any]:
    """What does not change with time, as fields of the view."""
    instance = options.instance
    profiles = _profiles(options)
    return {
        "routes": _frozen(options.routes),
        "step_hours": instance.step_hours,
        "region_names": tuple(r.name for r in instance.regions),
        "pool_names": tuple(p.name for p in instance.pools),
        "workload_names": tuple(w.name for w in instance.workloads),
        "rtt_ms": instance.rtt_ms,
        "slo_ms": np.array([np.inf if w.slo_ms is None else w.slo_ms for w in instance.workloads]),
        "service_ms": np.array([p.service_ms_mean for p in profiles]),
        "service_sd_ms": np.array([p.service_ms_sd for p in profiles]),
        "server_capacity": options.server_capacity,
        "weights": instance.weights,
    }


def _profiles(options: Options) -> list[Profile]:
    """The profile of every route."""
    site, instance = options.routes, options.instance
    return [
        instance.workloads[w].variants[v].profiles[instance.pools[p].hardware]
        for w, p, v in zip(site.workload, site.pool, site.variant, strict=True)
    ]


def _frozen(site: Routes) -> Routes:
    """The same routes, read-only: a policy must not change what its answers are checked against."""
    copies = {f.name: getattr(site, f.name).copy() for f in fields(site)}
    for values in copies.values():
        values.flags.writeable = False
    return Routes(**copies)
