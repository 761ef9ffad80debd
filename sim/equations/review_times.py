"""How long a review takes: a distribution between nothing and a ceiling, with a given mean."""

from __future__ import annotations

from functools import cache
from math import exp, lgamma, sqrt

SHAPE = 2.0
"""First exponent: none is decided at once, and what is likeliest moves with the mean."""


def part_of_ceiling(uniform: float, mean: float) -> float:
    """The part of the ceiling, 0 to 1, that a review takes: Kumaraswamy's distribution, inverted.

    `uniform` is drawn evenly from [0, 1); `mean`, 0 to 1, is of the parts. A larger mean shortens none.
    Source: Kumaraswamy, Journal of Hydrology 46 (1980): F(x) = 1 - (1 - x^a)^b, here with a = 2.
    """
    if mean >= 1.0:
        return 1.0
    return sqrt(1.0 - (1.0 - uniform) ** (1.0 / _second_exponent(mean)))


@cache
def _second_exponent(mean: float) -> float:
    """B for a mean: E = b Beta(1 + 1/a, b), which falls with b; found by halving on its logarithm."""
    low, high = -14.0, 14.0
    for _ in range(80):
        middle = (low + high) / 2
        if _mean(exp(middle)) > mean:
            low = middle
        else:
            high = middle
    return exp((low + high) / 2)


def _mean(b: float) -> float:
    whole = 1.0 + 1.0 / SHAPE
    return b * exp(lgamma(whole) + lgamma(b) - lgamma(whole + b))
