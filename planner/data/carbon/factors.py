"""Emission factors of generation by fuel, g/kWh: what production-based carbon intensity is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.data.carbon.handling import G_PER_LB

LIFECYCLE = {
    "coal": 820.0,
    "gas": 490.0,
    "oil": 650.0,
    "biomass": 230.0,
    "geothermal": 38.0,
    "hydro": 24.0,
    "nuclear": 12.0,
    "solar": 48.0,
    "wind": 11.0,
    "other": 700.0,
}


@dataclass(frozen=True, slots=True)
class FactorTable:
    """Factors by fuel; what is not in the table emits nothing. `unit` is gCO2/kWh or gCO2e/kWh."""

    source: str
    unit: str
    by_fuel: Mapping[str, float]

    def of(self, fuel: str) -> float:
        """g/kWh of a fuel."""
        return self.by_fuel.get(fuel, 0.0)


IPCC_LIFECYCLE = FactorTable(
    "life cycle: IPCC AR5 WG3 Annex III table A.III.2 medians; oil and other as Electricity Maps' defaults",
    "gCO2e/kWh",
    LIFECYCLE,
)
IPCC_DIRECT = FactorTable(
    "direct: IPCC AR5 WG3 Annex III table A.III.2 medians; oil and other as Electricity Maps' defaults",
    "gCO2/kWh",
    {"coal": 760.0, "gas": 370.0, "oil": 406.0, "other": 575.0},
)
# Pounds of CO2 per kWh of U.S. utility-scale generation in 2023; biomass and geothermal count as neutral there.
EIA_DIRECT = FactorTable(
    "direct: U.S. EIA, How much carbon dioxide is produced per kilowatthour of U.S. electricity generation?, 2023",
    "gCO2/kWh",
    {"coal": 2.31 * G_PER_LB, "gas": 0.96 * G_PER_LB, "oil": 2.46 * G_PER_LB},
)
