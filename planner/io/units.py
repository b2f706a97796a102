"""A key in the wrong unit: `carbon_intensity_lbs_per_mwh` where `carbon_intensity_g_per_kwh` is read."""

from collections.abc import Iterable

UNITS = (
    "usd_per_server_hour",
    "g_per_server_hour",
    "j_per_request",
    "kwh_per_gb",
    "usd_per_kwh",
    "usd_per_kg",
    "g_per_kwh",
    "periods",
    "minutes",
    "kwh",
    "usd",
    "kg",
    "wh",
    "ms",
    "w",
)
FACTORS = {
    ("lbs_per_mwh", "g_per_kwh"): 0.45359237,
    ("lb_per_mwh", "g_per_kwh"): 0.45359237,
    ("kg_per_mwh", "g_per_kwh"): 1.0,
    ("kg_per_kwh", "g_per_kwh"): 1000.0,
    ("s", "ms"): 1000.0,
    ("seconds", "ms"): 1000.0,
    ("us", "ms"): 0.001,
    ("kw", "w"): 1000.0,
    ("kwh", "wh"): 1000.0,
    ("j", "wh"): 1 / 3600,
    ("wh_per_request", "j_per_request"): 3600.0,
    ("kwh_per_request", "j_per_request"): 3.6e6,
    ("mj_per_request", "j_per_request"): 0.001,
    ("usd_per_mwh", "usd_per_kwh"): 0.001,
    ("kg_per_server_hour", "g_per_server_hour"): 1000.0,
    ("usd_per_tonne", "usd_per_kg"): 0.001,
    ("hours", "minutes"): 60.0,
    ("seconds", "minutes"): 1 / 60,
    ("g", "kg"): 0.001,
}


def wrong_unit(key: str, known: Iterable[str]) -> str | None:
    """What to do about an unknown key that is a known quantity in another unit; None where it is not one."""
    for right in known:
        stem, unit = _split(right)
        if stem and key != right and key.startswith(stem + "_"):
            return _advice(right, unit, key[len(stem) + 1 :])
    return None


def _split(key: str) -> tuple[str, str]:
    """A key as quantity and unit; no quantity where the key carries none."""
    unit = next((u for u in UNITS if key.endswith("_" + u)), "")
    return (key[: -len(unit) - 1], unit) if unit else ("", "")


def _advice(right: str, unit: str, given: str) -> str:
    factor = FACTORS.get((given, unit))
    convert = f"multiply by {factor:g}" if factor is not None else "convert the values"
    return f"'{right}', in {unit.replace('_', ' ')}: wrong unit, {convert}"
