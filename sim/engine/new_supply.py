"""New supply is additional: what a new seller does not deliver goes back to those whose sales it took over.

The plan counts on new mines, plants and makers and takes their planned sales away from today's sellers. Here
the part of its plan that each new seller could not ship is averaged over some time, and today's sellers are
asked again for it; from them the need goes up the chain to their feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt

from sim.engine.incidence import Incidence
from sim.engine.network import Network, rows_at
from sim.engine.plan import is_maker
from sim.equations.sums import Groups, ratio, total
from sim.rules.giving_back import given_back, not_shipped, part_missing, with_more_need

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """Lanes of one form, looked at together: from the end of the chain up."""

    lanes: IntArray
    purchase: Groups
    """[lane of the step] what is bought by whom, from whomever"""
    seller: Groups
    """[lane of the step] its seller's output, numbered among `outputs`"""
    outputs: IntArray
    """Whose lanes all stand in this step"""
    needs: Needs
    """Of the purchases"""


@dataclass(frozen=True, slots=True)
class Needs:
    """What today's makers and plants need of what they purchase for what they sell."""

    output: IntArray
    """[entry], entries sorted by purchase"""
    purchase: Groups
    """[entry]"""
    share: FloatArray
    """[entry] t bought per t of output, up to a factor that is the same for all entries of a purchase"""
    most: BoolArray
    """[purchase] fed for the scarcest of what comes out, as plants are; else for the sum"""

    def growth(self, sales: FloatArray, planned_sales: FloatArray) -> FloatArray:
        """[purchase, column] what is needed relative to the plan, as more or less is sold [output, column]."""
        planned = planned_sales[self.output]
        weight, more = self.share[:, None] * planned, ratio(sales[self.output], planned)
        of_sum = ratio(self.purchase.total(weight * more), self.purchase.total(weight))
        if not self.most.any():
            return of_sum
        most = np.zeros_like(of_sum)
        np.maximum.at(most, self.purchase.number, np.where(weight > 0, more, 0.0))
        return np.where(self.most[:, None], most, of_sum)


@dataclass(slots=True)
class NewSupply:
    """What new sellers have failed to deliver of late, and what is asked of others therefore."""

    network: Network
    incidence: Incidence
    span: float
    columns: int
    new: IntArray = field(init=False)
    """Lanes of sellers that did not run in the base year"""
    short_t: FloatArray = field(init=False)
    """[review, new lane, column] t that could not be shipped, the last so many reviews in turn"""
    planned_t: FloatArray = field(init=False)
    """[review, new lane, column] t planned then"""
    asked_again: FloatArray = field(init=False)
    """[column] t/day asked of those whose sales were taken over, on the day last looked at"""
    _seller: Groups = field(init=False)
    """[new lane] output, numbered among those of new sellers"""
    _outputs: IntArray = field(init=False)
    """Outputs of new sellers"""
    _steps: list[Step] = field(init=False)

    @classmethod
    def of(
        cls, network: Network, incidence: Incidence, span: float, columns: int
    ) -> NewSupply | None:
        """Nothing failed yet; None where new supply takes its buyers from others for good."""
        rule = network.behaviour.new_supply
        return None if rule is None else cls(network, incidence, span, columns)

    def __post_init__(self) -> None:
        network, world = self.network, self.network.world
        status = [world.sites[p].status if p in world.sites else "" for p, _, _ in network.outputs]
        is_new = np.array([s not in ("", "operating") for s in status], dtype=np.bool_)
        self.new = np.flatnonzero(is_new[network.lane_output])
        self._outputs, number = np.unique(network.lane_output[self.new], return_inverse=True)
        self._seller = Groups(number.astype(np.intp), len(self._outputs))
        rule = network.behaviour.new_supply
        reviews = max(1, ceil(rule.mean_days / self.span)) if rule else 1
        self.short_t = np.zeros((reviews, len(self.new), self.columns))
        self.planned_t = np.zeros_like(self.short_t)
        self.asked_again = np.zeros(self.columns)
        self._steps = _steps(network)

    def carry_over(self, other: NewSupply) -> None:
        """Know in every column what is known of the only one of another."""
        np.copyto(self.short_t, other.short_t)
        np.copyto(self.planned_t, other.planned_t)

    def note(self, review: int, day: float, stock_t: FloatArray, part_open: FloatArray) -> None:
        """What new sellers can ship at a review of what is planned.

        `stock_t` [output + 1, column] is there, and goods may leave on `part_open` of the days [line, column].
        """
        if not len(self.new):
            return
        network = self.network
        open_ = self.incidence.by_lane(part_open * network.line_share[:, None])
        planned_t = network.plan_at(day)[self.new, None] * np.full(self.columns, self.span)
        at = review % len(self.short_t)
        self.planned_t[at] = planned_t
        self.short_t[at] = not_shipped(
            planned_t, self._seller, stock_t=stock_t[self._outputs], part_open=open_[self.new]
        )

    def asked(self, day: float, lanes: FloatArray) -> FloatArray:
        """[lane, column] rates at which sellers are asked on a day, for those planned [lane, column]."""
        network = self.network
        missing = np.zeros_like(lanes)
        missing[self.new] = part_missing(self.short_t, self.planned_t)
        self.asked_again = np.zeros(self.columns)
        if not missing.any():
            return lanes
        displaced = rows_at(network.plan.days, network.lane_displaced, day)[:, None]
        planned_sales = self.incidence.output_of_lane.total(lanes)
        asked, sales = lanes.copy(), planned_sales.copy()
        for step in self._steps:
            here, own = lanes[step.lanes], displaced[step.lanes]
            now = given_back(here, own, missing[step.lanes], step.purchase)
            again = np.where(own > 0, np.maximum(0.0, now - here), 0.0)
            self.asked_again = self.asked_again + total(again, axis=0)
            growth = step.needs.growth(sales, planned_sales)
            if (growth > 1.0).any():
                # New sellers are asked for their plan; what is needed beyond it comes from the others.
                weight = own + np.where(missing[step.lanes] > 0, 0.0, here)
                now = with_more_need(now, here, weight, step.purchase, growth)
            asked[step.lanes] = now
            sales[step.outputs] = step.seller.total(now)
        return asked


def _steps(network: Network) -> list[Step]:
    """Lanes that are ordered, form by form from the end of the chain; by-products go where they went."""
    order = {form.id: form.order for form in network.world.forms}
    forms = [network.outputs[o][1] for o in network.lane_output]
    entries, fed = _entries(network)
    steps = []
    for form in sorted(set(forms), key=lambda f: (-order[f], f)):
        lanes = np.array(
            [n for n, f in enumerate(forms) if f == form and not network.lane_pushed[n]],
            dtype=np.intp,
        )
        if len(lanes):
            inputs, purchase = np.unique(network.lane_input[lanes], return_inverse=True)
            outputs, seller = np.unique(network.lane_output[lanes], return_inverse=True)
            steps.append(
                Step(
                    lanes,
                    Groups(purchase.astype(np.intp), len(inputs)),
                    Groups(seller.astype(np.intp), len(outputs)),
                    outputs,
                    _needs(entries, fed, inputs.tolist()),
                )
            )
    return steps


def _needs(
    entries: Sequence[tuple[int, int, float]], fed: AbstractSet[int], inputs: Sequence[int]
) -> Needs:
    at = {item: number for number, item in enumerate(inputs)}
    mine = sorted((at[item], output, share) for output, item, share in entries if item in at)
    return Needs(
        np.array([output for _, output, _ in mine], dtype=np.intp),
        Groups(np.array([number for number, _, _ in mine], dtype=np.intp), len(inputs)),
        np.array([share for _, _, share in mine]),
        np.array([item in fed for item in inputs], dtype=np.bool_),
    )


def _entries(network: Network) -> tuple[list[tuple[int, int, float]], AbstractSet[int]]:
    """(output, input, share) of who runs today, and the inputs that are fed for the scarcest output."""
    world, plan = network.world, network.plan
    entries: list[tuple[int, int, float]] = []
    fed: set[int] = set()
    at: dict[str, list[int]] = {}
    for number, (place, _, _) in enumerate(network.inputs):
        at.setdefault(place, []).append(number)
    for o, (place, form, product) in enumerate(network.outputs):
        site = world.sites.get(place)
        if site is None or site.status != "operating" or form in _aside(network):
            continue
        if is_maker(site):
            entries += _of_recipe(network, o, product, at.get(place, []))
        elif place in plan.residual and product in site.drivers:
            feeds = [i for i in at.get(place, []) if network.inputs[i][1] not in _aside(network)]
            entries += [(o, i, 1.0) for i in feeds]
            fed.update(feeds)
    return entries, fed


def _aside(network: Network) -> tuple[str, str]:
    return network.world.mixed_form, network.world.scrap_form


def _of_recipe(
    network: Network, output: int, product: str, inputs: Sequence[int]
) -> list[tuple[int, int, float]]:
    recipe = network.world.recipes.get(product)
    parts = {i.element: i.share for i in recipe.ingredients} if recipe else {product: 1.0}
    return [
        (output, i, parts[network.inputs[i][2]]) for i in inputs if network.inputs[i][2] in parts
    ]
