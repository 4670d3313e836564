"""Letters of figures are large enough on a phone: where its column is too narrow, they scroll."""

import base64
from urllib.parse import unquote, urljoin

import pytest

from rnn_book.experiments import plots
from rnn_book.experiments.claims import Picture
from tests import browser as chromium
from tests.hooks import hook
from tests.test_browser import ALL_IMAGES, look, unfold

SMALLEST = 9  # px
WIDEST = 720  # px; two screens of a phone are as much as a reader should scroll
DATA = "data:image/svg+xml;base64,"
# Plots, drawings, a lab with powers of ten, what scrolls, and figures within folds.
SOME = ("projects/temperature/", "projects/character-model/", "lstm/long-lags/", "gru/gru-cell/")
SOME += ("labs/gradients-over-time/", "about/benchmarks/", "rnn/vanishing-gradients/")
SCROLL = ("projects/temperature/", "projects/character-model/")

# The size of each drawing's smallest letter, as the browser scales it; whether it scrolls, and its
# box tells so.
MEASURED = """async () => {
  const found = [];
  for (const image of document.querySelectorAll("article img")) {
    const width = image.getBoundingClientRect().width;
    const frame = document.createElement("div");
    frame.style.width = `${width}px`;
    frame.innerHTML = image.src.startsWith("data:")
      ? atob(image.src.split(",")[1])
      : await (await fetch(image.src)).text();
    document.body.append(frame);
    const svg = frame.querySelector("svg");
    svg.style.width = "100%";
    const size = (e) => (e.matches("use") ? 100 : parseFloat(getComputedStyle(e).fontSize));
    const scale = (e) => Math.hypot(e.getScreenCTM().a, e.getScreenCTM().b);
    const letters = [...svg.querySelectorAll("text, tspan, use[*|href^='#DejaVu']")];
    const smallest = Math.min(...letters.map((e) => scale(e) * size(e)));
    frame.remove();
    const box = image.closest(".figure-box");
    const scrolls = width > (box ?? image.parentElement).clientWidth + 1;
    const tells = box?.tabIndex === 0 && box.hasAttribute("data-more");
    found.push({ name: image.alt.slice(0, 60), smallest, scrolls, tells });
  }
  return found;
}"""


@pytest.fixture(scope="module")
def figures():
    return hook("figures")


def drawings(site, pages):
    """Every drawing that a page shows: the page, the image, and what is drawn."""
    for path, soup in pages.items():
        for image in soup.select("article img"):
            source = unquote(image["src"])
            if source.startswith(DATA):
                yield path, image, base64.b64decode(source.removeprefix(DATA))
            elif source.endswith(".svg"):
                file = site / urljoin(f"/{path}", source).lstrip("/")
                yield path, image, file.read_bytes()


@pytest.mark.book
def test_every_figure_has_the_width_that_its_letters_need(site, pages, figures):
    wrong, count = [], 0
    for path, image, drawing in drawings(site, pages):
        count += 1
        name = f"{path}: {image['alt'][:60]}"
        least = figures.least_width(drawing)
        if not 0 < least <= min(WIDEST, int(image["width"])):
            wrong.append(f"{name}: its smallest letter needs {least} px")
        is_boxed = "figure-box" in image.parent.get("class", ())
        if is_boxed != (least > figures.NARROW):
            wrong.append(f"{name}: {least} px, {'' if is_boxed else 'not '}in a box that scrolls")
        if is_boxed and image["style"] != f"--least: {least}px":
            wrong.append(f"{name}: {image['style']}, not {least} px")
    assert count > 130
    assert not wrong, "\n".join(wrong)


def test_the_smallest_letter_counts_as_it_is_scaled(figures):
    text = '<text font-size="20">a<tspan font-size="15">b</tspan></text>'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 100">{}</svg>'
    assert figures.least_width(svg.format(text).encode()) == 500 * SMALLEST / 15
    scaled = f'<g transform="translate(1 2) scale(0.5)">{text}</g>'
    assert figures.least_width(svg.format(scaled).encode()) == 500 * SMALLEST / 7.5
    assert figures.least_width(svg.format("<path d='M 0 0'/>").encode()) == 0


def test_letters_that_are_outlines_count_with_the_size_of_their_font(figures):
    with plots.book_style():
        figure, axes = plots.canvas()
        axes.set(xticks=(), yticks=(), title="$10^2$ of 3")
        plot = plots.svg(Picture(figure, "A title", "Words"))
    sizes = {round(size, 2) for size in figures.letters(figures.ElementTree.fromstring(plot))}
    assert sizes == {12, 8.4}


@pytest.mark.book
@pytest.mark.parametrize("path", SOME)
def test_on_a_phone_a_figure_scrolls_and_its_page_does_not(path, browser, address):
    viewport = {"width": 390, "height": 844}
    with chromium.watched(browser, address, viewport=viewport) as (page, wrong):
        page.goto(address + path)
        unfold(page)
        page.evaluate(ALL_IMAGES)
        page.evaluate("new Promise((then) => setTimeout(then, 100))")
        found = page.evaluate(MEASURED)
        assert found
        assert [one for one in found if one["smallest"] < SMALLEST - 0.01] == []
        assert [one for one in found if one["scrolls"] and not one["tells"]] == []
        assert any(one["scrolls"] for one in found) or path not in SCROLL
        assert not look("tooWide", page) + look("secretScrolling", page) + wrong
