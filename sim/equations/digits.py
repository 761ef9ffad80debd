"""Numbers as tables have them: up to twelve significant digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

DIGITS = 12
_POWERS = np.array([10.0**n for n in range(23)])
"""Powers of ten that are exact, so that a whole number times or over one of them is rounded once."""
_LEAST, _MOST = 1e-10, 1e30
"""Sizes between which all powers that are needed are exact"""


def rounded(values: FloatArray) -> FloatArray:
    """[n] what reading back twelve digits of each number [n] gives: `float(f"{value:.12g}")`, to the last bit.

    Worked out for whole arrays at once. A value so near the middle between two neighbours that arithmetic
    could take the wrong one, and whatever is very large or very small, goes through that very expression. What
    is not a number stays so, and -0 becomes 0.
    """
    out = np.asarray(values, dtype=np.float64) + 0.0
    size = np.abs(out)
    known = (size > _LEAST) & (size < _MOST)
    size[~known] = 1.0
    exponent = np.floor(np.log10(size)).astype(np.intp)
    scaled = _scaled(size, exponent)
    # Beside a power of ten the logarithm may be one off.
    exponent += scaled >= 10.0**DIGITS
    exponent -= scaled < 10.0 ** (DIGITS - 1)
    scaled = _scaled(size, exponent)
    sure = known & (np.abs(scaled - np.floor(scaled) - 0.5) > 1e-3)
    whole, shift = np.rint(scaled), exponent - (DIGITS - 1)
    power = _POWERS[np.abs(shift)]
    result = np.copysign(np.where(shift < 0, whole / power, whole * power), out)
    for i in np.flatnonzero(~sure & (out != 0) & np.isfinite(out)).tolist():
        result[i] = float(f"{out[i]:.{DIGITS}g}")
        sure[i] = True
    return np.where(sure, result, out)


def _scaled(size: FloatArray, exponent: npt.NDArray[np.intp]) -> FloatArray:
    """[n] with twelve digits before the point."""
    shift = DIGITS - 1 - exponent
    power = _POWERS[np.abs(shift)]
    return np.where(shift >= 0, size * power, size / power)
