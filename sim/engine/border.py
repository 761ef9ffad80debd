"""The border: which lines a restriction covers, and what quotas still let leave.

What has left sails on. A refused lot goes back to the buyer's next review, a waiting one stays the
seller's and counts for the buyer as ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.controls import QuotaTerms, Restriction, Scope
from sim.engine.network import Network, PolicyStock
from sim.equations.sums import sum_by
from sim.world.trade import essential_elements, places_of_buyers
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


MONTHS_REMEMBERED = 12
"""The longest slice of a quota; what left before counts for none."""


def lanes_in_scope(
    world: World,
    lanes: list[tuple[str, str, str, str]],
    scope: Scope,
    policy_stocks: Iterable[PolicyStock] = (),
) -> BoolArray:
    """[lane] whether a restriction covers it; lanes are seller, buyer, form, product.

    A product of a listed form is covered when it contains a listed element as an essential ingredient;
    sales at home never are. A policy stock is a buyer in its region.
    """
    stocks = {stock.place: frozenset({stock.region}) for stock in policy_stocks}
    places = {**places_of_buyers(world), **stocks}
    return np.array(
        [
            _leaves(world, places.get(buyer), seller, scope)
            and scope.names(form, places[buyer])
            and (
                not scope.elements
                or not scope.elements.isdisjoint(essential_elements(world, seller, form, product))
            )
            for seller, buyer, form, product in lanes
        ],
        dtype=np.bool_,
    )


def _leaves(world: World, places: frozenset[str] | None, seller: str, scope: Scope) -> bool:
    """Whether goods of a seller cross the exporter's border to a buyer; a pile lies where it is made."""
    origin = world.sites.get(seller)
    if origin is None or origin.country != scope.exporter or places is None:
        return False
    return scope.exporter not in places


@dataclass(slots=True)
class Quota:
    """One lever's tonnage per slice of the calendar; what has left is remembered by line and month.

    So an easing may restate anything, and what had left in scope before still counts.
    """

    entry: Restriction
    key_of_line: IntArray
    """[line] which tonnage it draws on, -1 outside the scope"""
    allowance_t: FloatArray
    """[key] per slice"""
    counted: dict[int, FloatArray] = field(default_factory=dict)
    """Month, counted from year 0 -> [line] t that left in scope"""
    used_t: FloatArray = field(init=False)
    """[key] of the slice"""
    slice_number: int = -1

    def turn_to(self, month: int) -> None:
        """Go on to the slice in which a month lies; unused tonnage lapses."""
        assert self.entry.quota is not None
        period = self.entry.quota.period_months
        if month // period == self.slice_number:
            return
        self.slice_number = month // period
        self.counted = {m: t for m, t in self.counted.items() if m > month - MONTHS_REMEMBERED}
        self.used_t = np.zeros_like(self.allowance_t)
        for earlier in sorted(self.counted):
            if earlier // period == self.slice_number:
                self.used_t += self._by_key(self.counted[earlier])

    def share(self, wanted_t: FloatArray) -> FloatArray:
        """[line] part that may pass, pro rata for each key."""
        inside = self.key_of_line >= 0
        left_t = np.maximum(0.0, self.allowance_t - self.used_t)
        total_t = self._by_key(wanted_t)
        passed_t = np.minimum(left_t, total_t)
        part = np.divide(passed_t, total_t, out=np.ones_like(total_t), where=total_t > 0)
        out = np.ones_like(wanted_t)
        out[inside] = part[self.key_of_line[inside]]
        return out

    def count(self, shipped_t: FloatArray, month: int) -> None:
        """Draw down what has left."""
        self.turn_to(month)
        self.used_t += self._by_key(shipped_t)
        before_t = self.counted.setdefault(month, np.zeros_like(shipped_t))
        before_t += np.where(self.key_of_line >= 0, shipped_t, 0.0)

    def _by_key(self, tonnes: FloatArray) -> FloatArray:
        """Sum [line] over [key]."""
        inside = self.key_of_line >= 0
        n = len(self.allowance_t)
        return sum_by(self.key_of_line[inside], weights=tonnes[inside], minlength=n)


def build_quota(
    network: Network, lanes: list[tuple[str, str, str, str]], covered: BoolArray, entry: Restriction
) -> Quota:
    """The tonnages of a quota on the lanes it covers: by form, by element (or grade), or one for all."""
    terms = entry.quota
    assert terms is not None
    names: dict[str, int] = {}
    key_of_lane = np.full(len(lanes), -1, dtype=np.intp)
    for i, (_, _, form, product) in enumerate(lanes):
        if covered[i]:
            name = {"form": form, "element": f"{form} {product}", "all": "all"}[terms.each]
            key_of_lane[i] = names.setdefault(name, len(names))
    per_year = _per_year(network, lanes, key_of_lane, terms, len(names))
    return Quota(entry, key_of_lane[network.line_lane], per_year * terms.period_months / 12)


def _per_year(
    network: Network,
    lanes: list[tuple[str, str, str, str]],
    key_of_lane: IntArray,
    terms: QuotaTerms,
    n: int,
) -> FloatArray:
    """[key] t a year: a share of the base year's exports, or a rate split over keys by those exports."""
    base: dict[tuple[str, str, str, str], float] = {}
    for flow in network.world.flows:
        key = (flow.seller, flow.buyer, flow.form, flow.product)
        base[key] = base.get(key, 0.0) + flow.t_per_year
    exports = np.zeros(n)
    for i, lane in enumerate(lanes):
        if key_of_lane[i] >= 0:
            exports[key_of_lane[i]] += base.get(lane, 0.0)
    if terms.share_of_base_year is not None:
        return exports * terms.share_of_base_year
    assert terms.t_per_year is not None
    total = exports.sum()
    return (
        np.full(n, terms.t_per_year / max(n, 1))
        if total <= 0
        else exports / total * terms.t_per_year
    )


@dataclass(slots=True)
class Borders:
    """Scopes as lines, and the quotas that have come into force."""

    network: Network
    lanes: list[tuple[str, str, str, str]]
    quotas: dict[str, Quota] = field(default_factory=dict)
    """Lever id -> its count, from the first day in force on"""
    _scopes: dict[Scope, BoolArray] = field(default_factory=dict)
    """[lane]"""

    def covered(self, scope: Scope) -> BoolArray:
        """[line] lines in a scope."""
        by_lane = self._covered_lanes(scope)
        return by_lane[self.network.line_lane]

    def _covered_lanes(self, scope: Scope) -> BoolArray:
        """[lane] worked out once."""
        if scope not in self._scopes:
            network = self.network
            self._scopes[scope] = lanes_in_scope(
                network.world, self.lanes, scope, network.policy_stocks
            )
        return self._scopes[scope]

    def let_pass(
        self, wanted_t: FloatArray, in_force: Mapping[str, Restriction], month: int
    ) -> FloatArray:
        """[line] the least part of what is to leave that any quota lets pass; every quota counts it."""
        share = np.ones_like(wanted_t)
        for by in sorted(in_force):
            quota = self._as_stated(in_force[by])
            quota.turn_to(month)
            share = np.minimum(share, quota.share(wanted_t))
        shipped_t = wanted_t * share
        for by in sorted(self.quotas):
            self.quotas[by].count(shipped_t, month)
        return shipped_t

    def _as_stated(self, entry: Restriction) -> Quota:
        """The quota under the terms in force, with what has left before."""
        old = self.quotas.get(entry.by)
        if old is None or old.entry != entry:
            quota = build_quota(self.network, self.lanes, self._covered_lanes(entry.scope), entry)
            quota.counted = old.counted if old else {}
            self.quotas[entry.by] = quota
        return self.quotas[entry.by]
