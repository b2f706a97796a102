"""Every week is like those before."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance

MINUTES_OF_A_DAY = 1440


class Seasonal:
    """The mean of the same hour of the week; of the same hour of the day, or the last value, until one was observed.

    Source: folklore; the hour-of-week profile that forecasters of electricity are measured against.
    """

    uses_future: ClassVar[bool] = False

    def __init__(self, instance: Instance) -> None:
        self._day = MINUTES_OF_A_DAY // instance.step_minutes

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(N, t+1) observed -> (N, horizon) from period t on, the present first."""
        ahead = history.shape[1] - 1 + np.arange(horizon)
        out = np.repeat(history[:, -1:], horizon, axis=1)
        for season in (self._day, 7 * self._day):
            mean, seen = _means(history, season)
            known = seen[ahead % season]
            out[:, known] = mean[:, ahead[known] % season]
        out[:, 0] = history[:, -1]
        return out


def _means(history: Floats, season: int) -> tuple[Floats, Floats]:
    """(N, season) mean of each place in the season, and (season,) whether it was observed."""
    seasons = -(-history.shape[1] // season)
    padded = np.full((len(history), seasons * season), np.nan)
    padded[:, : history.shape[1]] = history
    places = padded.reshape(len(history), seasons, season)
    count = np.minimum(history.shape[1] // season + (np.arange(season) < history.shape[1] % season), seasons)
    return np.nansum(places, axis=1) / np.maximum(count, 1), count > 0
