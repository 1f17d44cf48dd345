"""The brief in a real browser: no network, clicks, the keyboard, accessibility, paper.

Needs Chromium (`apt-get install -y --no-install-recommends chromium`) and the Python packages playwright and
axe-playwright-python. Without them the tests are skipped, unless MICROSIM_BROWSER=required.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = os.environ.get("MICROSIM_BROWSER") == "required"


def chromium() -> str:
    """Path of the browser; skips, or fails where it is required, with what to install."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    missing = [] if found else ["chromium (apt-get install -y --no-install-recommends chromium)"]
    for package in ("playwright", "axe_playwright_python"):
        try:
            __import__(package)
        except ImportError:
            missing.append(f"{package.replace('_', '-')} (pip)")
    if missing:
        told = f"no browser test: {' and '.join(missing)} not installed"
        if REQUIRED:
            pytest.fail(told)
        pytest.skip(told)
    assert found
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


Open = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, page_file: Path) -> Iterator[Open]:
    """Open the brief from disk with the network cut; at the end nothing was requested or complained of."""
    heard: list[str] = []
    contexts = []

    def open_page(width: int = 1100, scheme: str = "light", scripts: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("request", lambda request: heard.append(f"request: {request.url[:80]}"))
        page.goto(page_file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    allowed = f"request: {page_file.as_uri()[:80]}"
    assert [said for said in heard if said != allowed and not said.startswith("request: data:")] == []


def column(page: Any, position: int) -> list[float]:
    cells = page.locator(f"#states table tbody tr > :nth-child({position})")
    return [
        float(value) for value in cells.evaluate_all("cells => cells.map(c => c.querySelector('data').value)")
    ]


def test_a_column_is_sorted_by_click_and_by_key(visit: Open) -> None:
    page = visit()
    before = column(page, 7)
    heading = page.get_by_role("button", name="Opioid overdose deaths")
    heading.click()
    assert column(page, 7) == sorted(before, reverse=True) != before
    assert page.locator("#states th[aria-sort=descending]").count() == 1
    heading.focus()
    page.keyboard.press("Enter")
    assert column(page, 7) == sorted(before)
    page.get_by_role("button", name=re.compile("^State")).click()
    assert page.locator("#states tbody th").first.inner_text() == "Alabama"


def test_a_state_is_chosen_from_the_list_and_on_the_map(visit: Open) -> None:
    page = visit()
    page.get_by_label("Choose a state").select_option("OH")
    row = page.locator("#states tr.chosen")
    assert row.count() == 1 and row.locator("th").inner_text() == "Ohio"
    told = page.locator("#chosen").inner_text()
    assert row.locator("td").last.inner_text().strip() in told and "Opioid overdose deaths" in told
    page.locator("#states-map svg.wide [data-state=WV]").click()
    assert page.get_by_label("Choose a state").input_value() == "WV"
    assert page.locator("#states tr.chosen th").inner_text() == "West Virginia"
    page.get_by_label("Choose a state").select_option("")
    assert page.locator("#states tr.chosen").count() == 0


def test_pointing_at_a_mark_says_its_number(visit: Open) -> None:
    page = visit()
    page.locator("#states-map svg.wide [data-state=CA]").hover()
    tip = page.locator("#tip")
    assert tip.is_visible() and tip.inner_text().startswith("California: ")
    page.keyboard.press("Escape")
    assert tip.is_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (390, "dark")])
def test_axe_finds_nothing(visit: Open, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(width, scheme)
    # Long lists repeat one kind of row, and axe reads every one.
    page.evaluate("""document.querySelectorAll('details').forEach(
        one => { one.open = one.querySelectorAll('tr, li').length < 60; })""")
    page.get_by_label("Choose a state").select_option("OH")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    told = [
        (one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found.response["violations"]
    ]
    assert told == []


@pytest.mark.parametrize("width", [1100, 700, 390, 320])
def test_nothing_runs_over_the_side(visit: Open, width: int) -> None:
    page = visit(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.locator("figure svg:visible")
    assert shown.count() == page.locator("figure").count()
    kind = "wide" if width > 640 else "narrow"
    assert all(one == kind for one in shown.evaluate_all("all => all.map(one => one.getAttribute('class'))"))


def test_it_is_complete_without_scripts(visit: Open) -> None:
    page = visit(scripts=False)
    assert page.locator("#states tbody tr").count() == 51
    assert page.get_by_label("Choose a state").is_hidden()
    assert page.locator("figure svg.wide:visible").count() == page.locator("figure").count()


def test_it_prints_whole(visit: Open) -> None:
    page = visit()
    # The protocol prints without the events of a person's print, so folded parts must open by style alone.
    page.emulate_media(media="print")
    assert page.locator("#deaths details table").first.is_visible()
    assert page.get_by_label("Choose a state").is_hidden()
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF") and 8 < len(re.findall(rb"/Type\s*/Page\b", pdf)) < 60
