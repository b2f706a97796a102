"""Consecutive pieces of the horizon, some solved, some not: what is not lies between fixed states, or grows."""

from dataclasses import dataclass, replace
from itertools import pairwise

from planner.domain.window import Window
from planner.solve.windows.problem import Divisible, WindowProblem
from planner.solve.windows.solution import WindowSolution


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Periods first..end-1 and their solution, None where there is none yet."""

    first: int
    end: int
    solution: WindowSolution | None

    def opened(self) -> "Piece":
        """The same periods, to be solved again."""
        return replace(self, solution=None)


def joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours without a solution become one piece: the cut between them is free."""
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1].solution is None and piece.solution is None:
            out[-1] = replace(out[-1], end=piece.end)
        else:
            out.append(piece)
    return out


def bridges(whole: Divisible, pieces: list[Piece]) -> dict[int, WindowProblem]:
    """The problem of every unsolved piece, between the states of its solved neighbours."""
    found = {}
    for i, piece in enumerate(pieces):
        if piece.solution is None:
            before = pieces[i - 1].solution if i else None
            after = pieces[i + 1].solution if i + 1 < len(pieces) else None
            found[i] = whole.problem(
                Window(piece.first, piece.first, piece.end, piece.end),
                before=None if before is None else before.after,
                after=None if after is None else after.before,
            )
    return found


def widened(pieces: list[Piece], failed: set[int]) -> list[Piece]:
    """Pieces without any plan between their neighbours' states take a neighbour in: the next, else the one before."""
    taken = {i + 1 if i + 1 < len(pieces) else i - 1 for i in failed}
    return [p.opened() if i in taken else p for i, p in enumerate(pieces)]


def seams(pieces: list[Piece], reach: int) -> list[Window]:
    """Windows around every cut, `reach` periods to both sides but never beyond the middle of a piece."""
    reaches = [min(reach, (a.end - a.first) // 2, (b.end - b.first) // 2) for a, b in pairwise(pieces)]
    cuts = [p.first for p in pieces[1:]]
    return [Window(cut - h, cut - h, cut + h, cut + h) for cut, h in zip(cuts, reaches, strict=True) if h > 0]
