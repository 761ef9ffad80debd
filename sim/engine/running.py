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

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Running:
    """What levers keep sites from making."""

    network: Network
    rooms: Rooms
    lost: list[tuple[Stretch, FloatArray]] = field(default_factory=list)
    """(days, [output] t that was not made on them) since the last review; for the recorder"""

    def part(
        self, sites: Sequence[str], outputs: IntArray, wanted_t: FloatArray, days: Sequence[Stretch]
    ) -> FloatArray:
        """[site] part of `wanted_t` [site, product] that these sites make on these days.

        `outputs` [site, product] are the positions of their products.
        """
        free = all(not s.allowed.site_rooms and (s.allowed.capacity == 1.0).all() for s in days)
        if free:
            return np.ones(len(sites))
        here = np.array([self.network.sites.index(site) for site in sites], dtype=np.intp)
        total_t, made_t = wanted_t.sum(axis=1), np.zeros(len(sites))
        for stretch in days:
            able_t = np.zeros(len(self.network.sites))
            able_t[here] = total_t * stretch.part * stretch.allowed.capacity[here]
            taken_t = self.rooms.take(able_t, stretch.allowed.site_rooms, stretch.month)[here]
            made_t += taken_t
            self._remember(stretch, outputs, wanted_t, total_t * stretch.part - taken_t)
        part = np.divide(made_t, total_t, out=np.ones_like(made_t), where=total_t > 0)
        return np.minimum(1.0, part)

    def _remember(
        self, stretch: Stretch, outputs: IntArray, wanted_t: FloatArray, lost_t: FloatArray
    ) -> None:
        """Spread what was lost [site] over the site's products."""
        total_t = wanted_t.sum(axis=1)
        share = np.divide(lost_t, total_t, out=np.zeros_like(lost_t), where=total_t > 0)
        by_output = np.zeros(len(self.network.outputs) + 1)
        np.add.at(by_output, outputs, wanted_t * share[:, None])
        self.lost.append((stretch, by_output[:-1]))
