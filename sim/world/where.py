"""What a restriction or an effect is about: lines that leave a country, or sites. It is matched here alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.world.trade import essential_elements
from sim.world.world import World

Names = frozenset[str]
ALL: Names = frozenset()
"""An empty set of names stands for all of them."""


@dataclass(frozen=True, slots=True)
class Where:
    """What an effect is about: lines that leave a country, or sites."""

    country: str
    """That the goods leave, or that the sites lie in; empty: sites of any country, and no line."""
    destinations: Names = ALL
    """Regions or countries of buyers."""
    elements: Names = ALL
    forms: Names = ALL
    stages: Names = ALL
    """Of the sites, or of the sellers."""
    sites: Names = ALL

    def covers_line(
        self, world: World, line: tuple[str, str, str, str], places: Names | None
    ) -> bool:
        """Whether it is about a line (seller, buyer, form, product) to a buyer in these places.

        A line is covered when the buyer lies abroad, the form is listed, and the product cannot be made
        without a listed element. `places` is None for a pile, which lies where it is made.
        """
        seller, _, form, product = line
        origin = world.sites.get(seller)
        if origin is None or origin.country != self.country or places is None:
            return False
        if self.country in places or not (self.names_form(form) and self.names_any(places)):
            return False
        if self.stages and origin.stage not in self.stages:
            return False
        return not self.elements or not self.elements.isdisjoint(
            essential_elements(world, seller, form, product)
        )

    def includes(self, other: Where) -> bool:
        """Whether every line that another scope covers is in this one too, told from the names alone."""
        if self.country != other.country:
            return False
        pairs = (
            (self.destinations, other.destinations), (self.elements, other.elements),
            (self.forms, other.forms), (self.stages, other.stages), (self.sites, other.sites),
        )  # fmt: skip
        return all(not mine or (bool(theirs) and theirs <= mine) for mine, theirs in pairs)

    def names_form(self, form: str) -> bool:
        """Whether a form is listed."""
        return not self.forms or form in self.forms

    def names_any(self, places: Iterable[str]) -> bool:
        """Whether one of a buyer's places is listed."""
        return not self.destinations or not self.destinations.isdisjoint(places)

    def covers_site(self, world: World, site: str) -> bool:
        """Whether it is about a site."""
        here = world.sites[site]
        return (
            (not self.country or here.country == self.country)
            and (not self.stages or here.stage in self.stages)
            and (not self.sites or site in self.sites)
        )
