"""Masses in a unit that gives readable figures."""

MASSES = ((1e3, 1e-3, "tCO$_2$e"), (1.0, 1.0, "kgCO$_2$e"), (1e-3, 1e3, "gCO$_2$e"), (0.0, 1e6, "mgCO$_2$e"))


def scaled_mass(largest_kg: float) -> tuple[float, str]:
    """A factor from kg, and the name of the unit in which the largest value has a few digits before the point."""
    return next((factor, unit) for least, factor, unit in MASSES if largest_kg >= least)
