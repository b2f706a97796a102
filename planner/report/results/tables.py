"""The leaderboard as a table for a paper (LaTeX, booktabs) and for other software (CSV)."""

import csv
import io
import re
from collections.abc import Iterator

from planner.report.results.standings import Leaderboard, Standing
from planner.report.results.words import NONE, percent, several

SHARES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}
CSV_HEAD = (
    *("rank", "policy", "role", "regime", "clairvoyant", *(f"gap_{name}" for name in SHARES)),
    *("compared", "rule_broken", "rule_broken_share", "finished", "failed", "tasks", "decision_us_per_request"),
)
LATEX = {
    **{char: f"\\{char}" for char in "&%$#_{}"},
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "\\": "\\textbackslash{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    '"': "\\textquotedbl{}",
    "\n": " ",
    NONE: "--",
}
SPECIAL = re.compile("|".join(map(re.escape, LATEX)))


def csv_table(board: Leaderboard) -> str:
    """A line a policy, references and unranked ones last; figures in full."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_HEAD)
    for role, standing in standings(board):
        writer.writerow(_record(board, role, standing))
    return text.getvalue()


def standings(board: Leaderboard) -> Iterator[tuple[str, Standing]]:
    """Everybody with the part played: ranked, unranked, reference."""
    for role, those in (("ranked", board.ranked), ("unranked", board.unranked), ("reference", board.anchors)):
        yield from ((role, each) for each in those)


def _record(board: Leaderboard, role: str, standing: Standing) -> list[object]:
    gaps = [standing.quantile(share) for share in SHARES.values()]
    broken = standing.broken / standing.compared if standing.compared else None
    cells = [
        *(board.rank(standing), standing.policy, role, standing.regime, standing.clairvoyant, *gaps),
        *(standing.compared, standing.broken, broken, standing.finished, standing.failed, board.tasks),
        standing.decision_us,
    ]
    return ["" if cell is None else cell for cell in cells]


def latex_table(board: Leaderboard, title: str) -> str:
    """A `table` environment; it needs \\usepackage{booktabs} and T1 fonts."""
    lines = "\n".join(f"{_latex_line(board, each)} \\\\" for each in (*board.ranked, *board.anchors))
    caption = (
        f"{title}. Gap to the lower bound in per cent over {several(len(board.compared), 'instance')}, "
        "those that every ranked policy finished. "
        "A broken hard rule counts as worse than any gap (--)."
    )
    return (
        "% \\usepackage{booktabs}, \\usepackage[T1]{fontenc}\n\\begin{table}\n"
        f"\\caption{{{latex(caption, keep_dashes=True)}}}\n"
        "\\begin{tabular}{rlrrrrrr}\n\\toprule\n"
        "& Policy & $q_{25}$ & Median & $q_{75}$ & $q_{95}$ & Max & Rules broken \\\\\n\\midrule\n"
        f"{lines}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n"
    )


def _latex_line(board: Leaderboard, standing: Standing) -> str:
    gaps = (percent(standing.quantile(share)).removesuffix(" %") for share in SHARES.values())
    rank = board.rank(standing)
    cells = ["" if rank is None else str(rank), standing.policy, *gaps, _broken(standing)]
    return " & ".join(latex(cell) for cell in cells)


def _broken(standing: Standing) -> str:
    return f"{standing.broken} of {standing.compared}" if standing.broken else "0"


def latex(text: str, *, keep_dashes: bool = False) -> str:
    """Text for LaTeX; two hyphens stay two unless they are meant as a dash."""
    safe = SPECIAL.sub(lambda found: LATEX[found[0]], text)
    return safe if keep_dashes else safe.replace("--", "-{}-") if NONE not in text else safe
