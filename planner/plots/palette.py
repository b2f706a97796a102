"""Colours that stay apart for colour-blind eyes and in print."""

import numpy as np

from planner.domain.plan import HourMap

CARBON = "cividis"  # perceptually uniform, and read alike by colour-blind eyes
# Okabe and Ito (2008), "Color Universal Design", without black.
REGIONS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
OTHER = "#C8C8C8"


def region_colours(hour_map: HourMap) -> dict[int, str]:
    """A colour for each region of the map, most used first; what is left beyond seven shares one grey."""
    region, periods = np.unique(hour_map.region, return_counts=True)
    ranked = [int(r) for r in region[np.argsort(-periods, kind="stable")]]
    return {r: REGIONS[i] if i < len(REGIONS) else OTHER for i, r in enumerate(ranked)}
