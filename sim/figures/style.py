"""The one look of all figures: sizes, colours, hatches, fonts.

Colours are the UK Government Analysis Function's set, which keeps a contrast of 3:1 on white; every
colour goes with a hatch, a line style or a label of its own. Sizes are those of a Word page (A4).
"""

from __future__ import annotations

from collections.abc import Mapping

WIDTH_IN = 6.3
"""Text width of an A4 page in Word."""
TALLEST_IN = 8.5
"""Text height of the page, less the room of a caption."""
MARGIN_IN = 0.06
PNG_DPI = 300

TITLE_PT = 10.0
SUBTITLE_PT = 8.5
BODY_PT = 8.0
"""No text is smaller."""

NAVY = "#12436D"
TEAL = "#28A197"
BURGUNDY = "#801650"
ORANGE = "#F46A25"
CATEGORIES = (NAVY, ORANGE, TEAL, BURGUNDY)
CATEGORY_HATCHES = ("", "....", "////", "\\\\\\\\")
INK = "#1A1A1A"
GREY = "#595959"
PALE_GREY = "#BFBFBF"
GRID = "#E3E3E3"
PAPER = "#FFFFFF"
SHADE = "#F3E8EE"
"""Behind the months in which a restriction is in force."""

SETTINGS: Mapping[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": BODY_PT,
    "axes.titlesize": BODY_PT,
    "axes.labelsize": BODY_PT,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "xtick.labelsize": BODY_PT,
    "ytick.labelsize": BODY_PT,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "lines.linewidth": 1.4,
    "text.color": INK,
    # Names come from users: two dollar signs are prices, not a formula.
    "text.parse_math": False,
    "text.usetex": False,
    # Letters as wide in the PNG as in the SVG, so that both break lines alike.
    "text.hinting": "none",
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "savefig.bbox": "standard",
    "svg.fonttype": "path",
    "svg.hashsalt": "critmin",
    "path.simplify": False,
}
