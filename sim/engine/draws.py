"""Draws: numbers that depend on what is drawn, never on what was drawn before it."""

from __future__ import annotations

from hashlib import blake2b

CENTRAL_RUN = 0
"""Number of the replication"""


def keyed_uniform(seed: int, *name: object) -> float:
    """A number in [0, 1) that depends on the seed and a name only, so one case never disturbs another."""
    text = "\x1f".join([str(seed), *map(str, name)])
    digest = blake2b(text.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
