"""Scopes: which lines, and which sites, an effect is about; each is matched once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.plan import LineKey
from sim.world.places import Place
from sim.world.where import Where
from sim.world.world import World

BoolArray = npt.NDArray[np.bool_]


def lanes_in_scope(
    world: World, lanes: Sequence[LineKey], where: Where, places: Mapping[str, Place]
) -> BoolArray:
    """[lane] whether it leaves the country within the scope; a buyer that is no place is a pile at home."""
    names = {id: place.names for id, place in places.items()}
    covered = [where.covers_line(world, lane, names.get(lane[1])) for lane in lanes]
    return np.array(covered, dtype=np.bool_)


@dataclass(slots=True)
class Scopes:
    """Masks by scope."""

    network: Network
    names: list[LineKey] = field(init=False)
    """[lane]"""
    worked_out: dict[Any, Any] = field(default_factory=dict)
    """What agents have worked out of the network and the calendar alone, for those of all columns"""
    _lanes: dict[Where, BoolArray] = field(init=False, default_factory=dict)
    _lines: dict[Where, BoolArray] = field(init=False, default_factory=dict)
    _sites: dict[Where, BoolArray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.names = self.network.lane_keys()

    def lanes(self, where: Where) -> BoolArray:
        """[lane]."""
        if where not in self._lanes:
            network = self.network
            self._lanes[where] = lanes_in_scope(network.world, self.names, where, network.places)
        return self._lanes[where]

    def lines(self, where: Where) -> BoolArray:
        """[line]."""
        if where not in self._lines:
            self._lines[where] = self.lanes(where)[self.network.line_lane]
        return self._lines[where]

    def sites(self, where: Where) -> BoolArray:
        """[site]."""
        if where not in self._sites:
            world = self.network.world
            covered = [where.covers_site(world, site) for site in self.network.sites]
            self._sites[where] = np.array(covered, dtype=np.bool_)
        return self._sites[where]
