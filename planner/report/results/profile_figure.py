"""Performance profiles as steps, each line to be picked in the legend."""

from collections.abc import Iterable, Sequence

from planner.metrics.profiles import Profile, profiles
from planner.report.results.frame import SIDE, frame, place
from planner.report.results.rows import Results
from planner.report.results.scale import GapScale, Tick
from planner.report.results.standings import Leaderboard
from planner.report.results.words import name, several

PICKED = 6  # as many as have a colour of their own
SHARES = [Tick(share / 4, f"{25 * share} %") for share in range(5)]
LABEL = (
    "Performance profile: share of instances on which each policy is within a gap; the same figures in the table below"
)


def profile_figure(results: Results, board: Leaderboard, scale: GapScale) -> str:
    """HTML of the figure and its legend, best policy first; the first six stand out until others are picked."""
    found = board_profiles(results, board)
    lines = "".join(_line(profile, n, scale) for n, profile in reversed(list(enumerate(found))))
    picture = frame(
        lines, label=LABEL, x=scale.ticks(), y=SHARES, x_title="gap to the bound, at most", y_title="share of instances"
    )
    caption = (
        f"Share of {several(len(board.compared), 'instance')} on which a policy is within a gap. Higher is better."
    )
    legend = f'<ul class="legend">{"".join(_entries(found))}</ul>'
    return f'<figure id="profile">{picture}{legend}<figcaption>{caption}</figcaption></figure>'


def board_profiles(results: Results, board: Leaderboard) -> list[Profile]:
    """Profiles of the ranked policies, in the order of the leaderboard."""
    order = [standing.policy for standing in board.ranked]
    rows = ((task, policy, results.of[task, policy].gap) for task in board.compared for policy in order)
    return sorted(profiles(rows), key=lambda profile: order.index(profile.policy))


def _line(profile: Profile, n: int, scale: GapScale) -> str:
    return f'<path class="line {_style(n)}" data-line="{n}" d="{_steps(profile, scale)}"/>'


def _steps(profile: Profile, scale: GapScale) -> str:
    """From the left edge up a step at each gap, to the right edge."""
    heights: dict[int, int] = {0: SIDE}
    for count, gap in enumerate(profile.gaps.tolist(), start=1):
        heights[place(scale.at(gap))] = SIDE - place(count / profile.instances)
    path = [f"M0 {heights.pop(0)}", *(f"H{x}V{y}" for x, y in heights.items())]
    return "".join([*path, f"H{SIDE}"])


def _entries(found: Sequence[Profile]) -> Iterable[str]:
    for n, profile in enumerate(found):
        pressed = "true" if n < PICKED else "false"
        swatch = f'<svg aria-hidden="true" viewBox="0 0 28 8"><path class="line {_style(n)}" d="M0 4H28"/></svg>'
        text = f"{swatch}<span>{name(profile.policy)}</span>"
        yield f'<li><button type="button" aria-pressed="{pressed}" data-line="{n}">{text}</button></li>'


def _style(n: int) -> str:
    """Colour and dashes; 30 differ."""
    return f"c{n % 6} d{n // 6 % 5}{' on' if n < PICKED else ''}"
