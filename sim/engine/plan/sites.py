"""Sites in the plan: which run, how large they are over time, and what they can make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.channels.effects import Addition
from sim.engine.plan.chain import ChainShape, separates
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.rates import FloatArray
from sim.equations.growth import growth_factor
from sim.equations.ramp_up import ramp_share
from sim.words.quantities import DAYS_PER_CALENDAR_YEAR, DAYS_PER_YEAR
from sim.world.world import Site, World


@dataclass(slots=True, kw_only=True)
class Sites:
    """The sites of a world with what levers add to them; paths are [time]."""

    world: World
    shape: ChainShape
    horizon: Horizon
    additions: Sequence[Addition]
    only_todays: bool = False
    """Whether what did not run in the base year is left out"""
    active: frozenset[str] = field(init=False)
    """Sites that run at some time"""
    residual: frozenset[str] = field(init=False)
    """Those of them that supply what is still needed, instead of following a path of their own"""
    capability: Mapping[str, Mapping[str, FloatArray]] = field(init=False)
    """Site -> element -> 1 where the site can split it out at that time, else 0"""
    capacity: Mapping[str, FloatArray] = field(init=False)
    """Site -> t/day; what stands today plus what is added"""

    def __post_init__(self) -> None:
        self.active = frozenset(s.id for s in self.world.sites.values() if self._runs(s))
        running = self.running()
        self.residual = frozenset(
            s.id for s in running if s.plan == "residual" and s.status == "operating"
        )
        self.capability = {site.id: self._can_separate(site) for site in running}
        self.capacity = {site.id: self._capacity_path(site) for site in running}

    def running(self, *stages: str) -> list[Site]:
        """Sites that run at some time, of some stages or all, in the order of their ids."""
        sites = [self.world.sites[s] for s in sorted(self.active)]
        return [site for site in sites if not stages or site.stage in stages]

    def takes_goods(self, buyer: str) -> bool:
        """Whether a buyer exists in this world: sites have to run at some time, others always do."""
        return buyer not in self.world.sites or buyer in self.active

    def added(self, site: Site) -> list[Addition]:
        """What levers add to a site, in the order of what they say."""
        return [a for a in self.additions if a.site == site.id]

    def _runs(self, site: Site) -> bool:
        if site.id not in self.shape.makes or (self.only_todays and site.status != "operating"):
            return False
        ramps_by_itself = site.status == "project" and site.planned_capacity_t_per_year > 0
        return site.status == "operating" or bool(self.added(site)) or ramps_by_itself

    def can_make(self, name: str, product: str) -> bool:
        """Whether a site makes a product, or can split out an element, at some time."""
        site = self.world.sites[name]
        if separates(site):
            return product in self.capability[name]
        return not site.products or product in site.products

    def _can_separate(self, site: Site) -> dict[str, FloatArray]:
        can = {e: self.horizon.ones() for e in site.can_separate}
        for addition in self.added(site):
            from_then = (self.horizon.since(addition.first_output) >= 0).astype(float)
            for element in addition.can_separate:
                can[element] = np.maximum(can.get(element, self.horizon.zeros()), from_then)
        return can

    # ---- size

    def runs(self, buyer: str) -> FloatArray:
        """1 where a buyer takes goods: sites while they have capacity, others always; else 0."""
        if buyer not in self.world.sites:
            return self.horizon.ones()
        return (self.capacity.get(buyer, self.horizon.zeros()) > 0).astype(float)

    def risked(self, buyer: str) -> FloatArray:
        """Risked share of the planned size reached over time; 1 for what was there in the base year."""
        site = self.world.sites.get(buyer)
        if site is None or site.status == "operating":
            return self.horizon.ones()
        if not self.added(site):
            return self._own_ramp(site)
        size = site.planned_capacity_t_per_year
        return self.horizon.total(path / size for path in self._added_paths(site) if size > 0)

    def own_output(self, mine: Site) -> FloatArray:
        """Output of a mine with a path of its own, t/day."""
        if mine.status != "operating":
            return self.capacity[mine.id].copy()
        growth = growth_factor(self.horizon.years, rate_per_year=mine.growth_per_year)
        path = np.maximum(mine.output_t_per_year * growth, self._expansion(mine))
        return sum(self._added_paths(mine), path) / DAYS_PER_YEAR

    def at_most(self, site: Site, before_t_per_year: float) -> FloatArray:
        """What a site had in the base year, grown as fast as it can, and what levers add; t/day."""
        assert site.most_growth_per_year is not None
        # What the base year had it could have all year.
        years = np.maximum(self.horizon.years, 0.0)
        growth = growth_factor(years, rate_per_year=site.most_growth_per_year)
        return sum(self._added_paths(site), before_t_per_year * growth) / DAYS_PER_YEAR

    def _capacity_path(self, site: Site) -> FloatArray:
        if site.status != "operating":
            return site.planned_capacity_t_per_year * self.risked(site.id) / DAYS_PER_YEAR
        total = site.capacity_t_per_year + self.horizon.total(self._added_paths(site))
        return np.maximum(total, self._expansion(site)) / DAYS_PER_YEAR

    def _own_ramp(self, site: Site) -> FloatArray:
        since = (self.horizon.dates - site.earliest_start) * DAYS_PER_CALENDAR_YEAR
        ramp = ramp_share(since, ramp_days=site.ramp_days)
        return site.success * site.ramp_cap * ramp

    def _added_paths(self, site: Site) -> list[FloatArray]:
        """What each lever adds to a site, t/yr."""
        paths = []
        for addition in self.added(site):
            size = addition.capacity_t_per_year
            size = site.planned_capacity_t_per_year if size is None else size
            since = self.horizon.since(addition.first_output)
            ramp = ramp_share(since, ramp_days=addition.ramp_days)
            paths.append(size * addition.risked_share * ramp)
        return paths

    def _expansion(self, site: Site) -> FloatArray:
        """Path of an operating site that the pack lets grow to a planned size, t/yr; else 0."""
        extra = site.planned_capacity_t_per_year - site.output_t_per_year
        if site.status != "operating" or extra <= 0 or np.isnan(site.earliest_start):
            return self.horizon.zeros()
        return site.output_t_per_year + extra * self._own_ramp(site)
