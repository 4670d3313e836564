"""Numbers in the prose of pages are those of the stored results.

A paragraph that states measured numbers says so in a comment before it, which no reader sees:
``<!-- weather: nearest = 3.61; nearest, shuffled = 0.83 -->``, each name one of the claim's
`numbers`. In a section that shows a claim's result, no other decimal may stand in the prose.
"""

import re
from pathlib import Path

import pytest

from rnn_book.experiments import report
from rnn_book.experiments.claims import CLAIMS, claim
from tests import markdown

ROOT = Path(__file__).resolve().parents[1]
COMMENT = re.compile(r"<!-- (\w+): (.+?) -->\n(.+?)(?=\n\n|\Z)", re.DOTALL)
PAGES = [page for page in markdown.pages(ROOT) if "snippets" not in page.parts]
NAMED = [name for name in CLAIMS if hasattr(claim(name), "numbers")]


def stated(text):
    """Claim, names with values, and the paragraph that states them."""
    return [
        (found[1], dict(part.split(" = ") for part in found[2].split("; ")), found[3])
        for found in COMMENT.finditer(text)
        if found[1] in CLAIMS
    ]


def faults(text, numbers):
    """What is wrong with the numbers of a page; `numbers` gives those of a claim."""
    found = []
    for name, values, paragraph in stated(text):
        for key, value in values.items():
            if numbers(name).get(key) != value:
                found.append(f"{name}: {key} is {numbers(name).get(key)}, not {value}")
            if not re.search(rf"(?<![\d.]){re.escape(value)}(?![\d])", paragraph):
                found.append(f"{name}: {value} does not stand in the paragraph")
    return found


def loose(text, names):
    """Decimals in the prose of sections that show one of the claims, and are not stated."""
    found = []
    for section in re.split(r"^#+ ", text, flags=re.MULTILINE):
        if not any(f"results/{name}.md" in section for name in names):
            continue
        values = " ".join(value for _, found, _ in stated(section) for value in found.values())
        known = set(re.findall(r"\d+\.\d+", values))
        prose = re.sub(
            r"<!--.*?-->|```.*?```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)", "", section, flags=re.S
        )
        prose = "\n".join(line for line in prose.splitlines() if not line.startswith(("--8<", "|")))
        found += [d for d in re.findall(r"\d+\.\d+", prose) if d not in known]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_numbers_in_prose_are_those_of_the_result(page):
    text = page.read_text(encoding="utf-8")
    kept = {}

    def numbers(name):
        if name not in kept:
            kept[name] = claim(name).numbers(report.load(name)["summary"])
        return kept[name]

    assert faults(text, numbers) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_measured_number_stands_unchecked(page):
    assert loose(page.read_text(encoding="utf-8"), NAMED) == []


def test_a_number_that_differs_is_found():
    text = "<!-- weather: ridge = 2.50; lag = 24 -->\nRidge needs 2.50, late by 24 hours.\n"
    assert faults(text, lambda name: {"ridge": "2.50", "lag": "24"}) == []
    assert faults(text, lambda name: {"ridge": "2.51", "lag": "24"}) == [
        "weather: ridge is 2.51, not 2.50"
    ]
    other = text.replace("needs 2.50", "needs 12.50")
    assert faults(other, lambda name: {"ridge": "2.50", "lag": "24"}) == [
        "weather: 2.50 does not stand in the paragraph"
    ]


def test_a_number_that_nobody_checks_is_found():
    section = '## A\n\nIt needs 2.5 bits.\n\n--8<-- "results/weather.md:table"\n'
    assert loose(section, ["weather"]) == ["2.5"]
    assert loose(section.replace("2.5", "`2.5`"), ["weather"]) == []
    interval = section.replace("It", "<!-- weather: gain = −0.1 [−2.5, 2.3] -->\nIt")
    assert loose(interval, ["weather"]) == []
    assert loose(interval.replace("2.5 bits", "2.4 bits"), ["weather"]) == ["2.4"]
    assert loose(section, ["stacking"]) == []
