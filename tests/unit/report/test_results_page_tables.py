import csv
import io
import re

from planner.report.results.standings import leaderboard
from planner.report.results.tables import csv_table, latex, latex_table
from tests.unit.report.campaign_rows import HOSTILE, broken, results, row

FOUND = results(
    row("t1", "optimum", 0.0),
    row("t1", HOSTILE, 0.123456789),
    row("t2", HOSTILE, 0.2),
    row("t1", "a_b:c=50%", 0.5),
    broken("t2", "a_b:c=50%", "M1"),
)


def test_csv_holds_figures_in_full() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_table(leaderboard(FOUND)))))
    assert [line["policy"] for line in rows] == [HOSTILE, "a_b:c=50%", "optimum"]
    assert float(rows[0]["gap_median"]) == 0.123456789
    assert (rows[1]["gap_max"], rows[1]["rule_broken"], rows[1]["rule_broken_share"]) == ("", "1", "0.5")
    assert [line["role"] for line in rows] == ["ranked", "ranked", "reference"]


def test_latex_is_escaped() -> None:
    assert latex("a_b & 50% #1 {x} $y$ ~^") == (r"a\_b \& 50\% \#1 \{x\} \$y\$ \textasciitilde{}\textasciicircum{}")
    assert latex(r"\input{x}") == r"\textbackslash{}input\{x\}"
    assert latex("k--v") == "k-{}-v"


def test_every_line_of_the_latex_table_has_as_many_cells() -> None:
    text = latex_table(leaderboard(FOUND), "50 % of <everything>")
    assert "\\toprule" in text
    assert "\\midrule" in text
    assert "\\bottomrule" in text
    lines = [line for line in text.splitlines() if line.endswith("\\\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {7}
    assert "<script>" not in text
    assert r"a\_b:c=50\%" in text
    assert "& 1 of 2 \\\\" in text
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")
