"""The benchmarks: how they measure, and that page and figure say what the stored numbers say."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import rnn_book.numpy as numpy_half
from rnn_book import timing
from tools.bench import measure, peers, report, rows

ROOT = Path(__file__).resolve().parents[1]
STORED = report.load()
ROWS = [row for group in STORED["groups"].values() for row in group["rows"]]


class Clock:
    """A clock that contenders move on."""

    def __init__(self):
        self.now, self.log = 0.0, []

    def contender(self, name, seconds):
        spent = iter(seconds)

        def run():
            self.log.append(name)
            self.now += next(spent)

        return run

    def __call__(self):
        return self.now


def test_contenders_take_turns_and_the_first_run_does_not_count():
    clock = Clock()
    contenders = {
        "a": clock.contender("a", [100, 1, 3, 2]),
        "b": clock.contender("b", [100, 10, 30, 1000]),
    }
    found = timing.alternate(contenders, budget=0, clock=clock, rounds=3)
    assert clock.log == ["a", "b"] * 4
    assert found["a"] == {"median": 2, "low": 1.5, "high": 2.5, "rounds": 3}
    assert found["b"]["median"] == 30


def test_rounds_go_on_until_the_budget_is_spent():
    clock = Clock()
    contenders = {"a": clock.contender("a", [1] * 100), "b": clock.contender("b", [1] * 100)}
    found = timing.alternate(contenders, budget=20, clock=clock, rounds=2)
    assert found["a"]["rounds"] == found["b"]["rounds"] == 10


def test_peak_memory_counts_what_is_held_at_once():
    def run():
        for _ in range(3):
            np.ones(10_000)
        first, second = np.ones(50_000), np.ones(50_000)
        return first + second

    assert timing.peak_bytes(run) == pytest.approx(3 * 50_000 * 8, rel=0.05)


def test_ratio_is_that_of_medians():
    for row in (row for row in ROWS if "skipped" not in row):
        assert row["ratio"] == round(row["ours"]["median"] / row["theirs"]["median"], 3)
        for side in (row["ours"], row["theirs"]):
            assert 0 < side["low"] <= side["median"] <= side["high"]
            assert side["rounds"] >= 5


def test_stored_results_cover_every_row():
    measured = {
        name: [(row["name"], row["size"], row["target"]) for row in group["rows"]]
        for name, group in STORED["groups"].items()
    }
    assert list(measured) == list(rows.GROUPS)
    for name, (title, make) in rows.GROUPS.items():
        assert STORED["groups"][name]["title"] == title
        assert measured[name] == [(row.name, row.size, row.target) for row in make()]


def test_provenance_says_where_and_how():
    where = STORED["provenance"]
    assert set(where) == {
        *("date", "python", "processor", "versions", "blas", "threads", "gpu"),
        *("clock", "load_at_start", "seconds"),
    }
    assert where["threads"] == 1
    assert where["versions"]["torch"]
    assert where["blas"]


def test_memory_stays_below_its_targets():
    """Peaks are counted, not timed, so they can be held to."""
    found = STORED["memory"]
    assert all(found["arrays"][name] <= target for name, target in found["targets"].items())


def test_time_and_memory_grow_linearly():
    grown = STORED["growth"]
    assert [row["steps"] for row in grown] == list(measure.LENGTHS)
    for key, most in (("microseconds_a_step", 1.5), ("bytes_a_step", 1.35)):
        values = [row[key] for row in grown]
        assert max(values) / min(values) < most, key


def test_page_and_figure_are_made_from_the_results():
    page = (ROOT / "docs/about/benchmarks.md").read_text(encoding="utf-8")
    assert page == report.page(STORED)
    figure = (ROOT / "images/about/benchmarks.svg").read_text(encoding="utf-8")
    assert figure == report.draw_benchmarks(STORED).render()
    for row in (row for row in ROWS if "skipped" not in row):
        size = row["size"].replace(" ", "\N{NO-BREAK SPACE}")
        assert f"| {row['name']} | {size} | {row['ratio']:.2f} |" in page


def test_a_missed_target_is_called_missed():
    worse = json.loads(json.dumps(STORED))
    row = next(r for r in worse["groups"]["numpy"]["rows"] if r["target"] and report.met(r))
    row["ratio"] = row["target"] + 0.01
    before, after = (report.page(found).count("| missed |") for found in (STORED, worse))
    assert after == before + 1


def test_a_contender_that_is_missing_is_said_to_be():
    without = json.loads(json.dumps(STORED))
    group = without["groups"]["numpy"]["rows"]
    group[0] = {**{k: group[0][k] for k in ("name", "size", "target")}, "skipped": "not installed"}
    assert re.search(r"\| not installed \|$", report.page(without), re.MULTILINE)


def test_results_are_stored_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    report.store(STORED)
    assert report.load() == STORED
    assert [file.name for file in tmp_path.iterdir()] == ["results.json"]


def test_the_naive_peer_computes_what_the_layer_does():
    """A peer that did less work would make a poor comparison."""
    rng = np.random.default_rng(3)
    layer = numpy_half.LSTM(3, 4, rng=0, dtype=np.float64)
    x, d_output = rng.standard_normal((5, 2, 3)), rng.standard_normal((5, 2, 4))
    layer(x)
    d_x, _ = layer.backward(d_output)
    d_w_ih, d_w_hh, d_b, d_x_naive = peers.naive_numpy(layer, x, d_output)()
    assert np.allclose(d_x_naive, d_x, atol=1e-12)
    for name, gradient in (("weight_ih", d_w_ih), ("weight_hh", d_w_hh), ("bias_hh", d_b)):
        assert np.allclose(gradient, layer.grads[f"{name}_l0"], atol=1e-12)
