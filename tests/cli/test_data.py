"""`planner data check` and `import`, and `planner instance carbon` with what they wrote."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from planner.data.carbon.files import series_of
from planner.io.instances import load_instance
from tests.conftest import Ran
from tests.unit.data.carbon.carbon_files import em_file, em_row, em_rows, hours, uk, watttime

Planner = Callable[..., Ran]


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.csv"
    path.write_text(em_file(em_rows()), encoding="utf-8")
    return path


@pytest.fixture
def gap(tmp_path: Path) -> Path:
    """An hour missing, and a negative value."""
    rows = em_rows()
    rows[20] = em_row("2024-01-01 20:00:00", -5)
    path = tmp_path / "gap.csv"
    path.write_text(em_file(rows[:10] + rows[11:]), encoding="utf-8")
    return path


def test_nothing_wrong_is_said(planner: Planner, clean: Path) -> None:
    ran = planner("data", "check", clean, "--from", "electricity-maps")
    assert (ran.code, ran.out) == (0, "nothing wrong\n")


def test_a_check_tells_everything_by_row(planner: Planner, gap: Path) -> None:
    ran = planner("data", "check", gap, "--from", "electricity-maps")
    assert ran.code == 1
    assert "negative: XX, row 21: found -5" in ran.out
    assert "missing: XX, after row 11: found 2024-01-01T10:00:00Z: no row (1 period)" in ran.out
    assert ran.out.endswith("1 missing, 1 negative\n")


def test_a_check_answers_in_json(planner: Planner, gap: Path) -> None:
    ran = planner("data", "check", gap, "--from", "electricity-maps", "--json")
    document = json.loads(ran.out)
    assert document["schema"] == "planner.data-check/1"
    assert [(f["code"], f["where"], f["periods"]) for f in document["findings"]] == [
        ("negative", "row 21", 1),
        ("missing", "after row 11", 1),
    ]


def test_a_long_list_is_cut_unless_all_is_wanted(planner: Planner, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(em_file([em_row(t, -1) for t in hours(30)]), encoding="utf-8")
    ran = planner("data", "check", path, "--from", "electricity-maps")
    assert "... and 10 more" in ran.out
    assert planner("data", "check", path, "--from", "electricity-maps", "-v").out.count("row ") == 30


def test_an_import_is_read_back(planner: Planner, clean: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv.gz"
    ran = planner("data", "import", clean, "--from", "electricity-maps", "--kind", "lifecycle", "-o", out)
    assert ran.code == 0
    assert "nothing repaired" in ran.out
    assert "licence ODbL-1.0" in ran.out
    (one,) = series_of(gzip.decompress(out.read_bytes()).decode())
    assert (one.zone, len(one.times), one.kind.scope) == ("XX", 48, "lifecycle")


def test_repairs_are_asked_for_and_told(planner: Planner, gap: Path, tmp_path: Path) -> None:
    out, how = tmp_path / "s.csv", ["--from", "electricity-maps", "-o", tmp_path / "s.csv"]
    refused = planner("data", "import", gap, *how, "--missing", "interpolate")
    assert (refused.code, refused.out, out.exists()) == (3, "", False)
    assert f"{gap}: XX, row 21: found -5" in refused.err
    ran = planner("data", "import", gap, *how, "--missing", "interpolate", "--negative", "clip")
    assert ran.code == 0
    assert "repaired XX: missing: interpolated (1 period)" in ran.out
    assert "repaired XX: negative: set to 0 (1 period)" in ran.out
    assert "Traceback" not in refused.err


def test_an_import_answers_in_json(planner: Planner, gap: Path, tmp_path: Path) -> None:
    window = ["--start", "2024-01-01T12:00", "--end", "2024-01-01T18:00"]
    ran = planner("data", "import", gap, "--from", "electricity-maps", *window, "--json", "-o", tmp_path / "s.csv")
    document = json.loads(ran.out)
    assert document["repairs"] == []
    assert [(s["zone"], s["start"], s["end"], s["periods"]) for s in document["series"]] == [
        ("XX", "2024-01-01T12:00:00Z", "2024-01-01T18:00:00Z", 6)
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "excel"], "electricity-maps"),
        (["--from", "electricity-maps", "--missing", "guess"], "interpolate"),
        (["--from", "electricity-maps", "--timezone", "Mars/Olympus"], "Europe/Berlin"),
        (["--from", "electricity-maps", "--unit", "stones"], "lbs/mwh"),
        (["--from", "electricity-maps", "--decimal", "dot"], "comma"),
        (["--from", "electricity-maps", "--kind", "green"], "lifecycle"),
        (["--from", "electricity-maps", "--end", "soon"], "2023-02-06"),
        ([], "--from"),
    ],
)
def test_a_wrong_word_is_a_usage_error(
    planner: Planner, clean: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    ran = planner("data", "import", clean, *options, "-o", tmp_path / "s.csv")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize("command", ["check", "import"])
def test_a_file_that_is_not_there(planner: Planner, tmp_path: Path, command: str) -> None:
    out = ["-o", tmp_path / "s.csv"] if command == "import" else []
    ran = planner("data", command, tmp_path / "none.csv", "--from", "uk", *out)
    assert ran.code == 3
    assert "none.csv: file: found nothing at this path" in ran.err


def carbon(planner: Planner, tmp_path: Path, text: str, format_name: str, *options: str) -> Path:
    """The series file of a download."""
    (tmp_path / "download").write_text(text, encoding="utf-8")
    out = tmp_path / f"{format_name}.csv"
    ran = planner("data", "import", tmp_path / "download", "--from", format_name, *options, "-o", out)
    assert ran.code == 0, ran.err
    return out


def test_imported_series_go_into_an_instance(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    text = em_file([em_row(t, 10 + t.hour, "HERE") for t in hours(5, datetime(2026, 1, 1, tzinfo=UTC))])
    series = carbon(planner, tmp_path, text, "electricity-maps")
    out = tmp_path / "new.json"
    ran = planner("instance", "carbon", two_hours_file, "--series", series, "-o", out)
    assert ran.code == 0
    assert "Carbon intensity of here: average direct consumption, gCO2e/kWh: Electricity Maps" in ran.err
    made = load_instance(out)
    assert made.carbon_intensity_g_per_kwh.tolist() == [[10, 11]]
    assert "ODbL-1.0" in made.notes[-1]


def test_a_region_an_hour_and_a_kind_that_differ(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    series = carbon(planner, tmp_path, uk([200, 300, 400, 500]), "uk")
    out = tmp_path / "new.json"
    ran = planner(
        "instance",
        "carbon",
        two_hours_file,
        "--series",
        series,
        "--zone",
        "here=GB",
        "--start",
        "2024-01-01",
        "-o",
        out,
    )
    assert ran.code == 0
    assert load_instance(out).carbon_intensity_g_per_kwh.tolist() == [[250, 450]]


def test_what_cannot_go_into_an_instance(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    average = carbon(planner, tmp_path, uk([200] * 4), "uk")
    marginal = carbon(planner, tmp_path, watttime([900] * 24), "watttime")
    out = tmp_path / "new.json"

    def refused(*options: object) -> str:
        ran = planner("instance", "carbon", two_hours_file, *options, "-o", out)
        assert ran.code in {2, 3}
        assert not out.exists()
        return ran.err

    assert "no series of the regions' grid zones HERE" in refused("--series", average)
    assert "nothing for 2026-01-01" in refused("--series", average, "--zone", "here=GB")
    assert "no REGION=ZONE" in refused("--series", average, "--zone", "here")
    assert "row 1" in refused("--series", two_hours_file)
    both = ["--series", average, "--series", marginal, "--zone", "here=CAISO_NORTH"]
    assert "nothing for 2026-01-01" in refused(*both)
