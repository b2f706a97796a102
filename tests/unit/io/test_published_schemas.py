import json
from dataclasses import fields
from pathlib import Path

import pytest

from planner.domain import instance as domain
from planner.io import plan_schema, schema

FOLDER = Path(__file__).parents[3] / "instances" / "schema"


@pytest.mark.parametrize(
    ("name", "generated"),
    [
        ("instance-1.json", schema.json_schema),
        ("plan-1.json", plan_schema.json_schema),
        ("certificate-1.json", plan_schema.certificate_schema),
    ],
)
def test_the_published_schema_is_what_the_code_says(name, generated):
    published = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert published == generated(), "run `planner instance schema [--plan | --certificate] -o instances/schema/...`"


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (domain.Region, schema.RegionDocument),
        (domain.Pool, schema.PoolDocument),
        (domain.Profile, schema.ProfileDocument),
        (domain.Variant, schema.VariantDocument),
        (domain.Workload, schema.WorkloadDocument),
        (domain.Job, schema.JobDocument),
        (domain.CarbonKind, schema.CarbonKindDocument),
        (domain.Weights, schema.WeightsDocument),
        (domain.Caps, schema.CapsDocument),
        (domain.HourMapRule, schema.HourMapDocument),
    ],
)
def test_a_document_has_the_keys_and_defaults_of_its_value(value, document):
    assert set(document.model_fields) == {f.name for f in fields(value)}
    for f in fields(value):
        given = document.model_fields[f.name]
        assert given.is_required() or given.default == f.default


def test_long_arrays_are_described_though_not_checked_by_pydantic():
    series = schema.json_schema()["properties"]["carbon_intensity_g_per_kwh"]["additionalProperties"]
    assert series == {"type": "array", "items": {"type": "number", "minimum": 0}}
