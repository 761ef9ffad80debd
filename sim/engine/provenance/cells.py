"""Where separation plants and makers take from and put to in the tracer's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.making import Makers
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.provenance.rows import Cells, Rows
from sim.engine.separation import Plants
from sim.equations.sums import Groups

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class MineCells:
    """Where mines put their ore."""

    countries: tuple[str, ...]
    row: IntArray
    """[cell] of a mine and an element of its ore"""
    mine: IntArray
    element: IntArray
    country: IntArray
    """[cell] number of the mine's country"""

    @classmethod
    def of(cls, network: Network, rows: Rows, mines: Mines) -> MineCells:
        """All mines of the world."""
        sites = network.world.sites
        countries = tuple(dict.fromkeys(sites[site].country for site in mines.site))
        row = rows.output[mines.output]
        mine, element = np.nonzero(row >= 0)
        of_mine = [countries.index(sites[site].country) for site in mines.site]
        country = np.array(of_mine, dtype=np.intp)[mine]
        return cls(countries, row[mine, element], mine, element, country)


@dataclass(frozen=True, slots=True)
class PlantCells:
    """Where separation plants take their feed, and put what they make."""

    country_of: IntArray
    """[plant] number of its country"""
    countries: tuple[str, ...]
    fed_row: IntArray
    """[fed] row of an element of a feed"""
    fed_plant: IntArray
    """[fed], and its feed, and the element"""
    fed_form: IntArray
    fed_element: IntArray
    fed_blend: IntArray
    """[fed] the feed's blend"""
    fed: Groups
    """[fed] plant and element, as one number"""
    sold: Cells
    """[plant, element]"""
    mixed: Cells
    """[plant, element]"""

    @classmethod
    def of(cls, network: Network, rows: Rows, plants: Plants) -> PlantCells:
        """All plants of the world."""
        elements = len(network.elements)
        item = np.where(plants.holder >= 0, network.holder_input[plants.holder], 0)
        row = np.where((plants.holder >= 0)[..., None], rows.input[item], -1)
        plant, form, element = np.nonzero(row >= 0)
        by_country = _by_country(network, plants.site)
        countries = tuple(by_country)
        names = [network.world.sites[site].country for site in plants.site]
        return cls(
            country_of=np.array([countries.index(name) for name in names], dtype=np.intp),
            countries=countries,
            fed_row=row[plant, form, element],
            fed_plant=plant,
            fed_form=form,
            fed_element=element,
            fed_blend=plants.feed_blend[plant, form],
            fed=Groups(plant * elements + element, len(plants.site) * elements),
            sold=Cells.of(rows.of_sales(plants.output)),
            mixed=Cells.of(rows.of_outputs(plants.side_output)),
        )


@dataclass(frozen=True, slots=True)
class MakerCells:
    """Where makers take their ingredients and put what they make."""

    by_country: dict[str, IntArray]
    used: IntArray
    """[maker, element] row of the ingredient, -1 where there is none"""
    sold: Cells
    """[maker, product, element]"""
    swarf: Cells
    """[maker, element]"""

    def told(self, countries: Sequence[str]) -> IntArray:
        """[maker] number of its country among these, -1 where it is none of them."""
        out = np.full(len(self.used), -1, dtype=np.intp)
        for number, country in enumerate(countries):
            out[self.by_country.get(country, [])] = number
        return out

    @classmethod
    def of(cls, network: Network, rows: Rows, makers: Makers) -> MakerCells:
        """All makers of one kind."""
        used = np.full((len(makers.site), len(network.elements)), -1, dtype=np.intp)
        for m, site in enumerate(makers.site):
            for e, name in enumerate(network.elements):
                item = network.input_index((site, network.shape.takes.get(site, ""), name))
                used[m, e] = rows.input[item, e] if item >= 0 else -1
        return cls(
            _by_country(network, makers.site),
            used,
            Cells.of(rows.of_outputs(makers.output)),
            Cells.of(rows.of_outputs(makers.side_output)),
        )


def _by_country(network: Network, sites: Sequence[str]) -> dict[str, IntArray]:
    """Country -> positions of its sites."""
    found: dict[str, list[int]] = {}
    for position, site in enumerate(sites):
        found.setdefault(network.world.sites[site].country, []).append(position)
    return {country: np.array(at, dtype=np.intp) for country, at in sorted(found.items())}
