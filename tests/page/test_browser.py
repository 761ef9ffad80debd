"""The page in a real browser: accessible, quiet, self-contained, as wide as a phone, and printable."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page.runs import run_of

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")

RUNS = ("licences", "busy")
"""Of the shipped world with long tables and the queue's figure, and all kinds of lever of the toy mineral; what
other pages have, these have too. That of `hostile` is as wide as what people write is long."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    # No sandbox, because a container's root has none; the others keep the browser from calling home.
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
}
PHONE, DESKTOP = {"width": 375, "height": 812}, {"width": 1280, "height": 900}


def _browser_path() -> str:
    given = os.environ.get("CRITMIN_CHROMIUM", "")
    return given or next(filter(None, map(shutil.which, NAMES)), "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = _browser_path()
    if not path:
        pytest.skip("no Chromium found: install it, or name it in CRITMIN_CHROMIUM")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """Opens the page of a run at a size; whatever the browser complains of or asks for fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(name: str, size: dict[str, int]) -> Any:
        context = browser.new_context(viewport=size, accept_downloads=True, bypass_csp=False)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda asked: complaints.extend(_outside(asked.url)))
        page.on("dialog", lambda dialog: (complaints.append("a dialog"), dialog.dismiss()))
        page.goto((run_of(name) / "report.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _outside(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:")) else [f"request: {url}"]


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_rule_of_accessibility_is_broken(opened: Any, name: str, size: dict[str, int]) -> None:
    page = opened(name, size)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = axe_module.Axe().run(page, options=RULES).response
    broken = [
        f"{rule['id']}: {rule['help']}: {node['html'][:120]}"
        for rule in (*found["violations"], *_undecided_contrast(found))
        for node in rule["nodes"]
    ]
    assert broken == []
    # A run of axe that looked at nothing would pass as well.
    assert {"color-contrast", "heading-order", "role-img-alt", "html-has-lang", "region"} <= {
        rule["id"] for rule in (*found["passes"], *found["inapplicable"])
    }


def _undecided_contrast(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What axe leaves to a person about colours; on a plain page there should be none."""
    return [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]


def test_the_check_finds_what_it_is_for(opened: Any) -> None:
    page = opened("nothing-short", DESKTOP)
    page.evaluate(
        "document.querySelector('h1').insertAdjacentHTML('afterend',"
        " '<h4>x</h4><p style=\"color:#ccc\">pale</p><table><tr><th></th></tr></table>')"
    )
    broken = {
        each["id"] for each in axe_module.Axe().run(page, options=RULES).response["violations"]
    }
    assert {"heading-order", "color-contrast", "empty-table-header"} <= broken


@pytest.mark.parametrize("name", [*RUNS, "hostile"])
def test_nothing_makes_a_phone_scroll_sideways(opened: Any, name: str) -> None:
    page = opened(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for width in (320, 360, 375, 390):
        page.set_viewport_size({"width": width, "height": 812})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sticking_out = page.evaluate(
            """width => [...document.querySelectorAll('main *')]
            .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > width + 1)
            .map(e => e.outerHTML.slice(0, 100))""",
            width,
        )
        assert sticking_out == []


def test_a_phone_shows_figures_that_are_read_without_zoom_and_the_wide_ones_by_a_tap(
    opened: Any,
) -> None:
    page = opened("one-element", PHONE)
    figure = page.locator("figure").first
    shown = figure.locator("img:visible")
    # The drawing of 8 cm, 302 pixels, whose text has 8 points: at this width or more it is read as it is.
    assert shown.get_attribute("class") == "narrow"
    assert 302 <= shown.bounding_box()["width"] <= PHONE["width"]
    figure.locator("a.larger").click()
    # 8 points of text need 16 cm of picture, 605 pixels.
    assert shown.get_attribute("class") == "wide"
    assert shown.bounding_box()["width"] >= 605
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    figure.locator("a.smaller").click()
    assert shown.bounding_box()["width"] <= PHONE["width"]
    page.set_viewport_size(DESKTOP)
    assert shown.get_attribute("class") == "wide"


def test_regions_that_scroll_can_be_reached_by_keyboard_and_have_a_name(opened: Any) -> None:
    page = opened("busy", PHONE)
    unreachable = page.evaluate(
        """[...document.querySelectorAll('main *')].filter(each =>
        each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === 'auto'
        && !(each.tabIndex === 0 && each.getAttribute('aria-label'))).length"""
    )
    assert unreachable == 0


@pytest.mark.parametrize("name", RUNS)
def test_the_page_prints_with_its_figures_whole_and_on_white(
    opened: Any, name: str, tmp_path: Path
) -> None:
    page = opened(name, DESKTOP)
    page.emulate_media(media="print")
    looks = page.evaluate(
        """() => ({
          figures: [...document.querySelectorAll('figure')].map(f => getComputedStyle(f).breakInside),
          rows: [...document.querySelectorAll('tr')].map(r => getComputedStyle(r).breakInside),
          heads: [...document.querySelectorAll('thead')].map(h => getComputedStyle(h).display),
          grounds: [...document.querySelectorAll('body, .answer, pre')].map(e =>
            getComputedStyle(e).backgroundColor),
          contents: getComputedStyle(document.querySelector('nav')).display,
        })"""
    )
    assert set(looks["figures"]) | set(looks["rows"]) == {"avoid"}
    assert set(looks["heads"]) == {"table-header-group"}
    assert set(looks["grounds"]) <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert looks["contents"] == "none"
    path = tmp_path / "page.pdf"
    page.pdf(path=path, format="A4")
    assert path.read_bytes().startswith(b"%PDF-")
    assert path.stat().st_size > 20_000


def test_the_scenario_can_be_saved_from_the_page(opened: Any, tmp_path: Path) -> None:
    folder = run_of("hostile")
    page = opened("hostile", DESKTOP)
    with page.expect_download() as saving:
        page.locator("a[download]").click()
    assert saving.value.suggested_filename == "hostile.yaml"
    saving.value.save_as(tmp_path / "saved.yaml")
    written = (folder / "scenario" / "hostile.yaml").read_bytes()
    assert (tmp_path / "saved.yaml").read_bytes() == written
