"""How much more demand than forecast to plan for, from the errors seen so far."""

import numpy as np

from planner.domain.instance import Floats
from planner.domain.protocols import HourView

DAYS_KEPT = 14


class DemandMargin:
    """A quantile of observed / forecast requests by workload and origin, of forecasts a day old.

    On the first day they are as old as there are any.
    """

    def __init__(self, quantile: float) -> None:
        if not 0 <= quantile < 1:
            raise ValueError(f"quantile={quantile:g}: a number in [0, 1) is expected")
        self._quantile = quantile
        self.surprised = False  # whether any forecast has been wrong
        self._told: list[Floats] = []  # by period: (W, O, a day + 1) requests forecast from that period on
        self._ratios: list[Floats] = []

    def observe(self, view: HourView) -> None:
        """Compare what came with what was forecast; to be asked every period."""
        if view.demand_forecast is None:
            return
        day = round(24 / view.step_hours)
        told = view.demand_forecast(day + 1)
        age = min(day, len(self._told))
        if age:
            expected = self._told[-age][..., age]
            self.surprised |= not np.allclose(told[..., 0], expected)
            with np.errstate(divide="ignore", invalid="ignore"):
                self._ratios.append(np.where(expected > 0, told[..., 0] / expected, np.nan))
        self._told = [*self._told[-day + 1 :], told]
        self._ratios = self._ratios[-DAYS_KEPT * day :]

    def factor(self, shape: tuple[int, int]) -> Floats:
        """(W,O) what to scale the forecast by; 1 where nothing is known."""
        if not self._ratios or self._quantile == 0:
            return np.ones(shape)
        seen = np.array(self._ratios)
        seen[:, np.isnan(seen).all(axis=0)] = 1.0
        return np.asarray(np.nanquantile(seen, self._quantile, axis=0))
