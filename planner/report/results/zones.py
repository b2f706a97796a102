"""How wrong a task's forecaster is, zone by zone."""

from planner import registry
from planner.domain.instance import Instance
from planner.forecast.score import Score, score
from planner.report.document import table
from planner.report.results.words import number, percent

LEAD_HOURS = (0, 24, 48)


def zone_table(instance: Instance, forecast: str, seed: int) -> str:
    """HTML: the forecaster's error in each region of an instance; empty where it is too short to tell."""
    forecaster = registry.load("planner.forecasters", forecast, instance=instance, seed=seed)
    scores = score(forecaster, instance.carbon_intensity_g_per_kwh, instance, lead_hours=LEAD_HOURS)
    if not scores:
        return ""
    head = ("region", "zone", "mean g/kWh", "WAPE 0-24 h", "WAPE 24-48 h", "bias 0-24 h, g/kWh", "forecasts")
    rows = (_line(instance, r, [s for s in scores if s.series == r]) for r in range(len(instance.regions)))
    caption = f"Error of the forecaster {forecast} in each zone of {instance.name}, issued at midnight UTC"
    return table(caption, head, rows, names=2)


def _line(instance: Instance, r: int, scores: list[Score]) -> list[str]:
    by_lead = {s.after: s for s in scores}
    first = by_lead.get(0.0)
    region = instance.regions[r]
    return [
        region.name,
        region.grid_zone,
        f"{instance.carbon_intensity_g_per_kwh[r].mean():.1f}",
        *(percent(by_lead[lead].wape if lead in by_lead else None) for lead in LEAD_HOURS[:2]),
        number(first.bias, 3) if first else number(None),
        f"{first.count:,}" if first else "0",
    ]
