"""Outages by a hazard: each site fails and is repaired by itself, in a story of its own.

The central run counts each site at its expected availability. In a random replication the days until a failure
are exponential and the repair triangular; both are drawn for each site and failure, so no site's luck depends
on another's.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from math import ceil, log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from sim.channels.effects import Capacity, Effect
from sim.engine.agents import Agent, Surroundings
from sim.engine.draws import CENTRAL_RUN, keyed_uniform
from sim.levers.site_outage import OutageTerms
from sim.words.quantities import DAYS_PER_YEAR

FloatArray = npt.NDArray[np.float64]
Story = Generator[simpy.Event, Any, None]


def agent(surroundings: Surroundings) -> Outages:
    """The outages of a lever that has just come into force."""
    return Outages(surroundings)


def triangular(drawn: float, low: float, likely: float, high: float) -> float:
    """The value of a triangular distribution below which a part `drawn` lies."""
    if high <= low:
        return low
    turn = (likely - low) / (high - low)
    if drawn < turn:
        return low + sqrt(drawn * (high - low) * (likely - low))
    return high - sqrt((1 - drawn) * (high - low) * (high - likely))


@dataclass(slots=True)
class Outages(Agent):
    """The sites of one lever, and which of them run."""

    around: Surroundings
    part: FloatArray = field(init=False)
    """[site]"""
    terms: OutageTerms = field(init=False)
    _stories: list[simpy.Process] = field(default_factory=list)
    _number: dict[str, int] = field(default_factory=dict)
    """Site -> number of the lever among those by which it fails"""

    def __post_init__(self) -> None:
        self.part = np.ones(len(self.around.network.sites))

    def begin(self, effects: Sequence[Effect]) -> None:
        """The hazard acts from now on; sites that were out begin anew."""
        self.end()
        (capacity,) = effects
        assert isinstance(capacity, Capacity)
        if not isinstance(capacity.gate, OutageTerms):
            return
        self.terms = capacity.gate
        sites = np.flatnonzero(self.around.scopes.sites(capacity.where))
        if self.around.replication == CENTRAL_RUN:
            self.part[sites] = self.terms.availability
            return
        for site in sites:
            story = self._story(int(site), self._numbered(self.around.network.sites[site]))
            self._stories.append(self.around.clock.env.process(story))

    def end(self) -> None:
        """Everybody runs."""
        for story in self._stories:
            if story.is_alive:
                story.interrupt()
        self._stories = []
        self.part[:] = 1.0

    def published(self) -> FloatArray:
        """[site] part of its size at which it runs."""
        return self.part.copy()

    def _numbered(self, site: str) -> int:
        if site not in self._number:
            self._number[site] = self.around.shared.get(site, 0)
            self.around.shared[site] = self._number[site] + 1
        return self._number[site]

    def _story(self, site: int, number: int) -> Story:
        env, terms, failure = self.around.clock.env, self.terms, 0
        try:
            while True:
                failure += 1
                up = -log(1.0 - self._drawn(site, number, failure, "up")) / terms.times_per_year
                yield env.timeout(ceil(up * DAYS_PER_YEAR))
                self._set(site, 0.0)
                drawn = self._drawn(site, number, failure, "repair")
                days = triangular(drawn, terms.low_days, terms.likely_days, terms.high_days)
                yield env.timeout(ceil(days))
                self._set(site, 1.0)
        except simpy.Interrupt:
            return

    def _drawn(self, site: int, number: int, failure: int, what: str) -> float:
        name = self.around.network.sites[site]
        return keyed_uniform(self.around.seed, self.around.replication, name, number, failure, what)

    def _set(self, site: int, part: float) -> None:
        self.part[site] = part
        self.around.has_changed()
