"""One map says where whoever holds goods is."""

from __future__ import annotations

from sim.world import load_pack
from sim.world.places import PILE, USE, Place, places_in


def test_a_site_has_a_country_and_an_end_use_only_a_region() -> None:
    places = places_in(load_pack("rare_earths_2024"))
    assert places["sep_sareco"] == Place("KAZ", "ROW", "separation")
    assert places["sep_sareco"].names == {"KAZ", "ROW"}
    assert places["use_ev_traction_eu"] == Place("", "EU", USE)
    assert places["use_ev_traction_eu"].names == {"EU"}


def test_what_is_neither_is_a_pile_and_no_destination() -> None:
    assert not PILE.names
    assert "stockpile_usa" not in places_in(load_pack("rare_earths_2024"))


def test_every_buyer_and_seller_of_the_pack_has_a_place_or_is_a_pile() -> None:
    world = load_pack("rare_earths_2024")
    places = places_in(world)
    assert {flow.seller for flow in world.flows} <= places.keys()
    assert {need.node for need in world.demand} <= places.keys()
    regions = {place.region for place in places.values()}
    assert regions <= world.regions.keys()
