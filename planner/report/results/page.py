"""The page of a campaign: leaderboard, profile, forecast error, map, instances, rows, and what went wrong."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from planner import __version__
from planner.report.document import Section, anchor, bullets, document, paragraphs, table
from planner.report.results.account import left_out, troubles
from planner.report.results.forecast_section import forecast_section, knows
from planner.report.results.hour_region import hour_region_map
from planner.report.results.instances_table import instances_table
from planner.report.results.method import effort, made_with, method_sentences
from planner.report.results.panels import Shown
from planner.report.results.profile_figure import board_profiles, profile_figure
from planner.report.results.rows import Outcome, Results
from planner.report.results.rows_table import rows_table
from planner.report.results.scale import GapScale
from planner.report.results.standings import Leaderboard, Standing, leaderboard
from planner.report.results.strip import strip, strip_head
from planner.report.results.tables import SHARES
from planner.report.results.words import NONE, name, number, percent, round_percent, several

WITHIN = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)


def results_page(results: Results, *, title: str, shown: Shown | str) -> str:
    """One self-contained HTML document; `shown`: what the map is made of, or why there is none."""
    board = leaderboard(results)
    sections = list(_sections(results, board, shown))
    resources = files("planner.report.results")
    return document(
        title,
        _lead(results, board),
        sections,
        opening=_opening(results, board, sections),
        provenance=f"Made by planner {__version__} from {results.source}. The page needs no network.",
        style=resources.joinpath("page.css").read_text(encoding="utf-8"),
        script=resources.joinpath("page.js").read_text(encoding="utf-8"),
    )


def _sections(results: Results, board: Leaderboard, shown: Shown | str) -> Iterator[Section]:
    scale = GapScale.over(gap for standing in (*board.ranked, *board.anchors) for gap in standing.gaps.tolist())
    yield Section("Leaderboard", tuple(_leaderboard(board, scale)))
    yield Section("Performance profile", (profile_figure(results, board, scale), _profile_table(results, board)))
    yield Section("Forecast error and gap", tuple(forecast_section(results, board, scale, shown)))
    yield Section("Hour by region", (paragraphs(shown) if isinstance(shown, str) else hour_region_map(shown),))
    yield Section("Instances", (instances_table(results),))
    yield Section("Rows", (rows_table(results),))
    yield Section("What failed or broke a rule", tuple(_account(results, board)))
    yield Section("Method and versions", tuple(_method(results)))


def _lead(results: Results, board: Leaderboard) -> str:
    size = f"{several(len(results.policies), 'policy', 'policies')} on {several(board.tasks, 'instance')}"
    best = board.best
    if best is None or best.quantile(0.5) is None:
        return f"{size}, each measured as its gap to a proven lower bound."
    half = percent(best.quantile(0.5))
    return (
        f"{size}, each measured as its gap to a proven lower bound. {best.policy} comes within {half} on half of them."
    )


def _opening(results: Results, board: Leaderboard, sections: Sequence[Section]) -> str:
    links = "".join(f'<li><a href="#{anchor(s.heading)}">{escape(s.heading)}</a>' for s in sections)
    facts = "".join(f"<div><dt>{what}</dt><dd>{value}</dd></div>" for what, value in _facts(results, board))
    return f'<dl class="facts">{facts}</dl><nav aria-label="Sections"><ul>{links}</ul></nav>'


def _facts(results: Results, board: Leaderboard) -> Iterator[tuple[str, str]]:
    counts = {outcome: sum(row.outcome is outcome for row in results.rows) for outcome in Outcome}
    yield "rows", f"{len(results.rows):,}"
    yield "verified", f"{sum(row.verified for row in results.rows):,}"
    yield "rule broken", f"{counts[Outcome.BROKEN]:,}"
    yield "failed", f"{counts[Outcome.FAILED] + counts[Outcome.UNVERIFIED]:,}"
    yield "instances compared", f"{len(board.compared):,} of {board.tasks:,}"


def _leaderboard(board: Leaderboard, scale: GapScale) -> Iterator[str]:
    said = _compared_on(board)
    head = ("policy", strip_head(scale), "rank", *SHARES, "rule broken", "failed", "knows", "µs/request")
    yield table(said, head, (_standing(board, each, scale) for each in board.ranked), names=2)
    if board.anchors:
        yield "<h3>References</h3>"
        rows = (_standing(board, each, scale) for each in board.anchors)
        yield table("No policies: the oracle's plan, and the schedule that emits most", head, rows, names=2)
    if board.unranked:
        yield "<h3>Not ranked</h3>"
        rows = (_standing(board, each, scale) for each in board.unranked)
        yield table("On the instances each of them finished, which may be the easier ones", head, rows, names=2)


def _compared_on(board: Leaderboard) -> str:
    """The caption: on what policies are compared."""
    given = f", all with the forecaster {board.forecast}" if board.elsewhere else ""
    tasks = f"{len(board.compared):,} of {several(board.tasks, 'instance')}"
    compared = f"Gap to the bound, on the {tasks} that every ranked policy finished{given}."
    return f"{compared} Strokes: instances; box: quartiles."


def _standing(board: Leaderboard, each: Standing, scale: GapScale) -> list[str]:
    rank = board.rank(each)
    return [
        name(each.policy),
        strip(each, scale),
        NONE if rank is None else str(rank),
        *(percent(each.quantile(share)) for share in SHARES.values()),
        f"{percent(each.broken / each.compared)}" if each.compared else NONE,
        f"{each.failed:,}",
        knows(each.regime),
        number(each.decision_us, 3),
    ]


def _profile_table(results: Results, board: Leaderboard) -> str:
    head = ("share of instances within", *(round_percent(gap) for gap in WITHIN))
    found = board_profiles(results, board)
    rows = ((name(p.policy), *(f"{100 * p.within(gap):.0f} %" for gap in WITHIN)) for p in found)
    return f"<details><summary>As a table</summary>{table('Share of instances within a gap', head, rows)}</details>"


def _account(results: Results, board: Leaderboard) -> Iterator[str]:
    said, found = left_out(results, board), troubles(results)
    if said:
        yield bullets(said)
    if found:
        yield table("Counted by instance", ("policy", "what", "instances"), found, names=2)
    else:
        yield paragraphs("Nothing: every row is verified, keeps every hard rule and has a gap.")


def _method(results: Results) -> Iterator[str]:
    yield paragraphs(*method_sentences(results))
    if found := made_with(results):
        yield table("Versions and machines", ("what", "value", "rows"), found, names=2)
    else:
        yield paragraphs("No timings.csv lies beside the rows: versions and machines are not known.")
    if took := effort(results):
        yield paragraphs(took)
