"""Draws: numbers that depend on what is drawn, never on what was drawn before it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

CENTRAL_RUN = 0
"""Number of the replication"""
BETWEEN = "\x1f"
"""Stands between the parts of a name"""


class Draws:
    """All that is drawn under a name: one number for each thing that it is drawn for."""

    __slots__ = ("_begun",)

    def __init__(self, seed: int, *name: object) -> None:
        text = BETWEEN.join([str(seed), *map(str, name), ""])
        self._begun: Any = blake2b(text.encode("utf-8"), digest_size=8)

    def uniform(self, what: object) -> float:
        """A number in [0, 1)."""
        begun = self._begun.copy()
        begun.update(str(what).encode("utf-8"))
        return int.from_bytes(begun.digest(), "big") / 2.0**64


def keyed_uniform(seed: int, *name: object) -> float:
    """A number in [0, 1) that depends on the seed and a name only, so one case never disturbs another."""
    return Draws(seed, *name[:-1]).uniform(name[-1])
