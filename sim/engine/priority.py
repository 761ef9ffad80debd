"""Priority: of which class each line is, and in which order sellers and regions serve their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.equations.sums import NOISE, Groups, ratio
from sim.rules.behaviour import BY_CLASS, CONTRACTS_FIRST, HOME_FIRST, Priority
from sim.rules.serving import InRegions, Order, Serving
from sim.world.places import PILE, Place
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_ROUNDS = 200
"""Steps down the chain, which scrap makes a circle, until the classes of all makers stand."""


def serving_of(network: Network) -> Serving | None:
    """Who is served first in a network; None where everybody shares in proportion."""
    rule = network.behaviour.priority
    if rule is None or rule.changes_nothing:
        return None
    classes = classes_of_lines(network)
    words = _words_of_sellers(network, rule)
    by_class, at_home = (
        np.array([word == which for word in words], dtype=np.bool_)[network.line_output]
        for which in (BY_CLASS, HOME_FIRST)
    )
    floors = dict(rule.floors)
    of_class = np.array([floors.get(name, 0.0) for name in network.world.priority_classes])
    floor = of_class[classes]
    tier = np.where(by_class, classes, np.where(at_home & ~_is_at_home(network), 1, 0))
    return Serving(
        sellers=_order(tier, np.where(at_home, 0.0, floor)),
        regions=_in_regions(network, rule, classes, floor),
        # The dummy of all sellers keeps nothing.
        contracts_first=np.array(
            [*(word == CONTRACTS_FIRST for word in words), False], dtype=np.float64
        )[:, None],
    )


def _order(tier: npt.NDArray[np.generic], floor: FloatArray) -> Order:
    return Order(tier.astype(np.float64)[:, None], floor[:, None])


def _words_of_sellers(network: Network, rule: Priority) -> Sequence[str]:
    """[output] how its seller serves: a site's own rule, else its country's, else that of all."""
    own, found = dict(rule.by_seller), []
    for place, _, _ in network.outputs:
        site = network.world.sites.get(place)
        country = site.country if site else ""
        found.append(own.get(place, own.get(country, rule.sellers)))
    return found


def _buyers(network: Network) -> Sequence[Place]:
    """[line] where its buyer is; a pile is at its seller's."""
    places = [network.places.get(place, PILE) for place, _, _ in network.inputs]
    return [places[i] for i in network.lane_input[network.line_lane]]


def _is_at_home(network: Network) -> npt.NDArray[np.bool_]:
    """[line] whether the buyer is in its seller's country, or in its region where only that is known."""
    sites, found = network.world.sites, []
    for output, buyer in zip(network.line_output, _buyers(network), strict=True):
        seller = sites.get(network.outputs[output][0])
        known = buyer.country or buyer.region
        ours = (seller.country if buyer.country else seller.region) if seller else ""
        found.append(known in ("", ours))
    return np.array(found, dtype=np.bool_)


def _in_regions(
    network: Network, rule: Priority, classes: IntArray, floor: FloatArray
) -> InRegions | None:
    """Lines into regions with a rule of their own, and who shares what."""
    words = dict(rule.regions)
    region = [buyer.region for buyer in _buyers(network)]
    line = np.array([n for n, name in enumerate(region) if name in words], dtype=np.intp)
    if not len(line):
        return None
    keys = [(int(network.line_output[n]), region[n]) for n in line]
    number = {key: n for n, key in enumerate(sorted(set(keys)))}
    by_class = np.array([words[name] == BY_CLASS for _, name in keys], dtype=np.bool_)
    return InRegions(
        line=line,
        group=Groups(np.array([number[key] for key in keys], dtype=np.intp), len(number)),
        order=_order(np.where(by_class, classes[line], 0), floor[line]),
    )


# ---- of which class a line is


def classes_of_lines(network: Network) -> IntArray:
    """[line] number of the class that its goods are for: the first, of military users.

    A maker, plant or recycler is of the class to which most of what it sells goes, down the chain, by planned
    sales over the run; who sells nothing, a pile and a policy stock are of the last.
    """
    of_place = classes_of_places(network)
    last = len(network.world.priority_classes) - 1
    of_input = np.array(
        [of_place.get(place, last) for place, _, _ in network.inputs], dtype=np.intp
    )
    found = of_input[network.lane_input[network.line_lane]]
    found[network.holder_military[network.line_holder]] = 0
    return found


def classes_of_places(network: Network) -> Mapping[str, int]:
    """End use or site -> number of its class."""
    classes, uses = network.world.priority_classes, _classes_of_uses(network.world)
    lanes = network.lane_keys()
    places = sorted({*uses, *network.sites, *(buyer for _, buyer, _, _ in lanes)})
    at = {place: n for n, place in enumerate(places)}
    planned = network.lane_plan[network.plan.days >= 0].mean(axis=0)
    sold = [
        (at[s], at[b], t)
        for (s, b, _, _), t in zip(lanes, planned, strict=True)
        if s in at and t > 0
    ]
    fixed = np.zeros((len(places), len(classes)))
    for use, number in uses.items():
        fixed[at[use], number] = 1.0
    seller, buyer = (np.array([each[n] for each in sold], dtype=np.intp) for n in (0, 1))
    sellers = Groups(seller, len(places))
    tonnes = np.array([each[2] for each in sold])[:, None]
    sold_t, parts = sellers.total(tonnes), fixed
    for _ in range(MOST_ROUNDS):
        before, parts = parts, fixed + ratio(sellers.total(parts[buyer] * tonnes), sold_t)
        if np.abs(parts - before).max(initial=0.0) <= NOISE:
            break
    largest = parts.max(axis=1, initial=0.0)
    # Of two that are alike but for rounding, the one that is served first.
    is_it = (parts >= largest[:, None] * (1 - 1e-6)) & (parts > 0)
    number_of = np.where(is_it.any(axis=1), is_it.argmax(axis=1), len(classes) - 1)
    return {place: int(number_of[n]) for place, n in at.items()}


def _classes_of_uses(world: World) -> Mapping[str, int]:
    number = {name: n for n, name in enumerate(world.priority_classes)}
    return {need.node: number[world.sectors[need.sector].priority_class] for need in world.demand}
