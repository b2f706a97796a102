"""Figures and times as sentences tell them."""

from decimal import Decimal

from planner.domain.instance import Ints


def amount(value: float, digits: int = 4) -> str:
    """A quantity in so many significant digits, never as a power of ten: 176,800 requests."""
    return f"{Decimal(f'{value:.{digits}g}'):,f}"


def hours(periods: Ints) -> str:
    """Periods as words: hour 17, or hours 17-19."""
    first, last = int(periods[0]), int(periods[-1])
    return f"hour {first}" if first == last else f"hours {first}-{last}"
