import pytest

from planner.io.schema import InstanceDocument, PoolDocument, ProfileDocument
from planner.io.units import wrong_unit

INSTANCE = [f.alias or name for name, f in InstanceDocument.model_fields.items()]


@pytest.mark.parametrize(
    ("key", "known", "said"),
    [
        (
            "carbon_intensity_lbs_per_mwh",
            INSTANCE,
            "'carbon_intensity_g_per_kwh', in g per kwh: wrong unit, multiply by 0.45",
        ),
        ("price_usd_per_mwh", INSTANCE, "multiply by 0.001"),
        ("price_eur_per_kwh", INSTANCE, "'price_usd_per_kwh', in usd per kwh: wrong unit, convert the values"),
        ("rtt_s", INSTANCE, "multiply by 1000"),
        ("step_hours", INSTANCE, "'step_minutes', in minutes: wrong unit, multiply by 60"),
        ("idle_kw", list(PoolDocument.model_fields), "'idle_w', in w: wrong unit, multiply by 1000"),
        ("energy_kwh_per_request", list(ProfileDocument.model_fields), "multiply by 3.6e+06"),
    ],
)
def test_a_known_quantity_in_another_unit_is_told_how_to_convert(key, known, said):
    assert said in (wrong_unit(key, known) or "")


@pytest.mark.parametrize("key", ["carbon", "regionz", "carbon_intensity_g_per_kwh", "notes_ms"])
def test_any_other_key_is_not_a_unit(key):
    assert wrong_unit(key, INSTANCE) is None
