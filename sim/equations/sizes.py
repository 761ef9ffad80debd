"""Sizes: how a total is parted among many, few of them large and many small."""

from __future__ import annotations

from math import fsum


def zipf_shares(count: int, exponent: float) -> tuple[float, ...]:
    """Share of each of `count`, the largest first: the n-th is proportional to n^-exponent; adds to 1.

    Source of the form: Zipf's rule, found of firms by Axtell, Science 293 (2001). At 0 all are alike.
    """
    parts = [float(n) ** -exponent for n in range(1, count + 1)]
    total = fsum(parts)
    return tuple(part / total for part in parts)


def marked(shares: tuple[float, ...], count: int) -> tuple[bool, ...]:
    """Which of these are marked, `count` of them: their part of the total is near their part of the number.

    From the largest down, each goes to the side that lacks most of its part so far.
    """
    n = len(shares)
    wanted = {True: count / n, False: 1 - count / n}
    left, given = {True: count, False: n - count}, {True: 0.0, False: 0.0}
    found = []
    for share in shares:
        sides = [side for side in (False, True) if left[side]]
        side = max(sides, key=lambda side: wanted[side] - given[side])
        left[side] -= 1
        given[side] += share
        found.append(side)
    return tuple(found)
