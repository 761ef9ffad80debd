"""The sourced world: packs of CSV tables and the frozen `World` built from them."""

from sim.world.changes import Change
from sim.world.load import load_pack, pack_ids
from sim.world.world import Changed, Row, World

__all__ = ["Change", "Changed", "Row", "World", "load_pack", "pack_ids"]
