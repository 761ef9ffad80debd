"""The border: which lines a restriction covers, and what it does with their lots at dispatch.

What has left sails on. A refused lot goes back to the buyer's next review, a waiting one stays the
seller's and counts for the buyer as ordered. Tables are rebuilt only when a phase or a licence changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from sim.controls import Border, Controls, QuotaTerms, Restriction, Scope
from sim.engine.network import Network
from sim.equations.sums import sum_by
from sim.world.trade import essential_elements, places_of_buyers
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


def lanes_in_scope(world: World, lanes: list[tuple[str, str, str, str]], scope: Scope) -> BoolArray:
    """[lane] whether a restriction covers it; lanes are seller, buyer, form, product.

    A product of a listed form is covered when it contains a listed element as an essential ingredient;
    sales at home never are.
    """
    places = places_of_buyers(world)
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
    """One lever's tonnage per slice of the calendar; the count goes on while it is paused."""

    terms: QuotaTerms
    key_of_line: IntArray
    """[line] which tonnage it draws on, -1 outside the scope"""
    allowance_t: FloatArray
    """[key] per slice"""
    left_t: FloatArray
    enforced: bool = True
    slice_number: int = -1

    def turn_to(self, number: int) -> None:
        """Start a new slice with a full tonnage; unused tonnage lapses."""
        if number != self.slice_number:
            self.slice_number = number
            self.left_t = self.allowance_t.copy()

    def share(self, wanted_t: FloatArray) -> FloatArray:
        """[line] part that may pass: first come first served between reviews, pro rata within one."""
        inside = self.key_of_line >= 0
        key = self.key_of_line[inside]
        total_t = sum_by(key, weights=wanted_t[inside], minlength=len(self.left_t))
        passed_t = np.minimum(self.left_t, total_t)
        part = np.divide(passed_t, total_t, out=np.ones_like(total_t), where=total_t > 0)
        out = np.ones_like(wanted_t)
        out[inside] = part[key]
        return out

    def count(self, shipped_t: FloatArray) -> None:
        """Draw down what has left."""
        inside = self.key_of_line >= 0
        used_t = sum_by(
            self.key_of_line[inside], weights=shipped_t[inside], minlength=len(self.left_t)
        )
        self.left_t = np.maximum(0.0, self.left_t - used_t)


def build_quota(
    network: Network, lanes: list[tuple[str, str, str, str]], entry: Restriction
) -> Quota:
    """The tonnages of a quota: by form, by element (or grade), or one for all."""
    terms = entry.quota
    assert terms is not None
    covered = lanes_in_scope(network.world, lanes, entry.scope)
    names: dict[str, int] = {}
    key_of_lane = np.full(len(lanes), -1, dtype=np.intp)
    for i, (_, _, form, product) in enumerate(lanes):
        if covered[i]:
            name = {"form": form, "element": f"{form} {product}", "all": "all"}[terms.each]
            key_of_lane[i] = names.setdefault(name, len(names))
    per_year = _per_year(network, lanes, key_of_lane, terms, len(names))
    allowance = per_year * terms.period_months / 12
    return Quota(terms, key_of_lane[network.line_lane], allowance, allowance.copy())


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
class BorderState:
    """What the restrictions in force do with each line now."""

    network: Network
    controls: Controls
    starts: date
    lanes: list[tuple[str, str, str, str]]
    licence_state: Callable[[str], tuple[BoolArray, BoolArray]]
    """lever id -> (pending, refused) by line, from the licence desks"""
    passes: BoolArray = field(init=False)
    refused: BoolArray = field(init=False)
    pending: BoolArray = field(init=False)
    no_route: BoolArray = field(init=False)
    """[line] every corridor it could take is closed: as good as refused"""
    quotas: dict[str, Quota] = field(init=False, default_factory=dict)
    _seen: int = field(init=False, default=-1)
    _scopes: dict[Scope, BoolArray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.network.line_lane)
        self.passes = np.ones(n, dtype=np.bool_)
        self.refused = np.zeros(n, dtype=np.bool_)
        self.pending = np.zeros(n, dtype=np.bool_)
        self.no_route = np.zeros(n, dtype=np.bool_)

    def covered(self, scope: Scope) -> BoolArray:
        """[line] lines in a scope, worked out once."""
        if scope not in self._scopes:
            by_lane = lanes_in_scope(self.network.world, self.lanes, scope)
            self._scopes[scope] = by_lane[self.network.line_lane]
        return self._scopes[scope]

    def set_quota(self, entry: Restriction) -> None:
        """Put a quota in force; where it was before, what has left in this slice stays counted."""
        old = self.quotas.get(entry.by)
        quota = build_quota(self.network, self.lanes, entry)
        if old is not None and len(old.left_t) == len(quota.left_t):
            used_t = old.allowance_t - old.left_t
            quota.left_t = np.maximum(0.0, quota.allowance_t - used_t)
            quota.slice_number = old.slice_number
        self.quotas[entry.by] = quota

    def refresh(self, day: float) -> None:
        """Rebuild the tables if a phase or a licence changed, and turn the quotas' calendar."""
        today = self.starts + timedelta(days=int(np.floor(day)))
        for quota in self.quotas.values():
            months = today.year * 12 + today.month - 1
            quota.turn_to(months // quota.terms.period_months)
        if self._seen == self.controls.version:
            return
        self._seen = self.controls.version
        self.refused[:] = self.no_route
        self.pending[:] = False
        for entry in self.controls.at_border(Border.BAN):
            self.refused |= self.covered(entry.scope)
        for entry in self.controls.at_border(Border.LICENCE):
            pending, refused = self.licence_state(entry.by)
            self.pending |= pending
            self.refused |= refused
        self.pending &= ~self.refused
        self.passes = ~(self.refused | self.pending)
        on = {entry.by for entry in self.controls.at_border(Border.QUOTA)}
        for by, quota in self.quotas.items():
            quota.enforced = by in on

    def quota_share(self, wanted_t: FloatArray) -> FloatArray:
        """[line] the least part that any quota lets pass; every quota counts what then leaves."""
        share = np.ones_like(wanted_t)
        for by in sorted(self.quotas):
            if self.quotas[by].enforced:
                share = np.minimum(share, self.quotas[by].share(wanted_t))
        for by in sorted(self.quotas):
            self.quotas[by].count(wanted_t * share)
        return share
