"""Which colour a text has on a ground: one rule for all figures (contrast ratio of WCAG 2.2)."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.colors import to_hex, to_rgb

from sim.figures import style

LEAST = 4.5
"""Contrast of text and its ground, of which WCAG 2.2 asks so much at level AA."""

DARKER = 0.97


def readable_on(ground: object) -> str:
    """White on what is dark enough for it, else ink."""
    return style.PAPER if contrast(style.PAPER, ground) >= LEAST else style.INK


@lru_cache(maxsize=100)
def as_text(colour: str) -> str:
    """The colour, darkened until words of it can be read on white."""
    parts = to_rgb(colour)
    while contrast(parts, style.PAPER) < LEAST:
        red, green, blue = parts
        parts = (DARKER * red, DARKER * green, DARKER * blue)
    return to_hex(parts)


def contrast(one: object, other: object) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: object) -> float:
    """Relative luminance."""
    parts = to_rgb(colour)  # type: ignore[arg-type]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
