"""Sites in the plan: which run, how large they are over time, and what they can make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.channels import Addition
from sim.engine.plan.chain import ChainShape
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.rates import DAYS_PER_YEAR
from sim.equations.growth import growth_factor
from sim.equations.ramp_up import ramp_share
from sim.world.world import Site, World

FloatArray = npt.NDArray[np.float64]


@dataclass(slots=True)
class Sites:
    """The sites of a world with what levers add to them; paths are [time]."""

    world: World
    additions: Sequence[Addition]
    horizon: Horizon
    shape: ChainShape
    active: frozenset[str] = field(init=False)
    """Sites that run at some time"""
    capability: Mapping[str, Mapping[str, FloatArray]] = field(init=False)
    """Site -> element -> 1 where the site can split it out at that time, else 0"""
    capacity: Mapping[str, FloatArray] = field(init=False)
    """Site -> t/day; what stands today plus what is added"""

    def __post_init__(self) -> None:
        self.active = frozenset(s.id for s in self.world.sites.values() if self._runs(s))
        self.capability = {site.id: self._can_separate(site) for site in self.running()}
        self.capacity = {site.id: self._capacity_path(site) for site in self.running()}

    def running(self) -> list[Site]:
        """Sites that run at some time, in the order of their ids."""
        return [self.world.sites[s] for s in sorted(self.active)]

    def added(self, site: Site) -> list[Addition]:
        """What levers add to a site, in the order of what they say."""
        return [a for a in self.additions if a.site == site.id]

    def _runs(self, site: Site) -> bool:
        if site.id not in self.shape.makes:
            return False
        ramps_by_itself = site.status == "project" and site.planned_capacity_t_per_year > 0
        return site.status == "operating" or bool(self.added(site)) or ramps_by_itself

    def can_make(self, site: Site | None, product: str) -> bool:
        """Whether a site makes a product, or can split out an element, at some time."""
        if site is None:
            return False
        if site.stage in ("separation", "recycling"):
            return product in self.capability[site.id]
        return not site.products or product in site.products

    def _can_separate(self, site: Site) -> dict[str, FloatArray]:
        always = {e: self.horizon.ones() for e in site.can_separate}
        for addition in self.added(site):
            from_then = (self.horizon.since(addition.first_output) >= 0).astype(float)
            for element in addition.can_separate:
                now = always.get(element, self.horizon.zeros())
                always[element] = np.maximum(now, from_then)
        return always

    # ---- size

    def runs(self, site: Site) -> FloatArray:
        """1 where a site has capacity at that time, else 0."""
        return (self.capacity[site.id] > 0).astype(float)

    def risked(self, site: Site) -> FloatArray:
        """Risked share of the planned size reached over time; 1 for what ran in the base year."""
        if site.status == "operating":
            return self.horizon.ones()
        added = self.added(site)
        if added:
            size = site.planned_capacity_t_per_year
            paths = [self._addition_path(a, site) / size for a in added if size > 0]
            return np.sum(paths, axis=0) if paths else self.horizon.zeros()
        return self._own_ramp(site)

    def own_output(self, mine: Site) -> FloatArray:
        """Output of a mine with a path of its own, t/day."""
        if mine.status != "operating":
            return self.capacity[mine.id].copy()
        grown = mine.output_t_per_year * growth_factor(
            self.horizon.years, rate_per_year=mine.growth_per_year
        )
        path = np.maximum(grown, self._expansion(mine))
        for addition in self.added(mine):
            path = path + self._addition_path(addition, mine)
        return path / DAYS_PER_YEAR

    def _own_ramp(self, site: Site) -> FloatArray:
        since = (self.horizon.dates - site.earliest_start) * 365.25
        ramp = ramp_share(since, ramp_days=site.ramp_years * 365.25)
        return site.success * site.ramp_cap * ramp

    def _addition_path(self, addition: Addition, site: Site) -> FloatArray:
        """What one lever adds, t/yr."""
        size = addition.capacity_t_per_year
        size = site.planned_capacity_t_per_year if size is None else size
        since = self.horizon.since(addition.first_output)
        return size * addition.risked_share * ramp_share(since, ramp_days=addition.ramp_days)

    def _capacity_path(self, site: Site) -> FloatArray:
        if site.status != "operating":
            return site.planned_capacity_t_per_year * self.risked(site) / DAYS_PER_YEAR
        added = [self._addition_path(a, site) for a in self.added(site)]
        total = (
            site.capacity_t_per_year + np.sum(added, axis=0)
            if added
            else np.full_like(self.horizon.days, site.capacity_t_per_year)
        )
        return np.maximum(total, self._expansion(site)) / DAYS_PER_YEAR

    def _expansion(self, site: Site) -> FloatArray:
        """Path of an operating site that the pack lets grow to a planned size, t/yr; else 0."""
        bigger = site.planned_capacity_t_per_year > site.output_t_per_year
        if site.status != "operating" or not bigger or np.isnan(site.earliest_start):
            return self.horizon.zeros()
        extra = site.planned_capacity_t_per_year - site.output_t_per_year
        return site.output_t_per_year + extra * self._own_ramp(site)
