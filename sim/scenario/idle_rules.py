"""Rules of behaviour that a scenario names and that do nothing in it, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sim.channels.effects import Passage
from sim.lever import Lever, Reach
from sim.scenario.behaviour import BehaviourText, behaviour_of
from sim.world import World
from sim.world.flying import NEVER


@dataclass(frozen=True, slots=True)
class InVain:
    """A rule that is followed, and changes nothing."""

    rule: str
    setting: str
    """The number that is why; empty where the pack or the levers are"""
    why: str
    help: str


def in_vain(
    written: BehaviourText, named: Collection[str], world: World, lends: bool
) -> Iterator[InVain]:
    """Those of the rules that the scenario names; `lends` as `has_lenders` says."""
    for found in _in_vain(written, world, lends):
        if found.rule in named:
            yield found


def has_lenders(world: World, levers: Sequence[Lever], reach: Reach) -> bool:
    """Whether a lever tells users of an end use apart who may lend: military ones only among themselves."""
    nodes = {need.node for need in world.demand}
    several = [
        place
        for place, users in world.end_users.items()
        if place in nodes
        and max(sum(users.military), len(users.military) - sum(users.military)) > 1
    ]
    scopes = {
        effect.where
        for lever in levers
        for effect in lever.in_any_phase(world)
        if isinstance(effect, Passage) and effect.by_user
    }
    return any(reach.meets(where, buyer=place) for where in scopes for place in several)


def _in_vain(written: BehaviourText, world: World, lends: bool) -> Iterator[InVain]:
    rules = behaviour_of(written, world)
    needed = {need.product for need in world.demand}
    parts = [part for id in needed & world.recipes.keys() for part in world.recipes[id].ingredients]
    sectors = world.sectors.values()
    if rules.market is not None and rules.market.filled == 0:
        yield InVain(
            "market", "filled",
            "nobody gets less than nothing of its order, so nobody looks for other sellers for want of goods",
            "give a part of the order, such as 95 %",
        )  # fmt: skip
    if rules.swaps is not None:
        if rules.swaps.share == 0:
            why = "no part of an effect may be swapped, so makers keep to the recipe"
            yield InVain("swaps", "share", why, "give a part of the effect, such as 30 %")
        elif not any(part.effect for part in parts):
            why = "no ingredient in the pack has an effect, so there is nothing to swap"
            help = "give rows `effect` in recipes.csv of a pack of your own"
            yield InVain("swaps", "", why, help)
    if rules.grades is not None and not any(
        needed & {*each.serves, *each.serves_in_part} for each in world.products
    ):
        why = "no product in the pack stands in for another that somebody needs"
        yield InVain("grades", "", why, "give rows `serves` in products.csv of a pack of your own")
    if rules.designs is not None:
        if rules.designs.a_year == 0:
            why = "nobody turns to another design at no speed"
            yield InVain("designs", "a_year", why, "give a part of the use a year, such as 10 %")
        elif not any(sector.other_design for sector in sectors):
            why = "no sector in the pack has another design to turn to"
            help = "give rows `other_design` in sectors.csv of a pack of your own"
            yield InVain("designs", "", why, help)
    if rules.sharing is not None:
        if rules.sharing.degree == 0:
            why = "nobody lends any part of what it holds"
            yield InVain("sharing", "degree", why, "give a part, such as 10 %")
        elif not lends:
            why = (
                "nobody lends here: users of one end use are told apart only where they need licences, and no "
                "licence covers an end use with several"
            )
            yield InVain("sharing", "", why, "add a licence that covers one")
    if rules.expediting is not None:
        if rules.expediting.threshold_days == 0:
            why = "no stock is below nothing, so nothing flies"
            yield InVain("expediting", "threshold", why, "give some days of use, such as 10 d")
        elif all(form.flies == NEVER for form in world.forms):
            why = "no form in the pack flies"
            help = "give rows `flies` in forms.csv of a pack of your own"
            yield InVain("expediting", "", why, help)
    if rules.postponable is not None:
        share = rules.postponable.share
        if share == 0 or (share is None and not any(each.postponable_share for each in sectors)):
            why = "no use can wait, so all that is missing is output at risk"
            setting = "" if share is None else "share"
            yield InVain("postponable", setting, why, "give a part of the use, such as 20 %")
