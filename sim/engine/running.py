"""Running: the part of what sites would make that outages leave them and production quotas have room for.

What a site does not make for want of either it tries again at the next review, as far as its capacity goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.regime import Stretch
from sim.engine.rooms import Rooms
from sim.equations.sums import ratio

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

Shifted = list[tuple[Stretch, FloatArray]]
"""(days, [site] part of the whole that is made on them beyond an even spread)"""


@dataclass(slots=True)
class Running:
    """What the levers of one column keep sites from making."""

    network: Network
    rooms: Rooms
    lost: list[tuple[Stretch, FloatArray]] = field(default_factory=list)
    """(days, [output] planned t not made on them) since the last review; for the recorder"""
    _number: dict[str, int] = field(init=False)
    """Site -> its position in the network"""

    def __post_init__(self) -> None:
        self._number = {site: n for n, site in enumerate(self.network.sites)}

    def is_free(self, days: Sequence[Stretch]) -> bool:
        """Whether every site runs as it likes on these days."""
        return all(s.allowed.sites_are_free for s in days)

    def part(
        self,
        sites: Sequence[str],
        outputs: IntArray,
        wanted_t: FloatArray,
        counted_t: FloatArray,
        planned_t: FloatArray,
        days: Sequence[Stretch],
    ) -> tuple[FloatArray, Shifted]:
        """[site] part of `wanted_t` [site, product] that these sites make on these days.

        `outputs` [site, product] are the positions of their products, `counted_t` [site] is what quotas count
        of it, in the basis of the pack's output: ore, feed of separation plants, product of makers. Of
        `planned_t` [site], in the same basis, what is not made is lost; a wish beyond it returns at every
        review and would be counted again and again.
        """
        here = np.array([self._number[site] for site in sites], dtype=np.intp)
        made_t, made = np.zeros(len(sites)), []
        for stretch in days:
            able_t = np.zeros(len(self.network.sites))
            able_t[here] = counted_t * stretch.part * stretch.allowed.capacity[here]
            taken_t = self.rooms.take(able_t, stretch.allowed.site_rooms, stretch.month)[here]
            made_t += taken_t
            made.append((stretch, taken_t))
        due_t = np.maximum(0.0, np.minimum(counted_t, planned_t) - made_t)
        due = _parts(_parts(due_t, counted_t), _parts(counted_t - made_t, counted_t))
        for stretch, taken_t in made:
            part = due * _parts(counted_t * stretch.part - taken_t, counted_t)
            lost_t = np.zeros(len(self.network.outputs) + 1)
            np.add.at(lost_t, outputs, wanted_t * part[:, None])
            self.lost.append((stretch, lost_t[:-1]))
        shifted = [(s, _parts(t - made_t * s.part, made_t)) for s, t in made]
        part = np.where(counted_t > 0, np.minimum(1.0, ratio(made_t, counted_t)), 1.0)
        return part, shifted


def _parts(some_t: FloatArray, all_t: FloatArray) -> FloatArray:
    return np.divide(some_t, all_t, out=np.zeros_like(some_t), where=all_t > 0)
