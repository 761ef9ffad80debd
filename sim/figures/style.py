"""The one look of all figures: sizes, colours, hatches, fonts.

Colours are of the UK Government Analysis Function's set, which keeps a contrast of 3:1 on white; every
colour goes with a hatch, a line style or a label of its own. `place_looks` has those of regions and countries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Where a figure is pasted. Everything is laid out in drawn inches, then magnified as a whole."""

    id: str
    """Also its folder below that of the figures; `full` has none of its own."""
    width_in: float
    height_in: float | None
    """A slide has a fixed height (a bare one at most this); elsewhere a figure is as high as it needs."""
    tallest_in: float
    magnify: float
    """Final inches for a drawn inch, so also for a point of text."""
    dots_per_inch: int
    """Of the PNG, at final size."""
    is_bare: bool = False
    """Without title, measure and source, which stand in the text beside it."""

    @property
    def is_narrow(self) -> bool:
        """Whether names have to be short and things that go side by side go below one another."""
        return self.width_in < 4.0

    @property
    def is_whole(self) -> bool:
        """Whether there is room for the full account of what is drawn."""
        return self.height_in is None and not self.is_narrow and not self.is_bare

    @property
    def has_columns(self) -> bool:
        """Whether what is long and thin may stand in two columns side by side."""
        return self.width_in > 7.0


SLIDE_SCALE = 1.5
"""Text of 8 points is read in a document; on a slide it has 12."""
BARE_SCALE = 0.85
"""Text of 8 points has 6.8 in a bare figure, so that more goes into its little height."""
FULL = Page("full", 6.3, None, 8.5, 1.0, 300)
"""Text width of an A4 page in Word (16 cm); as high as the page less a caption."""
HALF = Page("half", 3.15, None, 7.0, 1.0, 300)
"""Half of it (8 cm)."""
SLIDE = Page("slide", 40 / 3 / SLIDE_SCALE, 7.5 / SLIDE_SCALE, 7.5 / SLIDE_SCALE, SLIDE_SCALE, 144)
"""A 16:9 slide as presentation programs make it (33.87 x 19.05 cm), 1920 x 1080 dots."""
PAGES: Mapping[str, Page] = {page.id: page for page in (FULL, HALF, SLIDE)}

_BARE_IN = 10 / 2.54
"""The most that a bare figure of a document is high: 10 cm."""
_BARE_SLIDE_IN = 6.0 / SLIDE_SCALE
"""What a slide has below a title of one line (15.24 cm)."""
BARE: Mapping[str, Page] = {
    "full": Page(
        "bare", FULL.width_in / BARE_SCALE, None, _BARE_IN / BARE_SCALE, BARE_SCALE, 300, True
    ),
    "half": Page(
        "bare/half", HALF.width_in / BARE_SCALE, None, _BARE_IN / BARE_SCALE, BARE_SCALE, 300, True
    ),
    "slide": Page(
        "bare/slide", SLIDE.width_in, _BARE_SLIDE_IN, _BARE_SLIDE_IN, SLIDE_SCALE, 144, True
    ),
}
"""The same sizes for who writes title, measure and source as a caption; by size, as in `PAGES`."""
ON_THE_PAGE = (FULL, HALF)
"""What a run draws and its page holds: for a desk, and for a phone, where half a page is read without zoom."""

MARGIN_IN = 0.06
DRAWN_DPI = 300
FONT = "DejaVu Sans"

TITLE_PT = 10.0
SUBTITLE_PT = 8.5
BODY_PT = 8.0
"""No text is smaller, before it is magnified."""

NAVY = "#12436D"
PALE_NAVY = "#C5D3E2"
BURGUNDY = "#801650"
ORANGE = "#F46A25"
INK = "#1A1A1A"
GREY = "#595959"
PALE_GREY = "#BFBFBF"
GRID = "#E3E3E3"
PAPER = "#FFFFFF"
SHADE = "#F3E8EE"
"""Behind the months in which a restriction or shock is in force."""

SETTINGS: Mapping[str, object] = {
    "font.family": FONT,
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
