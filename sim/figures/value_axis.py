"""The upright axis of a panel: from zero, round steps, thousands set off by commas."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

ROUND_STEPS = (1, 2, 2.5, 5, 10)
MOST_STEPS, MOST_STEPS_WHERE_LOW = 4, 2
LOW_IN = 0.75
HEADROOM = 1.08


def set_value_axis(axes: Axes, highest: float) -> None:
    """From zero to a little above the highest value, with as many steps as its height has room for."""
    axes.set_ylim(0, HEADROOM * highest if highest > 0 else 1.0)
    height_in = axes.get_window_extent().height / axes.figure.dpi
    most = MOST_STEPS if height_in >= LOW_IN else MOST_STEPS_WHERE_LOW
    axes.yaxis.set_major_locator(MaxNLocator(most, steps=ROUND_STEPS))
    axes.yaxis.set_major_formatter(with_commas)
    axes.grid(axis="y", zorder=1)


def with_commas(value: float, _: object = None) -> str:
    """A tick as text: whole numbers with commas, others as short as they are."""
    return f"{value:,.5g}" if value % 1 else f"{value:,.0f}"
