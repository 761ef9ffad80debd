"""Sites that can make nothing, or sell nothing, and the link or feed that is missing; told from the pack alone.

The engine plans what flows. Here goods may pass from a seller to a buyer when both run before the scenario ends
and they traded in the base year, or the pack plans tonnes for the pair, or a lever names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf, isfinite

from sim.channels.effects import Addition
from sim.lever.words import listed
from sim.words.quantities import calendar_year, day_of
from sim.world.names import MINE, SINK
from sim.world.places import Place, is_simulated
from sim.world.world import Site, World

MOST_NAMED = 4
"""Partners that a sentence names."""
LEAST_WAIT_YEARS = 0.25
"""A plant may well be ready a little before its ore."""


@dataclass(slots=True)
class Chains:
    """Who may pass goods on to whom; cut off is whom nothing reaches, or who makes what nobody takes."""

    world: World
    places: Mapping[str, Place]
    additions: Sequence[Addition]
    runs_in_time: Callable[[Site], bool]
    """Whether a site runs before the scenario ends"""
    _fed: Mapping[str, float] = field(init=False)
    """Site -> calendar year from which it runs and something reaches it; minus infinity: all along"""
    _sold: frozenset[str] = field(init=False)
    _sellers: Mapping[str, set[str]] = field(init=False)
    """Buyer -> whoever may pass goods to it, if both run"""
    _buyers: Mapping[str, set[str]] = field(init=False)

    def __post_init__(self) -> None:
        sellers: dict[str, set[str]] = defaultdict(set)
        buyers: dict[str, set[str]] = defaultdict(set)
        for seller, buyer in self._pairs():
            sellers[buyer].add(seller)
            buyers[seller].add(buyer)
        self._sellers, self._buyers = sellers, buyers
        sites = self.world.sites
        mines = {id for id, site in sites.items() if site.stage == MINE and self._runs(id)}
        ends = {buyer for buyer in sellers if buyer not in sites}
        self._fed = self._fed_from(mines, buyers)
        self._sold = self._reached(ends, sellers)

    def why_cut_off(self, site: Site) -> str:
        """That a site makes or sells nothing and why, as words after its name; empty where it does both."""
        if not self._runs(site.id):
            return ""
        if site.id not in self._fed:
            why = self._without(site, self._sellers, "leads to it", "its feed would come from")
            return f"makes nothing, since {why}"
        if site.id not in self._sold:
            why = self._without(site, self._buyers, "leads away from it", "it would sell to")
            return f"sells nothing, since {why}"
        return ""

    def fed_from(self, site: Site) -> date | None:
        """When a site that starts gets its first feed, if that is much later than its first output."""
        own, fed = self._start(site), self._fed.get(site.id, -inf)
        if not isfinite(own) or fed - own < LEAST_WAIT_YEARS:
            return None
        return day_of(fed)

    def why_late(self, site: Site) -> str:
        """That a site waits for its feed and for whose, as words after its name; empty where it need not."""
        day = self.fed_from(site)
        if day is None:
            return ""
        sellers = [name for name in self._sellers.get(site.id, ()) if name in self._fed]
        first = min(sellers, key=lambda name: (self._fed[name], name))
        return (
            f"makes nothing before {day}, since its feed would come from {self._with_state(first)}"
        )

    def regions_without_buyer(self, site: Site, named: Iterable[str]) -> list[str]:
        """Regions among the names in which nobody that a link leads to used what the site sells."""
        regions = [name for name in named if name in self.world.regions]
        return [region for region in regions if not self._has_buyer(site, region)]

    def _has_buyer(self, site: Site, region: str) -> bool:
        made = {*site.products, *site.can_separate}
        for addition in self.additions:
            made |= set(addition.can_separate) if addition.site == site.id else set()
        used = {(flow.buyer, flow.form, flow.product) for flow in self.world.flows}
        return any(
            self.places[buyer].region == region
            and (not made or any((buyer, form, product) in used for product in made))
            for seller, buyer, form in self.world.links
            if seller == site.id and buyer in self.places
        )

    def _runs(self, place: str) -> bool:
        site = self.world.sites.get(place)
        if site is None:
            return True
        return is_simulated(self.world, site) and self.runs_in_time(site)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Pairs that traded, that the pack plans for, or that a lever names."""
        for flow in self.world.flows:
            if flow.t_per_year > 0 and not flow.buyer.startswith(SINK):
                yield flow.seller, flow.buyer
        for (seller, buyer, _), link in self.world.links.items():
            if (link.planned_full_t_per_year > 0 or self._named(seller, buyer)) and self._is_open(
                seller, buyer
            ):
                yield seller, buyer

    def _named(self, seller: str, buyer: str) -> bool:
        there = self.places.get(buyer)
        names = {buyer, there.region} if there else {buyer}
        return any(a.site == seller and not names.isdisjoint(a.sells_to) for a in self.additions)

    def _is_open(self, seller: str, buyer: str) -> bool:
        """Whether nobody has named other feeders for the buyer."""
        feeders = {f for a in self.additions if a.site == buyer for f in a.fed_by}
        return not feeders or seller in feeders

    def _reached(self, beginnings: Iterable[str], onward: Mapping[str, set[str]]) -> frozenset[str]:
        found, waiting = set[str](), [place for place in beginnings if self._runs(place)]
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += [other for other in onward.get(place, ()) if self._runs(other)]
        return frozenset(found)

    def _fed_from(self, mines: Iterable[str], buyers: Mapping[str, set[str]]) -> dict[str, float]:
        sites = self.world.sites
        found = {mine: self._start(sites[mine]) for mine in mines}
        waiting = list(found)
        while waiting:
            place = waiting.pop()
            for buyer in buyers.get(place, ()):
                if buyer not in sites or not self._runs(buyer):
                    continue
                begins = max(found[place], self._start(sites[buyer]))
                if begins < found.get(buyer, inf):
                    found[buyer] = begins
                    waiting.append(buyer)
        return found

    def _start(self, site: Site) -> float:
        """Calendar year from which a site runs; minus infinity for what runs today."""
        if site.status == "operating":
            return -inf
        first = [a.first_output for a in self.additions if a.site == site.id]
        return calendar_year(min(first)) if first else site.earliest_start

    def _without(self, site: Site, partners: Mapping[str, set[str]], leads: str, role: str) -> str:
        near = sorted(partners.get(site.id, ()))
        if near:
            reasons = [self._with_state(name) for name in near[:MOST_NAMED]]
            more = [f"{len(near) - MOST_NAMED} more"] if len(near) > MOST_NAMED else []
            return f"{role} {listed([*reasons, *more])}"
        if self._linked(site.id, partners):
            return (
                f"the pack plans no tonnes on any link that {leads} (`planned_full` in links.csv)"
            )
        return f"no link of the pack {leads}"

    def _linked(self, site: str, partners: Mapping[str, set[str]]) -> bool:
        side = 1 if partners is self._sellers else 0
        return any(key[side] == site for key in self.world.links)

    def _with_state(self, name: str) -> str:
        return (
            f"{self.world.sites[name].name} ({name}), which {self._state(self.world.sites[name])}"
        )

    def _state(self, site: Site) -> str:
        if self._runs(site.id) and site.id not in self._fed:
            return "is cut off itself"
        if not is_simulated(self.world, site):
            return f"is of the stage `{site.stage}`, which is not simulated"
        first = [a.first_output for a in self.additions if a.site == site.id]
        if first:
            return f"has its first output only on {min(first)}"
        if site.status == "project" and site.earliest_start == site.earliest_start:
            return f"starts only in {site.earliest_start:.0f}"
        return "is started by nothing"
