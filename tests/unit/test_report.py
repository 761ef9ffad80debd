"""The page: self-contained, escaped, and equal to the tables it was made from."""

from __future__ import annotations

import base64
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from sim.figures import FIGURES, draw
from sim.figures.finished_run import read_run
from sim.report import render
from sim.report.answer import NONE_MISSING
from sim.report.content import NOT_WITHIN, linked, short_number
from tests.run_folders import LICENCE, Invented, write_run

EVIL = '<script>alert("x")</script>'


class Outline(HTMLParser):
    """Tags and their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def page_of(tmp_path: Path, *, figures: bool = False, **what: object) -> str:
    folder = write_run(tmp_path, Invented(**what))  # type: ignore[arg-type]
    if figures:
        draw(folder)
    return render(folder).read_text(encoding="utf-8")


def words_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    text = unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ")
    return " ".join(text.split())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(tmp_path_factory.mktemp("page"), figures=True)


def test_the_page_asks_for_nothing_outside_itself(page: str) -> None:
    outline = Outline(page)
    assert not outline.all("script", "link", "iframe", "object", "video")
    for image in outline.all("img"):
        assert str(image["src"]).startswith("data:image/svg+xml;base64,")
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_has_a_language_headings_in_order_and_table_headers(page: str) -> None:
    outline = Outline(page)
    assert outline.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(head["scope"] in ("col", "row") for head in outline.all("th"))
    assert len(outline.all("caption")) == len(outline.all("table"))


def test_figures_have_their_alt_text_and_are_whole(page: str, tmp_path: Path) -> None:
    images = Outline(page).all("img")
    assert len(images) == len(FIGURES)
    for image in images:
        assert "Scenario, not a forecast." in str(image["alt"])
        svg = base64.b64decode(str(image["src"]).split(",", 1)[1])
        assert svg.rstrip().endswith(b"</svg>")


def test_the_answer_names_product_then_element_region_and_difference(page: str) -> None:
    words = words_of(page)
    assert re.search(
        r"In this scenario 2,000 t X of magnets for hot motors would be missing \(\d+ % of the need "
        r"over the whole run\), mostly for lack of betium\. Hit most: European Union",
        words,
    )
    assert (
        "Without the restrictions and measures none of these products would lack anything" in words
    )
    assert "Central values, no spread" in words


def test_a_shortage_of_the_reference_is_not_blamed_on_the_restriction(tmp_path: Path) -> None:
    words = words_of(page_of(tmp_path, reference_short=0.03))
    assert re.search(
        r"the same world without restrictions and measures would lack [\d,]+ t X", words
    )


def test_nothing_missing_is_said_and_figures_say_why_they_are_left_out(tmp_path: Path) -> None:
    words = words_of(page_of(tmp_path, short=0.0, figures=True))
    assert NONE_MISSING in words
    assert (
        "There is no figure of shortfall over time by element: no product would be short" in words
    )


def test_tables_only_runs_say_so(tmp_path: Path) -> None:
    assert "no figure was drawn" in words_of(page_of(tmp_path))


def test_the_table_is_the_summary_rounded(tmp_path: Path) -> None:
    folder = write_run(tmp_path, Invented())
    page = render(folder).read_text(encoding="utf-8")
    run = read_run(folder)
    first = run.worst.iloc[0]
    row = re.search(r'<th scope="row">magnets for hot motors</th>.*?</tr>', page, flags=re.S)
    assert row is not None
    words = words_of(row[0])
    assert words.startswith("magnets for hot motors electric cars European Union")
    assert (
        f" {first['peak']:.0f} {first['shortfall_t']:,.0f} 2025-08-01 {NOT_WITHIN} betium" in words
    )


def test_everything_people_write_is_escaped(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        figures=True,
        title=EVIL,
        question=EVIL,
        notes=EVIL,
        name="x",
        product_names={"hot": EVIL, "cold": "c", "Ee": "e"},
        levers=[{**LICENCE, "id": EVIL, "sentence": EVIL, "reason": EVIL, "source": EVIL}],
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 6


def test_levers_assumptions_changes_and_how_to_reproduce_are_on_the_page(page: str) -> None:
    words = words_of(page)
    assert "Alphaland licenses exports of betium & gammium." in words
    assert "2025-11-10: paused" in words
    assert "cars days 45.12 days 20 to 90 assumed A Ministry, Stocks of industry, 2024" in words
    assert "sites sep_a recovery 0.9 fraction 0.95 fraction what the <plant> says" in words
    assert "critmin run alphium-licence --seed 1" in words
    assert "fe" * 16 in words
    assert "title: Alphium under licence" in words


def test_only_web_addresses_become_links() -> None:
    assert str(linked("see https://a.org/x?a=1&b=2, and javascript:alert(1) <b>")) == (
        'see <a href="https://a.org/x?a=1&amp;b=2">https://a.org/x?a=1&amp;b=2</a>, '
        "and javascript:alert(1) &lt;b&gt;"
    )


def test_pack_numbers_lose_the_digits_of_their_derivation() -> None:
    assert [short_number(text) for text in ("7.48396395535", "27302.123", "0.15", "Dy", "1e400")] == [
        "7.484", "27,302", "0.15", "Dy", "1e400",
    ]  # fmt: skip
