"""The world as the rules of behaviour leave it, before anything is made of it."""

from __future__ import annotations

from dataclasses import replace

from sim.rules.behaviour import Behaviour
from sim.world.world import World


def as_ruled(world: World, behaviour: Behaviour) -> World:
    """The world as the rules leave it: without `offices` the office is plain and users are all alike."""
    if behaviour.offices is not None:
        return world
    users = {node: each.all_alike() for node, each in world.end_users.items()}
    return replace(world, licence_office=world.licence_office.plain(), end_users=users)
