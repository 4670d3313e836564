"""The page *Why it is fast* says what was measured."""

import copy

import pytest

from tools.bench import why
from tools.diagrams import speed

RESULTS = why.load()
SAID = why.PAGE.read_text(encoding="utf-8")


@pytest.mark.book
@pytest.mark.parametrize("name, words", why.facts(RESULTS).items())
def test_every_number_on_the_page_is_that_of_the_results(name, words):
    assert SAID.count(words) == 1, f"python -m tools.bench.why rewrites it: {words}"


def test_other_results_are_other_words():
    changed = copy.deepcopy(RESULTS)
    for row in changed["shares"]:
        row["ours"] *= 2
        row["products"] *= 2
    old, new = why.facts(RESULTS), why.facts(changed)
    differ = {name for name in old if old[name] != new[name]}
    assert differ == {"batches", "largest", "products", "alone", "browser batch", "browser alone"}


def test_the_browser_is_compared_with_the_same_processor():
    assert RESULTS["browser processor"] == RESULTS["provenance"]["processor"]


@pytest.mark.book
def test_what_the_page_concludes_holds_of_the_results():
    *batches, alone = [row["ours"] / row["torch"] for row in RESULTS["shares"]]
    assert max(batches) < 2 < alone
    share = [row["products"] / row["ours"] for row in RESULTS["shares"]]
    assert share[2] > 0.8
    assert share[2] > share[0] > share[3]
    calls = {row["numbers"]: row for row in RESULTS["calls"]}
    assert calls[4096]["together"] < 3.5 * calls[64]["together"]
    assert calls[4096]["apart"] > 2 * calls[4096]["together"]
    assert RESULTS["layout"]["first"] < RESULTS["layout"]["beside"]
    at_once = RESULTS["input"]["at once"] / RESULTS["input"]["by step"]
    assert at_once == pytest.approx(1, abs=0.3)
    second, none = (RESULTS["kernels"][kind] for kind in ("second", "none"))
    assert second["in blocks"] > 1.3 * second["whole"]
    assert none["in blocks"] == pytest.approx(none["whole"], rel=0.1)
    parts = speed.parts(RESULTS["shares"][3])
    assert parts["calls"] + parts["rest"] > 0.7 * alone


def test_the_parts_of_a_bar_make_up_its_length():
    for row in RESULTS["shares"]:
        parts = speed.parts(row)
        assert all(part >= 0 for part in parts.values())
        assert sum(parts.values()) == pytest.approx(row["ours"] / row["torch"], rel=1e-3)


def test_a_measurement_has_all_that_the_page_needs(monkeypatch):
    monkeypatch.setattr(why, "SIZES", ((3, 2, 4, 32),) * 3 + ((3, 1, 4, 32),))
    browser = copy.deepcopy(RESULTS["browser"])
    kept = {name: RESULTS[name] for name in ("browser processor", "kernels")}
    found = why.measure(budget=0.0) | {"browser": browser} | kept
    assert {key: type(value) for key, value in found.items()} == {
        key: type(value) for key, value in RESULTS.items()
    }
    for row, batch in zip(browser, (2, 1), strict=True):
        row["size"] = [3, batch, 4, 32]
    assert set(why.facts(found)) == set(why.facts(RESULTS))
    assert speed.where_the_time_goes(found).render()
    assert speed.one_call(found).render()
