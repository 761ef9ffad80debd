"""One colour, dash and hatch for each region and country, the same in all figures of a report.

They are given out by the names of the run alone, in the order of its pack: whatever a scenario changes, and
whichever places a figure shows, a place keeps its own. A region that is a country has one look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.figures import style
from sim.figures.contrast import as_text
from sim.figures.finished_run import FinishedRun

COLOURS = ("#E1720B", "#0462D0", "#147A46", "#AD709C", "#398FC6", "#846605", "#962561")
"""Orange, blue, green, purple, sky, ochre, wine: the hues of Okabe and Ito, as dark as thin lines on white
need (3:1 or more), with a lightness that lets the common kinds of colour blindness tell any two apart."""
NEXT_ROUND = 3
"""Places of a further round begin so many colours later, so that they do not look like the first of a pack,
which are its largest."""
Dash = str | tuple[float, Sequence[float]]
DASHES: Sequence[Dash] = (
    "solid", (0, (4, 1.2)), (0, (1.3, 0.9)), (0, (6, 1.2, 1.2, 1.2)), (0, (5, 1.1, 1.1, 1.1, 1.1, 1.1)),
)  # fmt: skip
HATCHES = ("", "....", "////", "\\\\\\\\", "----")
"""As many as dashes: with the colours 35 looks."""
MORE_HATCHES = ("xxxx", "||||", "oooo", "++++", "**")
"""Of places after these, which are the small ones of a pack: 35 looks more"""


@dataclass(frozen=True, slots=True)
class Look:
    """How lines, areas and words of one place look."""

    colour: str
    dash: Dash
    hatch: str

    @property
    def ink(self) -> str:
        """Its colour as dark as text has to be."""
        return as_text(self.colour)


OTHERS = Look(style.PALE_GREY, "solid", "")
"""Places that share a band"""


def place_looks(run: FinishedRun) -> Mapping[str, Look]:
    """Id of each region and country of the run -> its look."""
    names = run.scenario.get("names") or {}
    places = dict.fromkeys([*names.get("regions", ()), *names.get("countries", ())])
    return {str(place): _look(number) for number, place in enumerate(places)}


def _look(number: int) -> Look:
    again, place = divmod(number, len(COLOURS))
    colour = (place + NEXT_ROUND * again) % len(COLOURS)
    # Each time a colour comes again it has another dash and hatch.
    pattern = (colour + again) % len(DASHES)
    rounds = again - len(HATCHES)
    hatch = HATCHES[pattern] if rounds < 0 else MORE_HATCHES[rounds % len(MORE_HATCHES)]
    return Look(COLOURS[colour], DASHES[pattern], hatch)
