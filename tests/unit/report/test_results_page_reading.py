from pathlib import Path

import pytest

from planner.errors import InvalidInput
from planner.report.results.reading import read_results
from planner.report.results.rows import Outcome
from tests.unit.report.campaign_rows import COLUMNS, save_paper_suite

HEAD = "task,instance,policy,gap_to_bound,violations,error,verified,axis.slack,uses_future\n"
GOOD = "t1,a,greedy,0.25,,,True,0,False\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_is_read_as_it_stands(tmp_path: Path) -> None:
    read = read_results(
        table(tmp_path, HEAD + GOOD + "t1,a,pcaps,,M1;M2,,True,0,True\nt1,a,vcc,,,it broke,False,0,False\n")
    )
    greedy, pcaps, vcc = read.rows
    assert (greedy.gap, greedy.outcome, greedy.axes) == (0.25, Outcome.MEASURED, (("slack", "0"),))
    assert (pcaps.gap, pcaps.violations, pcaps.uses_future) == (None, ("M1", "M2"), True)
    assert (vcc.outcome, vcc.error) == (Outcome.FAILED, "it broke")
    assert read.policies == ("greedy", "pcaps", "vcc")


def test_what_is_not_verified_has_no_gap(tmp_path: Path) -> None:
    (row,) = read_results(table(tmp_path, HEAD + GOOD.replace("True", "False"))).rows
    assert (row.outcome, row.gap) == (Outcome.UNVERIFIED, None)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "header: found no column 'task'"),
        (HEAD.replace("verified,", "") + GOOD, "header: found no column 'verified'"),
        (HEAD, "rows: found none"),
        (HEAD + GOOD.replace("0.25", "a lot"), "row 2, column gap_to_bound: found 'a lot'"),
        (HEAD + GOOD.replace("0.25", "inf"), "row 2, column gap_to_bound: found 'inf'"),
        (HEAD + GOOD.replace("True", "perhaps"), "row 2, column verified: found 'perhaps'"),
        (HEAD + GOOD + GOOD, "row 3: found task t1 and policy greedy again"),
        (HEAD + "t1,a\n", "row 2: found more or fewer cells"),
        (HEAD + GOOD.replace("\n", ",more\n"), "row 2: found more or fewer cells"),
        (HEAD + '"t1,a\n', "unexpected end of data"),
        (HEAD + GOOD.replace("t1", ""), "row 2: found no task or no policy"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(tmp_path: Path, text: str, where: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(InvalidInput) as told:
        read_results(path)
    assert where in str(told.value)
    assert str(path) in str(told.value)


def test_a_folder_without_a_table_tells_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="planner campaign collect"):
        read_results(tmp_path)


def test_parquet_and_csv_hold_the_same_rows(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow.csv", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    save_paper_suite(tmp_path, policies=3)
    of_csv = read_results(tmp_path)
    convert = arrow.ConvertOptions(column_types=dict.fromkeys(COLUMNS[:10], "string"), strings_can_be_null=True)
    parquet.write_table(arrow.read_csv(tmp_path / "rows.csv", convert_options=convert), tmp_path / "rows.parquet")
    (tmp_path / "rows.csv").unlink()
    assert read_results(tmp_path).rows == of_csv.rows
    assert len(of_csv.timings) == len(of_csv.rows)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    (tmp_path / "rows.parquet").write_text("no")
    with pytest.raises(InvalidInput, match="a Parquet table"):
        read_results(tmp_path)
