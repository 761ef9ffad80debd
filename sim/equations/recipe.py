"""Joint use of ingredients: the scarcest one sets the output (Liebig's law of the minimum)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import Groups, starts_of_runs

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def available_share(stock_t: FloatArray, needed_t: FloatArray) -> FloatArray:
    """Part of what is needed that the stock can give, 1 where nothing is needed. Any shape."""
    given_t = np.minimum(stock_t, needed_t)
    share: FloatArray = np.divide(given_t, needed_t, out=np.ones_like(needed_t), where=needed_t > 0)
    return share


def liebig_output(
    wanted_t: FloatArray, recipe: FloatArray, essential: BoolArray, stock_t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Output a maker can start, and the share of its wish that each ingredient allows.

    wanted_t [grade, maker, ...]; recipe [grade, ingredient] t of ingredient per t of output, yield included;
    essential [grade, ingredient]; stock_t [ingredient, maker, ...]. An ingredient short of the wishes of all
    grades is shared among them in proportion to what they need of it; a grade then makes as much as its
    scarcest essential ingredient allows. Returns (output_t [grade, maker, ...], allowed [ingredient, maker,
    ...]).
    """
    grade, ingredient = np.nonzero(essential)
    part = recipe[grade, ingredient].reshape(-1, *[1] * (wanted_t.ndim - 1))
    needed_t = Groups(ingredient, len(stock_t)).total(wanted_t.take(grade, axis=0) * part)
    allowed = available_share(stock_t, needed_t)
    by_grade, first = np.ones_like(wanted_t), starts_of_runs(grade)
    if len(first):
        least = np.minimum.reduceat(allowed.take(ingredient, axis=0), first, axis=0)
        by_grade[grade[first]] = least
    return wanted_t * by_grade, allowed
