"""The upright axis of a panel: from zero, round steps, thousands set off by commas."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.figures.style import Page

ROUND_STEPS = (1, 2, 2.5, 5, 10)
MOST_STEPS, MOST_STEPS_ON_A_SLIDE = 4, 2
HEADROOM = 1.08


def set_value_axis(axes: Axes, highest: float, page: Page) -> None:
    """From zero to a little above the highest value."""
    axes.set_ylim(0, HEADROOM * highest if highest > 0 else 1.0)
    most = MOST_STEPS if page.height_in is None else MOST_STEPS_ON_A_SLIDE
    axes.yaxis.set_major_locator(MaxNLocator(most, steps=ROUND_STEPS))
    axes.yaxis.set_major_formatter(with_commas)
    axes.grid(axis="y", zorder=1)


def with_commas(value: float, _: object = None) -> str:
    """A tick as text: whole numbers with commas, others as short as they are."""
    return f"{value:,.5g}" if value % 1 else f"{value:,.0f}"
