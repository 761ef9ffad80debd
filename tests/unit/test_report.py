"""The page: self-contained, escaped, and equal to the tables it was made from."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import pandas as pd
import pytest

from sim.figures import ORDER, draw
from sim.report import render
from sim.report.answer import NONE_MISSING
from sim.report.content import ASSUMPTIONS_SHOWN, linked, short_number
from sim.report.page import KEPT_IN_ADDRESS, quoted
from tests.run_folders import BAN, CLOSURE, LICENCE, PILE, PROJECTS, Invented, write_run

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
        assert str(image["src"]).startswith("data:image/svg+xml;")
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


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
    outline = Outline(page)
    words = [each["aria-label"] for each in outline.all("div") if each.get("role") == "img"]
    assert len(words) == len(set(words)) == len(ORDER)
    assert all("Scenario, not a forecast." in str(each) for each in words)
    images = outline.all("img")
    assert images
    for image in images:
        assert image["alt"] == ""  # it is said of both drawings of a figure at once
        svg = ElementTree.fromstring(unquote(str(image["src"]).split(",", 1)[1]))
        assert svg.tag.endswith("}svg")


def test_the_answer_says_how_much_of_what_where_from_when_and_for_how_long(page: str) -> None:
    words = words_of(page)
    assert re.search(
        r"In this scenario users everywhere would lack [\d,]+ t X over the whole run, 2025-01 to 2027-12: "
        r"[\d.]+ % of their need of [\d,]+ t X of everything\. In the worst month, \w+ 202\d, it would "
        r"be [\d.]+ % of that month's need\. The same world "
        r"without restrictions, shocks and measures would lack none of it",
        words,
    )
    assert re.search(
        r"Of the products, most tonnes would be missing of magnets for hot motors: 2,000 t X \(\d+ % of "
        r"what users everywhere need of them\), mostly for lack of betium\. Hit most: the European Union",
        words,
    )
    assert (
        "The first to be short by more than 5 % would be electric cars in the European Union, for magnets for "
        "hot motors, in the week to 2025-08-01 (119 days after the first restriction), and "
        in words
    )
    assert words.index("Central values, no spread") < words.index("In this scenario")


def test_a_shortage_of_the_reference_is_not_blamed_on_the_restriction(tmp_path: Path) -> None:
    """It comes first and by itself, with what, where, from when, how much and why."""
    words = words_of(page_of(tmp_path, reference_short=0.03))
    assert re.search(
        r"Short without any restriction Without restrictions, shocks and measures the same world would "
        r"already lack ([\d,]+ t X) over the whole run \([\d.]+ % of what users everywhere need of "
        r"everything\): Plain magnets in the European Union, from Jan 2025: [\d,]+ t X .* Makers and users "
        r"would lack betium\. .* What the scenario does In this scenario .* The same world without "
        r"restrictions, shocks and measures would lack \1 of it\. Compared with that by product, user, region "
        r"and month, [\d,]+ t X would come on top in the scenario, and [\d,]+ t X of what that world lacks "
        r"would not be missing, be it by the measures or since what could not leave comes out later",
        words,
    )
    assert "would be missing beyond what is missing anyway of magnets for hot motors: " in words
    assert "Missing in all, t X Of it beyond the reference, t X" in words


def test_the_rules_that_moved_most_are_named_and_what_is_left_out_hangs_on_them(
    tmp_path: Path,
) -> None:
    days = {"days": {"value": 90.0, "unit": "d"}}
    parts = {
        "mines": {"value": True, "in_pack": True},
        "separation": {"value": False, "in_pack": True},
        "thrifting": {"value": False, "in_pack": True},
    }
    share = {"by_sector": {"motors": 0.1, "gadgets": 0.4}, "from_pack": "sectors"}
    behaviour = {
        "piles": days, "new_supply": "off", "producers": "on", "limits": parts,
        "swaps": {"share": {"value": 0.3}}, "grades": "on",
        "postponable": {"share": share},
        "expediting": {
            "days": {"value": 5.0}, "threshold": {"value": 10.0}, "oxide_price": {"value": 50.0},
            "freight": {"value": 6.0},
        },
    }  # fmt: skip
    words = words_of(
        page_of(
            tmp_path,
            behaviour=behaviour,
            moved={"piles": 30.0, "limits": 800.0, "expediting": 20.0},
        )
    )
    assert re.search(
        r"limits: 800 t X \(reference: 400 t X\) of ore .* piles: 30 t X \(reference: 15 t X\) of by-products "
        r".* expediting: 20 t X \(reference: 10 t X\) would fly to users .* once less than 10 days of planned "
        r"use are in stock, take 5 days, and of oxides only those of 50 USD/kg or more do\. producers: it "
        r"moved nothing\. swaps: it moved nothing; at most 30 % of a grade's effect\. grades: it moved "
        r"nothing\. postponable: it changes no tonne; output at risk leaves out 10 % to 40 % of a "
        r"sector's use, which can wait or is made without\. Of the limits these are left out: of separation "
        r"and thrifting\. Off in this run: new_supply, market, designs, sharing, priority and offices\.",
        words,
    )
    assert (
        "which is an assumption, and mines grow there no faster than the pack says; nobody" in words
    )
    assert "oxides below the price from which they fly never do." in words
    assert "is not made up later: no backlog is counted" in words
    assert "lie in piles of 90 days of output" in words
    assert "take their buyers from others for good, whether or not they deliver" in words
    degree = {"value": 0.3, "of_pack": {"value": 0.1, "low": 0.0, "high": 1.0}}
    lends = words_of(
        page_of(tmp_path / "lends", behaviour={**behaviour, "sharing": {"degree": degree}}, name="lends",
                moved={"sharing": 30.0})
    )  # fmt: skip
    assert (
        "sharing: 30 t X (reference: 15 t X) would be lent among users of one sector in one region, by those "
        "who hold more days of use than the mean of all; 30 % of what a user holds above the mean is lent "
        "within a week (the pack has 10 %, between 0 % and 100 %), nothing to who was refused a licence for "
        "it; the less is lent, the more is missing." in lends
    )
    assert "lend one another 30 % a week of what they hold above the mean" in lends
    order = {
        "sellers": {"value": {"all": "proportional", "AAA": "by_class"}},
        "regions": {"value": {"CCC": "by_class"}}, "floors": {"value": {"defence": 0.8}},
        "classes": {"value": ["defence", "other"], "from_pack": "pack"},
    }  # fmt: skip
    first = words_of(
        page_of(tmp_path / "first", behaviour={**behaviour, "priority": order}, name="first",
                moved={"priority": 30.0})
    )  # fmt: skip
    assert re.search(
        r"would be sent to others than if all shared in proportion, or kept for contracts; all sellers serve "
        r"in proportion; \w+ serves by class; \w+ shares by class what it gets of each seller; defence gets "
        r"80 % of its planned use before the rest is shared, as far as it orders of sellers that may send and "
        r"do not serve home first; defence and other, in this order\.",
        first,
    )
    assert "no sector comes before another" in lends
    assert "no sector comes before another" not in first
    rigid = words_of(
        page_of(tmp_path / "rigid", behaviour=dict.fromkeys(behaviour, "off"), name="rigid")
    )
    assert "No rule of behaviour holds in this run: everybody keeps to the plan." in rigid
    assert "whatever the size: nothing limits how fast mines and plants grow there" in rigid
    assert "By-products that nobody buys pile up at their plants without end" in rigid


def test_beside_the_tonnes_of_the_largest_gap_stands_for_how_long_output_is_below_80_percent(
    tmp_path: Path,
) -> None:
    about = {"label": "", "low": None, "high": None, "material": "hot", "region": "EU"}
    words = "Once the 10 % of this use that can wait is made without, output would be"
    for weeks, share, said in (
        (30.7, {"value": 0.1}, f"{words} below 80 % for 31 weeks in all."),
        (0.3, {"by_sector": {"motors": 0.1}}, f"{words.removesuffix(' be')} not be below 80 % in any week."),
        (1.2, {"by_sector": {"motors": 0.0}}, "Its output would be below 80 % for a week in all."),
    ):  # fmt: skip
        rules = {"postponable": {"share": share}}
        folder = write_run(tmp_path / str(weeks), Invented(behaviour=rules))
        numbers = [
            {"id": id, "value": value, "unit": unit, "sector": "motors", **about}
            for id, value, unit in (
                ("worst_shortfall", 90.0, "t X"),
                ("worst_weeks_below_80", weeks, "weeks"),
            )
        ]
        known = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
        (folder / "headline.json").write_text(json.dumps(known + numbers), encoding="utf-8")
        assert said in words_of(render(folder).read_text(encoding="utf-8"))


def test_nothing_missing_is_said_and_figures_say_why_they_are_left_out(tmp_path: Path) -> None:
    words = words_of(page_of(tmp_path, short=0.0, figures=True))
    assert NONE_MISSING in words
    assert (
        "There is no figure of shortfall over time by element: no product would be short" in words
    )


def test_tables_only_runs_say_so(tmp_path: Path) -> None:
    assert "no figure was drawn" in words_of(page_of(tmp_path))


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
    assert (
        "Electric cars, European Union: stock that is wanted, in days of use 45.12 days 20 to 90 assumed "
        "[1] [2] p. 14; covers.csv, line 7. no survey found" in words
    )
    assert "-3 days none given assumed [2] covers.csv, line 8." in words
    assert "sites sep_a recovery 0.9 fraction 0.95 fraction what the <plant> says" in words
    assert "critmin run alphium-licence.yaml --seed 1" in words
    assert "fe" * 16 in words
    assert "# as somebody wrote it title: Alphium under licence" in words


def test_each_assumption_leads_to_its_source_and_the_rest_is_folded_away(tmp_path: Path) -> None:
    outline = Outline(page_of(tmp_path, assumptions=ASSUMPTIONS_SHOWN + 3))
    anchors = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    links = [str(link["href"]) for link in outline.all("a")]
    assert links.count("#source-2") == ASSUMPTIONS_SHOWN + 3
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    assert "https://example.org/stocks?a=1&b=2" in links
    names = [tag for tag, _ in outline.tags]
    folded = names.index("details")
    assert names[:folded].count("tr") - names[:folded].count("thead") >= ASSUMPTIONS_SHOWN
    assert outline.all("details")[0] == {}


def test_levers_are_named_in_words_where_they_limit(tmp_path: Path) -> None:
    words = words_of(page_of(tmp_path, levers=[LICENCE], limited_by={"hot": "licence", "Ee": "Bb"}))
    assert "most of it stopped by the export licence of Alphaland from 2025-04-04" in words


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({}, "The closing of the corridor would hold up nothing that was planned or on the way."),
        ({"no_route": 75.5}, "Of what was meant for a closed corridor, 76 t X would stay with the seller for "
         "want of a route."),
        ({"detoured": 142.4, "detoured_days": -10.0}, "Of what was meant for a closed corridor, 140 t X would "
         "go by the next route and arrive 10 days earlier than they usually do."),
        ({"detoured": 142.4, "detoured_days": 12.0, "no_route": 75.5, "held_on_way": 7.9,
          "held_on_way_days": 362.0}, "Of what was meant for a closed corridor, 140 t X would go by the next "
         "route and arrive 12 days later than they usually do, 76 t X would stay with the seller for want of a "
         "route and 7.9 t X would wait on the way for 360 days."),
    ],
)  # fmt: skip
def test_what_closures_do_to_goods_is_said_once(
    tmp_path: Path, numbers: dict[str, float], said: str
) -> None:
    folder = write_run(tmp_path, Invented(levers=[CLOSURE, {**CLOSURE, "id": "again"}]))
    headline = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    for id, value in numbers.items():
        unit = "days" if id.endswith("_days") else "t X"
        headline.append({**headline[0], "id": id, "value": value, "unit": unit})
    (folder / "headline.json").write_text(json.dumps(headline), encoding="utf-8")
    words = words_of(render(folder).read_text(encoding="utf-8"))
    assert words.count(said) == 1
    assert words.count("closed corridor") + words.count("The closing of the corridor") == 1


@pytest.mark.parametrize(
    ("in_calm", "said"),
    [
        (30.0, "330 t X drawn, of it 30 t X in months without a restriction or shock in force."),
        (3.0, "300 t X drawn."),
        (None, "Japan holds 480 t."),
    ],
)
def test_a_stock_says_what_was_drawn_and_how_much_of_it_in_calm(
    tmp_path: Path, in_calm: float | None, said: str
) -> None:
    folder = write_run(tmp_path, Invented(levers=[BAN, PILE]))
    if in_calm is not None:
        pd.DataFrame(
            {
                "month": ["2025-02", "2026-06", "2026-06"],
                "seller": ["japan/pile", "japan/pile", "mine_kaz"],
                **dict.fromkeys(("buyer", "product", "buyer_country", "buyer_region"), ""),
                "dispatched_t": [in_calm, 300.0, 9.0],
            }
        ).to_csv(folder / "records" / "shipments.csv.gz", index=False)
    words = words_of(render(folder).read_text(encoding="utf-8"))
    assert f"Stockpile release of Japan from 2026-05-01: {said} " in words


@pytest.mark.parametrize(
    ("before", "also"),
    [
        (0.0, "."),
        (120.0, "; 540 t X more than at the base year's rate of 120 t X a year."),
        (900.0, "; no more than at the base year's rate of 900 t X a year."),
    ],
)
def test_a_project_says_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: float, also: str
) -> None:
    monkeypatch.setitem(PROJECTS[0], "before_t", before)
    made = "900 t X made (mine), with what is added counted at 30 % of its design size"
    assert f"{made}{also} " in words_of(page_of(tmp_path))


def test_what_the_kinds_of_lever_leave_out_stands_among_the_rest(page: str) -> None:
    left_out = words_of(page).partition("There is no price: ")[2]
    assert "Nobody smuggles <anything>. Stocks are assumed by kind of buyer" in left_out


def test_only_web_addresses_become_links() -> None:
    assert str(linked("see https://a.org/x?a=1&b=2, and javascript:alert(1) <b>")) == (
        'see <a href="https://a.org/x?a=1&amp;b=2">https://a.org/x?a=1&amp;b=2</a>, '
        "and javascript:alert(1) &lt;b&gt;"
    )


def test_pack_numbers_lose_the_digits_of_their_derivation() -> None:
    assert [short_number(text) for text in ("7.48396395535", "27302.123", "0.15", "Dy", "1e400")] == [
        "7.484", "27,302", "0.15", "Dy", "1e400",
    ]  # fmt: skip


def test_a_picture_in_an_address_is_quoted_as_the_standard_library_does() -> None:
    every = "".join(map(chr, range(32, 127))) + '\n\u00fc\u2603 100 %41 # & "'
    assert quoted(every) == quote(every, safe=KEPT_IN_ADDRESS)
