"""What customs see of a world: what goods weigh on the scales, and who exports most."""

from __future__ import annotations

from sim.world.flying import gross_t_per_t
from sim.world.places import places_in
from sim.world.world import World

GROSS = "t gross"
"""Unit of what is weighed as it is: finished goods, and metal as metal"""


def customs_unit(world: World, form: str) -> str:
    """`GROSS` where the pack says what all goods of a form weigh, else its basis.

    It does of a form whose grades all have their tonnes per finished tonne, and of forms of single elements
    but the first, which is the basis itself (oxide).
    """
    by_element = sorted((f.order, f.id) for f in world.forms if f.kind == "elements")
    grades = [product for product in world.products if product.form == form]
    finished = bool(grades) and all(grade.reo_per_t_finished for grade in grades)
    return GROSS if finished or form in {id for _, id in by_element[1:]} else world.basis


def customs_t_per_t(world: World, form: str, product: str) -> float:
    """Tonnes in the unit of customs per tonne of the basis."""
    return gross_t_per_t(world, form, product) if customs_unit(world, form) == GROSS else 1.0


def largest_exporter(world: World) -> str:
    """The country from which most went abroad in the base year, all forms together; empty where none did."""
    places, sent = places_in(world), dict[str, float]()
    for flow in world.flows:
        seller, buyer = places[flow.seller], places.get(flow.buyer)
        if buyer is None:
            continue  # a pile at home
        # Of end users only the region is known.
        abroad = buyer.country != seller.country if buyer.country else buyer.region != seller.region
        if abroad:
            sent[seller.country] = sent.get(seller.country, 0.0) + flow.t_per_year
    return max(sorted(sent), key=sent.__getitem__, default="")
